package meter

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"showback"
)

// sample opens a file of the samples that lie beside the checkout.
func sample(t *testing.T, parts ...string) *os.File {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared", "samples"}, parts...)...)
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		t.Skipf("no samples beside the checkout: %s", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// columns gives the place of each column of a header.
func columns(header []string) map[string]int {
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	return at
}

// groups maps AWS's own groups, by the rules of its CUDOS dashboard, to our
// token types.
var groups = map[string]string{
	"Input Tokens":                      "input",
	"Output Tokens":                     "output",
	"Cache Read Input Tokens":           "cache read",
	"Cache Write Input Tokens":          "cache write 5m", // the default lifetime, by its name
	"Cache Write Input Tokens (1h TTL)": "cache write 1h",
	"Batch Input Tokens":                "input", // batch is a pricing model here
	"Batch Output Tokens":               "output",
	"Reserved Input Tokens":             "reserved input",
	"Rerank Models":                     "search unit", // by what is counted
}

// TestUsageTypeSample holds every row of a table of usage types as they were
// seen against the group that AWS's dashboard gives them.
func TestUsageTypeSample(t *testing.T) {
	rows, err := csv.NewReader(sample(t, "bedrock-usage-types", "usage_types.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := columns(rows[0])
	if len(rows) < 19 {
		t.Fatalf("%d rows, want the 18 of the sample and a header", len(rows))
	}
	for _, row := range rows[1:] {
		at := func(name string) string { return row[column[name]] }
		usageType, tier := at("usage_type"), at("tier")
		m := first(usageType, "1K tokens")
		if at("model") == "(product name)" {
			m = market(edition46, usageType, "")
		}
		got := Classify(m)
		want, ok := groups[at("cudos_group")]
		if !ok {
			t.Errorf("%s: no token type for the group %q", usageType, at("cudos_group"))
			continue
		}
		if !got.Known || got.TokenType != want {
			t.Errorf("%s: token type %q (known %v), want %q", usageType, got.TokenType, got.Known, want)
		}
		if wantBatch := tier == "batch"; (got.PricingModel == "batch") != wantBatch {
			t.Errorf("%s: pricing model %q, tier %q", usageType, got.PricingModel, tier)
		}
		if got.Inference && (got.Route == "global") != (tier == "global") {
			t.Errorf("%s: route %q, tier %q", usageType, got.Route, tier)
		}
		if tokens := at("direction") != "none"; (got.Multiplier != 0) != (tokens && got.Inference) {
			t.Errorf("%s: multiplier %d, direction %q", usageType, got.Multiplier, at("direction"))
		}
		if at("model") != "" && got.Model == "" {
			t.Errorf("%s: no model, want that of %q", usageType, at("model"))
		}
	}
}

// TestPriceTableSample holds the ids and the names of a public table of prices
// together: an id and its name are one model, in usage types of both grammars.
func TestPriceTableSample(t *testing.T) {
	f := sample(t, "genai-prices-aws", "aws.yml")
	text, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	entry := regexp.MustCompile(`(?m)^  - id: (\S+)\n(?:    name: (.+)\n)?`)
	n := 0
	for _, e := range entry.FindAllStringSubmatch(string(text), -1) {
		// The table writes "regional." for all routes that stay in a geography.
		id, display := strings.Replace(e[1], "regional.", "us.", 1), e[2]
		model, provider := name(id)
		if provider == "" {
			t.Errorf("%s: no provider", id)
		}
		n++
		if display != "" {
			if got, _ := name(display); got != model {
				t.Errorf("%s is %q, its name %q is %q", id, model, display, got)
			}
		}
		for _, usageType := range []string{
			"USE1-" + routePrefix.ReplaceAllString(id, "") + "-mantle-input-tokens-standard",
			"USE1-" + routePrefix.ReplaceAllString(id, "") + "-cache-read-input-token-count-cross-region-global",
		} {
			if got := Classify(first(usageType, "1K tokens")); got.Model != model || got.Provider != provider {
				t.Errorf("%s: %q of %q, want %q of %q", usageType, got.Model, got.Provider, model, provider)
			}
		}
	}
	if n < 60 {
		t.Errorf("%d models read, want at least 60", n)
	}
}

// TestFOCUSSample: the rows of the FOCUS drafts are of a made-up cloud, so none
// is Bedrock, whatever tokens they count.
func TestFOCUSSample(t *testing.T) {
	rows, err := csv.NewReader(sample(t, "focus-ai-billing", "cached_tokens_via_csp_marketplace.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := columns(rows[0])
	for _, row := range rows[1:] {
		at := func(name string) string { return row[column[name]] }
		m := showback.Meter{
			ProductName: at("ServiceName"), UsageType: at("SkuMeter"),
			Unit: at("PricingUnit"), Description: at("ChargeDescription"),
		}
		if got := Classify(m); got.AI {
			t.Errorf("%q is AI: %+v", m.ProductName, got)
		}
	}
}
