package showback

import "time"

// Charge is one line of a bill, as billed. It is the unit that is kept exactly
// once. Amounts are exact; a nil amount is one that the bill does not give,
// which is never zero.
type Charge struct {
	Payer     string
	PayerName string
	Export    string // the export that delivered it
	Month     Month  // billing period

	Account     string // usage account
	AccountName string
	Caller      string // line_item_iam_principal verbatim; empty for none
	// NoCallerColumn is true when the export that delivered the charge has no
	// caller column, which is another thing than an empty one.
	NoCallerColumn bool

	Type       string // line item type: Usage, Tax, Credit, …
	UsageStart time.Time
	UsageEnd   time.Time

	Meter    Meter
	Resource string
	Tags     map[TagKey]string

	BillType        string
	BillingEntity   string
	InvoicingEntity string
	LegalEntity     string
	Invoice         string

	Currency string
	Quantity *Decimal
	// Amounts holds the bases that the delivery carries. Unblended is always there.
	Amounts map[Basis]Decimal
}

// CountedOn returns the instant at which the charge counts: its usage start,
// or, where that lies outside the billing period (tax, fees, late usage), the
// first instant of the period's nearest day: its first or last.
func (c *Charge) CountedOn() time.Time { return CountedOn(c.UsageStart, c.Month) }

// CountedOn returns when a charge with this usage start counts in the month:
// the usage start itself when it is inside, the first instant of the month
// when it is before, the first instant of the month's last day when after.
func CountedOn(usageStart time.Time, month Month) time.Time {
	switch p := month.Period(); {
	case usageStart.Before(p.Start):
		return p.Start
	case !usageStart.Before(p.End):
		return p.End.AddDate(0, 0, -1)
	}
	return usageStart.UTC()
}

// ChargeClass groups the bill's line item types into what a person
// distinguishes.
type ChargeClass string

// The classes, in the order in which subtotals are shown.
const (
	ClassUsage    ChargeClass = "usage"
	ClassFee      ChargeClass = "fee"
	ClassDiscount ChargeClass = "discount"
	ClassCredit   ChargeClass = "credit"
	ClassRefund   ChargeClass = "refund"
	ClassTax      ChargeClass = "tax"
	ClassOther    ChargeClass = "other" // a type that the dictionary does not have
)

// ChargeClasses lists the classes in order.
var ChargeClasses = []ChargeClass{ClassUsage, ClassFee, ClassDiscount, ClassCredit, ClassRefund, ClassTax, ClassOther}

// ChargeType is what is known of one line item type.
type ChargeType struct {
	Name  string
	Class ChargeClass
	// Counts reports that the type's quantity is consumption: a negation or a
	// credit repeats the quantity of the usage it offsets, and counting it
	// again would double the tokens.
	Counts bool
	// Commitment reports a type whose amortized amount differs from its
	// unblended one and needs the commitment columns.
	Commitment bool
}

// chargeTypes are the values of line_item_line_item_type. (AWS, "Data
// dictionary: line item columns", 2026-09; EdpDiscount and
// PrivateRateDiscount as seen in bills.)
var chargeTypes = map[string]ChargeType{
	"Usage":                   {Class: ClassUsage, Counts: true},
	"DiscountedUsage":         {Class: ClassUsage, Counts: true, Commitment: true},
	"SavingsPlanCoveredUsage": {Class: ClassUsage, Counts: true, Commitment: true},
	"SavingsPlanNegation":     {Class: ClassUsage, Commitment: true},
	"SavingsPlanRecurringFee": {Class: ClassFee, Commitment: true},
	"SavingsPlanUpfrontFee":   {Class: ClassFee, Commitment: true},
	"RIFee":                   {Class: ClassFee, Commitment: true},
	"Fee":                     {Class: ClassFee},
	"FlateRateSubscription":   {Class: ClassFee}, // sic, AWS's dictionary
	"FlatRateSubscription":    {Class: ClassFee},
	"BundledDiscount":         {Class: ClassDiscount},
	"Discount":                {Class: ClassDiscount},
	"EdpDiscount":             {Class: ClassDiscount},
	"PrivateRateDiscount":     {Class: ClassDiscount},
	"Credit":                  {Class: ClassCredit},
	"Refund":                  {Class: ClassRefund},
	"Tax":                     {Class: ClassTax},
}

// ChargeTypeOf returns what is known of a line item type. An unknown type that
// ends in "Discount" is a discount; any other is ClassOther, kept and shown.
func ChargeTypeOf(name string) ChargeType {
	t, ok := chargeTypes[name]
	switch {
	case ok:
	case len(name) > len("Discount") && name[len(name)-len("Discount"):] == "Discount":
		t = ChargeType{Class: ClassDiscount}
	default:
		t = ChargeType{Class: ClassOther}
	}
	t.Name = name
	return t
}
