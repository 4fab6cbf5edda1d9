package estate_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"showback"
)

func TestEveryKindOccurs(t *testing.T) { everyKind(t, charges()) }

func everyKind(t *testing.T, charges []*showback.Charge) {
	t.Helper()
	seen := map[string]bool{}
	for _, c := range charges {
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

func TestEveryFormOfCallerOccurs(t *testing.T) { everyForm(t, charges()) }

func everyForm(t *testing.T, charges []*showback.Charge) {
	t.Helper()
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
	for _, c := range charges {
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
