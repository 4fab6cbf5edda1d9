package meter

import (
	"regexp"
	"strings"

	"showback"
)

// usage is a usage type taken apart.
//
// The documented grammar is {region}-{model}-{token type}-{tier and route},
// where names may hold dashes (gpt-oss-120b, Llama3-1-405B), so the model ends
// at the first word of the meter's vocabulary. Marketplace writes
// {region}-MP:{region}_{token type and tier}-Units and leaves the model to the
// product's name.
type usage struct {
	blank       bool
	marketplace bool
	model       string // as billed; may be empty, may be no model (a guardrail)
	all         string // the whole without region, squashed
	meter       string // what follows the model, squashed
	label       string // third part of a Marketplace description, squashed
}

var (
	// Billing regions are codes such as USE1, APN1 and UGW1; eu-west-1 is EU.
	regionPrefix      = regexp.MustCompile(`^(?:EU|[A-Z]{3}[0-9]{1,2})-`)
	marketplacePrefix = regexp.MustCompile(`^MP:(?:(?:EU|[A-Z]{3}[0-9]{1,2})_)?`)

	// meterWord is the first word that belongs to the meter and not to a name.
	meterWord = regexp.MustCompile(`(?i)(?:^|[-_])(?:` +
		`mantle[-_]` +
		`|(?:text|speech|audio|image|video)[-_](?:input|output)` +
		`|input|output|response|cache|million|created[-_]|search[-_]?units?|queries` +
		`|reserved|provisioned|modelunits|model[-_]customization|customization|custom[-_]?model|rft[-_]|nova[-_]grounding` +
		`|batch|flex|priority|latency|cross[-_]region|global|long[-_]c|longcontext` +
		`|[ti]2[iv]|usage|units$)`)
)

func parseUsage(m showback.Meter) usage {
	u := usage{label: squash(marketplaceLabel(m.Description))}
	body := strings.TrimSpace(m.UsageType)
	u.blank = body == ""
	body = regionPrefix.ReplaceAllString(body, "")
	if cut := marketplacePrefix.ReplaceAllString(body, ""); cut != body {
		u.marketplace, body = true, cut
	}
	u.all = squash(body)
	u.model = body
	if at := meterWord.FindStringIndex(body); at != nil {
		end := at[0]
		// Titan's embedding models are told apart by text and image, which
		// elsewhere say what kind of token is counted.
		if mod := modality.FindString(body[end:]); mod != "" && strings.HasPrefix(u.all, "titan") {
			end += len(mod)
		}
		u.model = body[:end]
		u.meter = squash(body[end:])
	}
	return u
}

var modality = regexp.MustCompile(`(?i)^[-_](?:text|image)`)

// marketplaceLabel returns what a Marketplace description says was metered:
// "AWS Marketplace software usage|us-east-1|Million Input Tokens Global" → the
// third part. Other descriptions give nothing.
func marketplaceLabel(description string) string {
	parts := strings.Split(description, "|")
	if len(parts) < 3 {
		return ""
	}
	return strings.TrimSpace(parts[2])
}

// squash reduces a text to its letters and digits in lower case, so that
// CacheReadInputTokenCount, cache_read_tokens and cache-read-input-tokens are
// found by one phrase.
func squash(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z':
			out = append(out, c+'a'-'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			out = append(out, c)
		}
	}
	return string(out)
}
