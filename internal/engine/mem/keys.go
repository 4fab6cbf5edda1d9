package mem

import (
	"strings"

	"showback"
	"showback/internal/explore"
	"showback/internal/identity"
)

// value returns what the charge has for the key, or the first cause that holds
// for having nothing.
func (e *Engine) value(k explore.Key, f fact) explore.Value {
	if k.Tag != (showback.TagKey{}) {
		return e.tagValue(k.Tag, f)
	}
	m := f.Meter
	switch k.Name {
	case "caller", "principal", "role", "session", "person", "certainty", "who":
		return callerValue(k.Name, f)
	case "provider", "model", "token-type", "pricing-model", "route":
		return meaningValue(k.Name, f)
	case "scope":
		if f.meaning.AI {
			return explore.Value{Text: explore.ValueAI}
		}
		return explore.Value{Text: explore.ValueNotAI}
	case "account":
		return billed(k.Name, f.Account)
	case "payer":
		return billed(k.Name, f.Payer)
	case "service":
		return billed(k.Name, f.meaning.Service)
	case "region":
		return billed(k.Name, m.Region)
	case "usage-type":
		return billed(k.Name, m.UsageType)
	case "operation":
		return billed(k.Name, m.Operation)
	case "charge-type":
		return billed(k.Name, f.Type)
	case "charge-class":
		return billed(k.Name, string(f.kind.Class))
	case "resource":
		return billed(k.Name, f.Resource)
	case "billing-entity":
		return billed(k.Name, f.BillingEntity)
	case "invoicing-entity":
		return billed(k.Name, f.InvoicingEntity)
	case "legal-entity":
		return billed(k.Name, f.LegalEntity)
	case "bill-type":
		return billed(k.Name, f.BillType)
	case "invoice":
		return billed(k.Name, f.Invoice)
	case "currency":
		return billed(k.Name, f.Currency)
	case "month":
		return billed(k.Name, string(f.Month))
	}
	panic("BUG: key " + k.Name)
}

// billed is a value that stands on the bill, or that the bill leaves blank.
func billed(key, text string) explore.Value {
	if text == "" {
		return none(key, "")
	}
	return explore.Value{Text: text}
}

// none writes the cause as words: "no token type: tax".
func none(key, why string) explore.Value {
	return explore.Value{Missing: showback.None(strings.ReplaceAll(key, "-", " "), why)}
}

func callerValue(key string, f fact) explore.Value {
	if f.caller == nil {
		return explore.Value{Missing: noCaller(f)}
	}
	person, isPerson := identity.PersonOf(*f.caller)
	switch key {
	case "caller":
		return billed(key, f.Caller)
	case "principal":
		return billed(key, identity.PrincipalARN(*f.caller))
	case "role":
		return billed(key, identity.Role(*f.caller))
	case "session":
		return billed(key, identity.Session(*f.caller))
	case "person":
		return billed(key, person.Name)
	case "certainty":
		return billed("person", string(person.Certainty)) // missing as the person is
	case "who":
		if isPerson {
			return explore.Value{Text: person.Name}
		}
		return billed(key, identity.PrincipalARN(*f.caller))
	}
	panic("BUG: caller key " + key)
}

// noCaller returns why a charge without caller has none: one that is not AI
// could not have had one.
func noCaller(f fact) showback.Missing {
	if !f.meaning.AI {
		return showback.NotAI
	}
	return showback.NoCaller(f.kind.Class, f.meaning.Inference, f.meaning.Known, f.NoCallerColumn)
}

// tagValue returns the charge's tag. A caller's tag needs a caller before
// anything can be said of it; a tag of another source needs nothing.
func (e *Engine) tagValue(tag showback.TagKey, f fact) explore.Value {
	if text := f.Tags[tag]; text != "" {
		return explore.Value{Text: text}
	}
	if tag.Source == showback.TagCaller && f.caller == nil {
		return explore.Value{Missing: noCaller(f)}
	}
	first, seen := e.first[tag][f.Payer]
	if !seen || f.day.Before(first) {
		return explore.Value{Missing: showback.NotSeenYet}
	}
	return explore.Value{Missing: showback.Untagged}
}

func meaningValue(key string, f fact) explore.Value {
	m := f.meaning
	text := map[string]string{
		"provider":      m.Provider,
		"model":         m.Model,
		"token-type":    m.TokenType,
		"pricing-model": m.PricingModel,
		"route":         m.Route,
	}[key]
	why := notUsage[f.kind.Class]
	switch {
	case !m.AI:
		return explore.Value{Missing: showback.NotAI}
	case text != "":
		return explore.Value{Text: text}
	case why != "":
		return none(key, why)
	case !m.Known:
		return explore.Value{Missing: showback.Unclassified}
	}
	return none(key, "")
}

// notUsage holds the words for the classes whose charges need not name what
// was used. A type that nobody documented may be usage and is judged as such.
var notUsage = map[showback.ChargeClass]string{
	showback.ClassTax:      "tax",
	showback.ClassCredit:   "credit or refund",
	showback.ClassRefund:   "credit or refund",
	showback.ClassDiscount: "discount",
	showback.ClassFee:      "fee",
}
