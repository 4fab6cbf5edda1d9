package meter

import "testing"

func TestMultiplier(t *testing.T) {
	f := func(usageType, unit, description string, want int64) {
		t.Helper()
		m := first(usageType, unit)
		m.Description = description
		if got := Classify(m).Multiplier; got != want {
			t.Errorf("%s in %q, %q: multiplier %d, want %d", usageType, unit, description, got, want)
		}
	}
	const input = "USE1-NovaLite-input-tokens"
	f(input, "1K tokens", "", 1_000)
	f(input, "1k Tokens", "", 1_000)
	f(input, "1,000 tokens", "", 1_000)
	f(input, "1M tokens", "", 1_000_000)
	f(input, "1M Input Tokens", "", 1_000_000)
	f(input, "Million Input Tokens", "", 1_000_000)
	f(input, "1,000,000 tokens", "", 1_000_000)
	f(input, "Tokens", "", 1)
	f(input, "Token", "", 1)
	f(input, "tokens", "$3 per 1M input tokens", 1)
	f(input, "Hrs", "$3 per 1M input tokens", 0)
	f(input, "1K TPM Hour", "", 0)
	f(input, "images", "", 0)
	f(input, "1K", "", 0)
	// The column of units may be left out of an export.
	f(input, "", "$0.00006 per 1K input tokens for Nova Lite in US East", 1_000)
	f(input, "", "$0.06 per 1M input tokens for Nova Lite in US East", 1_000_000)
	f(input, "", "input tokens for Nova Lite", 0)
	f(input, "", "", 0)
	f(input, "Units", "", 1_000_000)
	f("USE1-MP:USE1_input_tokens_standard-Units", "", "", 1_000_000)
	f("USE1-MP:USE1_input_tokens_standard-Units", "Units", "a|b|thousand Input Tokens Regional", 1_000)
	f("USE1-MP:USE1_input_tokens_standard-Units", "1M tokens", "a|b|thousand Input Tokens Regional", 1_000_000)
}
