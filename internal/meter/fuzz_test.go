package meter

import (
	"strings"
	"testing"

	"showback"
)

// FuzzClassify holds what is true of every meter.
func FuzzClassify(f *testing.F) {
	for _, m := range []showback.Meter{
		first("USE1-Claude4.6Sonnet-cache-write-input-token-count", "1K tokens"),
		market(edition46, "USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units", "Million 1 hour Cache Write Input Tokens Global"),
		market("", "USE1-MP:USE1_Cohere_Embed_V4-Units", ""),
		{ProductCode: "AmazonBedrockAgentCore", UsageType: "USE1-Runtime:Consumption-based:vCPU"},
		{ProductCode: "AmazonEC2", UsageType: "BoxUsage:m5.large"},
	} {
		f.Add(m.ProductCode, m.BillingEntity, m.UsageType, m.Unit, m.ProductName, m.Model, m.Description)
	}
	f.Fuzz(func(t *testing.T, code, entity, usageType, unit, product, model, description string) {
		m := showback.Meter{
			ProductCode: code, BillingEntity: entity, UsageType: usageType, Unit: unit,
			ProductName: product, Model: model, Description: description,
		}
		got := Classify(m)
		if again := Classify(m); again != got {
			t.Fatalf("not deterministic: %+v, then %+v", got, again)
		}
		if alone := ClassifyAll([]showback.Meter{m})[0]; alone != got {
			t.Fatalf("alone %+v, in a list of one %+v", got, alone)
		}
		if !got.AI && got != (showback.Meaning{Service: got.Service}) {
			t.Fatalf("not AI, but %+v", got)
		}
		if !got.Known && got != (showback.Meaning{AI: got.AI, Service: got.Service, Provider: got.Provider, Model: got.Model}) {
			t.Fatalf("unknown, but %+v", got)
		}
		switch got.Multiplier {
		case 0, 1, 1_000, 1_000_000:
		default:
			t.Fatalf("multiplier %d", got.Multiplier)
		}
		if got.Inference != (got.Route != "") || (got.Multiplier != 0 && !got.Inference) {
			t.Fatalf("route and tokens belong to inference: %+v", got)
		}
		if got.Known && (got.TokenType == "") != (strings.TrimSpace(usageType) == "") {
			t.Fatalf("token type %q of usage type %q", got.TokenType, usageType)
		}
	})
}
