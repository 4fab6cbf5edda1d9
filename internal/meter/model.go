package meter

import (
	"regexp"
	"slices"
	"strings"

	"showback"
)

// modelOf returns the model that a meter bills, as a person says it, and the
// provider that its name gives.
//
// The sources differ in how far they can be trusted: a usage type that holds
// the model's id is exact; the attribute and the product's name are AWS's words
// for it (and drift: Voxtral Small has been sold as "Voxtral-Mini-24B"); the
// short name in a usage type is the last resort.
func modelOf(m showback.Meter, u usage) (model, provider string) {
	if vendorPrefix(u.model) != "" {
		return name(u.model)
	}
	if model, provider = named(m); model != "" {
		return model, provider
	}
	// "BedrockKnowledgeBase" and the like are features, not models.
	if strings.HasPrefix(squash(u.model), "bedrock") {
		return "", ""
	}
	return name(u.model)
}

// named returns the model that AWS's attribute or the product's name gives, and
// its provider; empty when neither does.
func named(m showback.Meter) (model, provider string) {
	if m.Model != "" {
		return name(m.Model)
	}
	product := edition.ReplaceAllString(m.ProductName, "")
	if product != m.ProductName || isMarketplaceCode(m) {
		return name(product)
	}
	return "", ""
}

var (
	// edition ends the product names of models: "Claude Sonnet 4.6 (Amazon Bedrock Edition)".
	edition = regexp.MustCompile(`(?i)\s*\([^()]*bedrock[^()]*\)\s*$`)

	// routePrefix is what an inference profile's id has before the model's id.
	routePrefix = regexp.MustCompile(`^(?:us|eu|jp|au|ca|sa|me|af|apac|us-gov|global)\.`)
	vendorID    = regexp.MustCompile(`^([a-z][a-z0-9]*)\.[a-z]`)

	throughput  = regexp.MustCompile(`:\d[\w.:]*$`)         // the :0:8k of -v2:0:8k
	buildSuffix = regexp.MustCompile(`-v\d+(?::[\w.:]*)?$`) // -v1, -v1:0, -v2:0:8k
	dateSuffix  = regexp.MustCompile(`-20\d{6}\b`)
)

// vendorPrefix returns the vendor's part of a model id, without the dot; empty
// when the text is no id: anthropic.claude-sonnet-4-6 → anthropic.
func vendorPrefix(id string) string {
	if v := vendorID.FindStringSubmatch(routePrefix.ReplaceAllString(id, "")); v != nil {
		return v[1]
	}
	return ""
}

// name returns what a person calls the model that a bill or an API calls text,
// so that one model has one name, and its provider. It takes ids, ARNs, short
// names of usage types and AWS's display names. A name of no known family stays
// as billed, less vendor, route and version.
func name(text string) (model, provider string) {
	text = strings.TrimSpace(edition.ReplaceAllString(text, ""))
	if strings.HasPrefix(text, "arn:") {
		text = text[strings.LastIndexByte(text, '/')+1:]
	}
	id := routePrefix.ReplaceAllString(text, "")
	vendor := vendorPrefix(id)
	if vendor != "" {
		id = id[len(vendor)+1:]
		provider = providers[vendor]
	}
	words := splitName(throughput.ReplaceAllString(id, ""))
	if model, maker := familyName(words); model != "" {
		return model, maker
	}
	if vendor != "" { // deepseek.v3.2, cohere.embed-v4:0
		if model, maker := familyName(append([]string{vendor}, words...)); model != "" {
			return model, maker
		}
	}
	if vendor != "" {
		id = buildSuffix.ReplaceAllString(id, "")
	}
	return dateSuffix.ReplaceAllString(id, ""), provider
}

// familyName returns the name and the provider of a model of a known family;
// empty for any other.
func familyName(words []string) (model, provider string) {
	for i, w := range words {
		f, ok := families[w]
		if !ok {
			continue
		}
		model, provider = f.name(w, words[i+1:]), f.provider
		if f.after != nil {
			if i == 0 || !slices.Contains(f.after, words[i-1]) {
				continue
			}
			provider = providers[words[i-1]]
			model = provider + " " + model
		}
		if same, ok := aliases[model]; ok {
			model = same
		}
		return model, provider
	}
	return "", ""
}

var (
	gluedVersion = regexp.MustCompile(`([a-z])v(\d)`)         // Claude3.5Sonnetv2
	lowerUpper   = regexp.MustCompile(`([a-z])([A-Z])`)       // NovaLite
	letterDigit  = regexp.MustCompile(`([A-Za-z]{2})(\d)`)    // Llama3, not K2
	digitUpper   = regexp.MustCompile(`(\d)([A-Z][a-z]{2,})`) // 4.6Sonnet, not 405B
	wholeNumber  = regexp.MustCompile(`^\d{1,2}$`)
	letterNumber = regexp.MustCompile(`^[a-z]\d$`) // k2, v3
	date         = regexp.MustCompile(`^20\d{6}$`)
	separators   = regexp.MustCompile(`[():_/,\s-]+`)
)

// halves are names that camel case or spaces cut in two.
var halves = map[string]string{
	"deep seek": "deepseek", "mini max": "minimax", "open ai": "openai",
	"multi modal": "multimodal", "mistral ai": "mistralai", "twelve labs": "twelvelabs",
}

// splitName cuts a name into words in lower case; numbers that a version is
// written in are one word: Llama3-1-405B → llama, 3.1, 405b.
func splitName(s string) []string {
	s = gluedVersion.ReplaceAllString(s, "$1 v$2")
	s = lowerUpper.ReplaceAllString(s, "$1 $2")
	s = digitUpper.ReplaceAllString(s, "$1 $2")
	s = letterDigit.ReplaceAllString(s, "$1 $2")
	s = strings.ToLower(separators.ReplaceAllString(s, " "))

	var words []string
	for _, w := range strings.Fields(s) {
		last := len(words) - 1
		switch {
		case date.MatchString(w):
		case last >= 0 && halves[words[last]+" "+w] != "":
			words[last] = halves[words[last]+" "+w]
		case last >= 0 && len(w) == 1 && wholeNumber.MatchString(w) &&
			(wholeNumber.MatchString(words[last]) || letterNumber.MatchString(words[last])):
			words[last] += "." + w
		default:
			words = append(words, w)
		}
	}
	return words
}
