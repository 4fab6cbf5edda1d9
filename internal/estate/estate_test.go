package estate_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"showback"
	"showback/internal/estate"
)

var through = time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC)

// written is one estate on disk for all tests that only read it.
var written = sync.OnceValues(func() (estate.Summary, error) {
	dir, err := os.MkdirTemp("", "estate")
	if err != nil {
		return estate.Summary{}, err
	}
	writtenDir = dir
	return estate.New(estate.Config{Seed: 1, Through: through}).Write(dir)
})

var writtenDir string

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(writtenDir)
	os.Exit(code)
}

func summary(t *testing.T) estate.Summary {
	t.Helper()
	s, err := written()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// charges collects all charges of the estate that is on disk.
var charges = sync.OnceValue(func() []*showback.Charge {
	return slices.Collect(estate.New(estate.Config{Seed: 1, Through: through}).Charges())
})

func TestOneSeedGivesTheSameBytes(t *testing.T) {
	first := writtenDirOf(t)
	again := t.TempDir()
	if _, err := estate.New(estate.Config{Seed: 1, Through: through}).Write(again); err != nil {
		t.Fatal(err)
	}
	a, b := files(t, first), files(t, again)
	if !slices.Equal(a, b) {
		t.Fatalf("files differ:\n%v\n%v", a, b)
	}
	for _, name := range a {
		x, y := read(t, filepath.Join(first, name)), read(t, filepath.Join(again, name))
		if !bytes.Equal(x, y) {
			t.Errorf("%s differs between two writes of one seed", name)
		}
	}
}

func writtenDirOf(t *testing.T) string {
	t.Helper()
	return filepath.Dir(summary(t).Dir)
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestAnotherSeedGivesAnotherBill(t *testing.T) {
	e := estate.New(estate.Config{Seed: 2, Through: through})
	sum := showback.Decimal{}
	for c := range e.MonthCharges("labs-cur2", "2026-10") {
		sum = sum.Add(c.Amounts[showback.Unblended])
	}
	other, _ := summary(t).Total("777788889999", "2026-10", "USD", showback.Unblended)
	if sum.IsZero() || sum.Equal(other) {
		t.Errorf("October of labs under seed 2 is %s, under seed 1 %s: want two different sums", sum, other)
	}
}

func TestTotalsEqualTheFiles(t *testing.T) {
	for _, x := range summary(t).Exports {
		for _, m := range x.Months {
			d := readMonth(t, x, m.Month)
			if d.rows != m.Rows {
				t.Errorf("%s %s: files have %d rows, summary %d", x.Name, m.Month, d.rows, m.Rows)
			}
			if got := d.has("line_item_iam_principal"); got != x.CallerColumn {
				t.Errorf("%s: caller column %v, want %v", x.Name, got, x.CallerColumn)
			}
			var bases []showback.Basis
			for _, total := range m.Totals {
				bases = append(bases, total.Basis)
				sum, rows := showback.Decimal{}, 0
				for row := range d.rows {
					if amount, ok := d.onBasis(t, total.Basis, row); ok {
						sum, rows = sum.Add(amount), rows+1
					}
				}
				if !sum.Equal(total.Amount) || rows != total.Rows {
					t.Errorf("%s %s %s: files sum to %s over %d rows, summary says %s over %d", x.Name, m.Month, total.Basis, sum, rows, total.Amount, total.Rows)
				}
			}
			if want := d.carries(); !slices.Equal(bases, want) {
				t.Errorf("%s %s: summary has bases %v, files %v", x.Name, m.Month, bases, want)
			}
		}
	}
}

func TestTotalsEqualTheCharges(t *testing.T) {
	type key struct {
		payer string
		month showback.Month
		basis showback.Basis
	}
	sums := map[key]showback.Decimal{}
	rows := 0
	for _, c := range charges() {
		rows++
		for basis, amount := range c.Amounts {
			k := key{c.Payer, c.Month, basis}
			sums[k] = sums[k].Add(amount)
		}
	}
	s := summary(t)
	if rows != s.Rows() {
		t.Errorf("%d charges, summary says %d", rows, s.Rows())
	}
	for k, got := range sums {
		currency := "USD"
		if k.payer == "444455556666" {
			currency = "EUR"
		}
		if want, ok := s.Total(k.payer, k.month, currency, k.basis); !ok || !got.Equal(want) {
			t.Errorf("%s %s %s: charges sum to %s, summary says %s (%v)", k.payer, k.month, k.basis, got, want, ok)
		}
	}
}

func TestYearEndsWithAnOpenMonth(t *testing.T) {
	months := map[string][]showback.Month{}
	for _, x := range summary(t).Exports {
		for _, m := range x.Months {
			months[x.Payer] = append(months[x.Payer], m.Month)
			if want := m.Month == "2026-11"; m.Open != want {
				t.Errorf("%s %s: open %v, want %v", x.Name, m.Month, m.Open, want)
			}
		}
	}
	for payer, list := range months {
		if len(list) != 12 || list[0] != "2025-12" || !slices.IsSorted(list) {
			t.Errorf("payer %s has months %v: want twelve from 2025-12 on, each once", payer, list)
		}
	}
	last := time.Time{}
	for _, c := range charges() {
		if c.Type == "Usage" && c.UsageStart.After(last) {
			last = c.UsageStart
		}
		final := c.Month != "2026-11" || c.BillType != "Anniversary"
		if (c.Invoice != "") != final {
			t.Fatalf("%s charge of %s in a bill of type %s has invoice %q", c.Type, c.Month, c.BillType, c.Invoice)
		}
	}
	if got := showback.Day(last); !got.Equal(through) {
		t.Errorf("last day with usage is %s, want %s", got, through)
	}
}

func TestRestatedMonth(t *testing.T) {
	s := summary(t)
	r := s.Restated
	if r.Month != "2026-09" || r.Export != "europe-cur2-callers" {
		t.Fatalf("restated is %s of %s", r.Month, r.Export)
	}
	old, _ := r.Older.Total(showback.Unblended)
	current, _ := r.Newer.Total(showback.Unblended)
	now, _ := s.Total(r.Payer, r.Month, r.Currency, showback.Unblended)
	if old.Equal(current) || !current.Equal(now) {
		t.Errorf("older %s, newer %s, current %s: want the last two equal and the first another", old, current, now)
	}
	alone := readMonth(t, estate.ExportSummary{Name: r.Export, Path: r.Path}, r.Month)
	sum := showback.Decimal{}
	for row := range alone.rows {
		sum = sum.Add(alone.amount(t, "line_item_unblended_cost", row))
	}
	if !sum.Equal(old) || alone.rows != r.Older.Rows {
		t.Errorf("the older delivery's files have %s in %d rows, want %s in %d", sum, alone.rows, old, r.Older.Rows)
	}
	runs, err := os.ReadDir(filepath.Join(s.Dir, r.Export, "data", "BILLING_PERIOD="+string(r.Month)))
	if err != nil || len(runs) != 2 {
		t.Fatalf("restated month has executions %v (%v), want two", runs, err)
	}
	oldRun := filepath.Join("data", "BILLING_PERIOD="+string(r.Month), runs[0].Name(), r.Export+"-00001.snappy.parquet")
	if !bytes.Equal(read(t, filepath.Join(s.Dir, r.Export, oldRun)), read(t, filepath.Join(r.Path, oldRun))) {
		t.Error("the older delivery alone differs from the older execution")
	}
}

func TestEveryKindOccurs(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range charges() {
		for _, s := range []string{"type " + c.Type, "bill " + c.BillType, "code " + c.Meter.ProductCode, "entity " + c.BillingEntity,
			"operation " + c.Meter.Operation, "unit " + c.Meter.Unit, "currency " + c.Currency} {
			seen[s] = true
		}
		if c.BillingEntity == "AWS Marketplace" {
			seen["product "+c.Meter.ProductName] = true
		}
		for key := range c.Tags {
			seen["tag "+key.String()] = true
		}
	}
	for _, want := range []string{
		"type Usage", "type DiscountedUsage", "type SavingsPlanCoveredUsage", "type SavingsPlanNegation", "type SavingsPlanRecurringFee",
		"type SavingsPlanUpfrontFee", "type RIFee", "type Fee", "type BundledDiscount", "type EdpDiscount", "type PrivateRateDiscount",
		"type Credit", "type Refund", "type Tax",
		"bill Anniversary", "bill Purchase", "bill Refund", "entity AWS", "entity AWS Marketplace",
		"code AmazonBedrock", "code AmazonBedrockService", "code AmazonBedrockFoundationModels", "code AmazonBedrockAgentCore",
		"code AmazonEC2", "code AmazonS3", "code AmazonRDS", "code AWSDataTransfer",
		"product Claude Sonnet 4.6 (Amazon Bedrock Edition)", "product Cohere Embed 4 (Amazon Bedrock Edition)", "product Example Observability Suite",
		"operation Usage", "operation InvokeModelInference", "operation InvokeModelStreamingInference",
		"unit 1K tokens", "unit 1M tokens", "unit Units", "currency USD", "currency EUR",
		"tag iamPrincipal/team", "tag iamPrincipal/Team", "tag iamPrincipal/cost-center", "tag resourceTags/app",
		"tag accountTag/business-unit", "tag userAttribute/department", "tag costCategory/Division",
	} {
		if !seen[want] {
			t.Errorf("no charge with %s", want)
		}
	}
}

func TestEveryGrammarOccurs(t *testing.T) {
	// Which region bills what is chance; {p} stands for any.
	anywhere := strings.NewReplacer("USE1", "{p}", "USW2", "{p}", "EUC1", "{p}")
	usageTypes := map[string]bool{}
	for _, c := range charges() {
		usageTypes[anywhere.Replace(c.Meter.UsageType)] = true
	}
	for _, want := range []string{
		"{p}-Claude4.6Sonnet-input-tokens", "{p}-Claude4.6Sonnet-cache-read-input-token-count", "{p}-Claude4.6Sonnet-cache-write-1h-input-token-count",
		"{p}-Claude4Sonnet-output-tokens-cross-region-global-batch", "{p}-anthropic.claude-opus-4-8-mantle-input-tokens-global-standard",
		"{p}-MP:{p}_InputTokenCount-Units", "{p}-MP:{p}_CacheWrite1hInputTokenCount_Global-Units", "{p}-MP:{p}_OutputTokenCount_Global_Batch-Units",
		"{p}-MP:{p}_input_tokens_global_standard-Units", "{p}-MP:{p}_cache_write_tokens_5m_standard-Units", "EU-NovaLite-input-tokens",
		"{p}-Llama3-1-405B-input-tokens-batch", "{p}-Nova2.0Lite-input-tokens-flex", "{p}-gpt-oss-120b-output-tokens-priority",
		"{p}-Guardrail-ContentPolicyUnitsConsumed", "{p}-BedrockKnowledgeBase-searchunits", "{p}-Claude3Haiku-ProvisionedThroughput-1Month-ModelUnits",
		"{p}-MP:{p}_Reserved_1Month_InputTPM_Geo-Units", "{p}-Sonata2-reasoning-steps", "{p}-MP:{p}_PlannerSteps-Units",
	} {
		if !usageTypes[want] {
			t.Errorf("no charge of usage type %s", want)
		}
	}
}

func keys(set map[string]bool) []string {
	var list []string
	for k := range set {
		list = append(list, k)
	}
	return list
}

func TestEveryFormOfCallerOccurs(t *testing.T) {
	forms := map[string]*regexp.Regexp{
		"user":               regexp.MustCompile(`^arn:aws:iam::\d{12}:user/bob$`),
		"user with path":     regexp.MustCompile(`^arn:aws:iam::\d{12}:user/service/legacy/svc-translate$`),
		"api key":            regexp.MustCompile(`^arn:aws:iam::\d{12}:user/BedrockAPIKey-[0-9a-f]{4}$`),
		"role itself":        regexp.MustCompile(`^arn:aws:iam::\d{12}:role/service/report-writer$`),
		"role session":       regexp.MustCompile(`^arn:aws:sts::\d{12}:assumed-role/support-assistant/support-assistant-api$`),
		"identity center":    regexp.MustCompile(`^arn:aws:sts::\d{12}:assumed-role/AWSReservedSSO_Developer_[0-9a-f]{16}/alice@example\.com$`),
		"plain user name":    regexp.MustCompile(`^arn:aws:sts::\d{12}:assumed-role/AWSReservedSSO_\w+_[0-9a-f]{16}/dave$`),
		"same person, OIDC":  regexp.MustCompile(`^arn:aws:sts::\d{12}:assumed-role/BedrockFederatedAccess/Alice@example\.com$`),
		"claude code":        regexp.MustCompile(`^arn:aws:sts::\d{12}:assumed-role/ClaudeCodeAccess/claude-code-frank$`),
		"gateway":            regexp.MustCompile(`^arn:aws:sts::\d{12}:assumed-role/llm-gateway/litellm-proxy$`),
		"instance":           regexp.MustCompile(`^arn:aws:sts::\d{12}:assumed-role/batch-inference/i-0[0-9a-f]{16}$`),
		"random SDK session": regexp.MustCompile(`^arn:aws:sts::\d{12}:assumed-role/prototype/botocore-session-\d+$`),
		"federated user":     regexp.MustCompile(`^arn:aws:sts::\d{12}:federated-user/dave$`),
		"root":               regexp.MustCompile(`^arn:aws:iam::\d{12}:root$`),
	}
	callers := map[string]bool{}
	for _, c := range charges() {
		if c.Caller == "" {
			continue
		}
		callers[c.Caller] = true
		if c.Type != "Usage" {
			t.Fatalf("a charge of type %s has caller %s", c.Type, c.Caller)
		}
	}
	for name, form := range forms {
		if !slices.ContainsFunc(keys(callers), form.MatchString) {
			t.Errorf("no caller of form %s: %s", name, form)
		}
	}
}

func TestCallerTagsBeginInTheSecondMonth(t *testing.T) {
	first := time.Time{}
	for _, c := range charges() {
		for key := range c.Tags {
			if key.Source == showback.TagCaller && (first.IsZero() || c.CountedOn().Before(first)) {
				first = c.CountedOn()
			}
		}
	}
	if got := showback.Day(first); got != time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) {
		t.Errorf("first day with a caller's tag is %s", got)
	}
}

func TestSomeCallersAreRetagged(t *testing.T) {
	teams := map[string]map[string]bool{}
	for _, c := range charges() {
		team := c.Tags[showback.TagKey{Source: showback.TagCaller, Name: "team"}]
		if team != "" && teams[c.Caller] == nil {
			teams[c.Caller] = map[string]bool{}
		}
		if team != "" {
			teams[c.Caller][team] = true
		}
	}
	moved := 0
	for _, t := range teams {
		if len(t) == 2 {
			moved++
		}
	}
	if moved < 3 {
		t.Errorf("%d callers have had two teams, want some", moved)
	}
}

func TestNetCostsAreOneContract(t *testing.T) {
	deepest := int32(0)
	for _, c := range charges() {
		net, ok := c.Amounts[showback.NetUnblended]
		if want := c.Payer == "111122223333"; ok != want {
			t.Fatalf("payer %s carries net costs: %v, want %v", c.Payer, ok, want)
		}
		deepest = max(deepest, net.Scale())
	}
	if deepest != 13 {
		t.Errorf("net costs have up to %d decimals, want 13", deepest)
	}
}

func TestLateUsageIsOutsideItsMonth(t *testing.T) {
	late := 0
	for _, c := range charges() {
		if c.Type == "Usage" && !c.Month.Period().Contains(c.UsageStart) {
			late++
			if !c.Month.Period().Contains(c.CountedOn()) {
				t.Fatalf("late usage of %s counts on %s", c.Month, c.CountedOn())
			}
		}
	}
	if late == 0 {
		t.Error("no usage outside its billing period")
	}
}

// TestProportions holds the size and the mix to what the demo promises.
func TestProportions(t *testing.T) {
	rows, ai, all := 0, showback.Decimal{}, showback.Decimal{}
	for _, c := range charges() {
		rows++
		cost := c.Amounts[showback.Unblended]
		all = all.Add(cost)
		if strings.Contains(c.Meter.ProductCode, "Bedrock") || strings.Contains(c.Meter.ProductName, "Bedrock") {
			ai = ai.Add(cost)
		}
	}
	if rows < 40_000 || rows > 80_000 {
		t.Errorf("%d charges, want 40,000 to 80,000", rows)
	}
	share := ai.Quo(all, 3)
	if share.Cmp(showback.MustDecimal("0.70")) < 0 || share.Cmp(showback.MustDecimal("0.80")) > 0 {
		t.Errorf("AI is %s of the dollars, want about three quarters", share)
	}
}

func TestSurplusChunkIsEmpty(t *testing.T) {
	folder := filepath.Join(summary(t).Dir, "group-cur2", "data")
	empty := 0
	for _, name := range files(t, folder) {
		d := &table{columns: map[string][]string{}}
		d.addParquet(t, filepath.Join(folder, name))
		if d.rows == 0 {
			empty++
		}
	}
	if empty != 2 {
		t.Errorf("%d files without rows, want 2", empty)
	}
}
