package meter

import (
	"regexp"
	"strings"

	"showback"
)

// multiplierOf returns how many single tokens one billed unit of a model call
// is, 0 where the unit is no number of tokens (images, seconds, search units,
// hours).
//
// Three systems of units are in use: 1K tokens and 1M tokens; "Units" on
// Marketplace rows, where the description's third part says "Million Input
// Tokens"; and the bare token. (CUDOS v5, "Bedrock Unit Multiplier"; AWS price
// list, 2026-07.) A unit that names tokens is believed before the description.
func multiplierOf(m showback.Meter, u usage) int64 {
	unit := strings.ToLower(strings.TrimSpace(m.Unit))
	switch unit {
	case "", "unit", "units":
	default:
		return tokensIn(unit)
	}
	if label := marketplaceLabel(m.Description); label != "" {
		if n := tokensIn(label); n != 0 {
			return n
		}
	} else if n := tokensIn(m.Description); n > 1 {
		// "$0.00006 per 1K input tokens for Nova Lite": a description that
		// names tokens without a number says nothing of the unit.
		return n
	}
	// Marketplace counts tokens in millions also where the label leaves it out
	// ("Input Tokens - Standard, Global").
	if (u.marketplace || unit != "") && (strings.Contains(u.meter, "token") || strings.Contains(u.label, "token")) {
		return 1_000_000
	}
	return 0
}

var (
	bareTokens = regexp.MustCompile(`(?i)^(?:input |output )?tokens?$`)
	scale      = regexp.MustCompile(`(?i)\b(?:(1 ?m|1,?000,?000|million)|1 ?k|1,?000|thousand)\b`)
)

// tokensIn returns the number of tokens that a unit names: "1K tokens" → 1,000;
// 0 when it names none.
func tokensIn(text string) int64 {
	switch at := scale.FindStringSubmatch(text); {
	case !strings.Contains(strings.ToLower(text), "token"):
		return 0
	case bareTokens.MatchString(text):
		return 1
	case at == nil:
		return 0
	case at[1] != "":
		return 1_000_000
	}
	return 1_000
}
