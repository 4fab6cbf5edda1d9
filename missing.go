package showback

// Missing says why a charge has no value for a key. Each cause is a row of its
// own: none is dropped, none is added to another. The empty Missing means that
// there is a value.
type Missing string

// The causes. Their text is shown in parentheses: "(no caller: tax)".
const (
	Untagged      Missing = "untagged"      // no such tag though the key was in use
	NotSeenYet    Missing = "not seen yet"  // before the key first appears for that payer
	Unclassified  Missing = "unclassified"  // AI, but no rule knows the meter
	NotAI         Missing = "not AI"        // the key has a meaning for AI charges only
	MixedUnits    Missing = "mixed units"   // quantities of several units are not added
	NotAvailable  Missing = "not available" // the delivery does not carry the basis
	NoListPrice   Missing = "no list price" // list basis, and the bill gives none for it
	NoCallerCol   Missing = "no caller: no caller column"
	NoCallerEmpty Missing = "no caller: column is empty"
	NoCallerOther Missing = "no caller: not inference"
	NoCallerTax   Missing = "no caller: tax"
	NoCallerCred  Missing = "no caller: credit or refund"
	NoCallerDisc  Missing = "no caller: discount"
	NoCallerFee   Missing = "no caller: fee"
)

// None returns the cause for a key that the bill leaves blank or that a rule
// knows to have no value: "no model", "no token type". why, when not empty, is
// added: "no model: tax".
func None(key, why string) Missing {
	if why == "" {
		return Missing("no " + key)
	}
	return Missing("no " + key + ": " + why)
}

// NoCaller returns why a charge without caller has none.
func NoCaller(class ChargeClass, inference, known, noColumn bool) Missing {
	switch class {
	case ClassTax:
		return NoCallerTax
	case ClassCredit, ClassRefund:
		return NoCallerCred
	case ClassDiscount:
		return NoCallerDisc
	case ClassFee:
		return NoCallerFee
	}
	switch {
	case known && !inference:
		return NoCallerOther
	case noColumn:
		return NoCallerCol
	}
	return NoCallerEmpty
}
