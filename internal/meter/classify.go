package meter

import (
	"strings"

	"showback"
)

// Classify says what one meter means. A meter that is not AI has a Service and
// nothing else. An AI meter that has a usage type which no rule knows has Known
// false, and of provider and model only what AWS's own attributes or the
// product's name say. An AI meter without usage type (a tax, a credit) is Known
// and has a model only where its product is a model.
func Classify(m showback.Meter) showback.Meaning {
	return classify(m, isAI(m))
}

// ClassifyAll classifies meters that belong together, such as those of one bill;
// the result has their order. It knows more than Classify: the tax or refund of
// a Marketplace product may carry nothing but the product's opaque code, and is
// AI, with that product's service and model, when another of the meters says
// which product the code is. Only opaque Marketplace codes are looked up so.
func ClassifyAll(meters []showback.Meter) []showback.Meaning {
	products := map[string]string{} // opaque code of an AI product → its name
	for _, m := range meters {
		if !isMarketplaceCode(m) || !isAI(m) {
			continue
		}
		name, seen := products[m.ProductCode]
		// Two names of one code are not expected; the smaller one makes the
		// result independent of the order of meters.
		if !seen || name == "" || (m.ProductName != "" && m.ProductName < name) {
			products[m.ProductCode] = m.ProductName
		}
	}
	out := make([]showback.Meaning, len(meters))
	for i, m := range meters {
		ai := isAI(m)
		if m.ProductName == "" && isMarketplaceCode(m) {
			if name, ok := products[m.ProductCode]; ok {
				m.ProductName, ai = name, true
			}
		}
		out[i] = classify(m, ai)
	}
	return out
}

// Undecided reports whether a meter that is not AI by what it says itself could
// be by what another says of its product: see ClassifyAll.
func Undecided(m showback.Meter) bool { return m.ProductName == "" && isMarketplaceCode(m) }

func classify(m showback.Meter, ai bool) showback.Meaning {
	meaning := showback.Meaning{AI: ai, Service: serviceOf(m)}
	if !ai {
		return meaning
	}
	u := parseUsage(m)
	r, known := ruleOf(m, u)
	meaning.Known = known || u.blank
	if !known {
		meaning.Model, meaning.Provider = named(m)
		meaning.Provider = providerOf(m, meaning.Provider)
		return meaning
	}
	meaning.Inference = r.inference
	meaning.TokenType = r.token
	meaning.PricingModel = pricingOf(u)
	if r.model {
		meaning.Model, meaning.Provider = modelOf(m, u)
		meaning.Provider = providerOf(m, meaning.Provider)
	}
	if r.inference {
		meaning.Route = routeOf(u)
		if !r.tokenless {
			meaning.Multiplier = multiplierOf(m, u)
		}
	}
	return meaning
}

// serviceOf returns the product's name, else its code.
func serviceOf(m showback.Meter) string {
	if m.ProductName != "" {
		return m.ProductName
	}
	return m.ProductCode
}

// providerOf returns the provider that AWS names, in one spelling, else the one
// that the model's name gives.
func providerOf(m showback.Meter, fromModel string) string {
	named := strings.TrimSpace(m.Provider)
	if named == "" {
		return fromModel
	}
	if p, ok := providers[squash(named)]; ok {
		return p
	}
	return named
}
