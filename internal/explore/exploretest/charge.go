package exploretest

import (
	"maps"
	"strings"
	"time"

	"showback"
)

// base is the charge that a load line describes changes to: one call of a
// model, in the month that an eval asks about by default.
func base() showback.Charge {
	day := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	return showback.Charge{
		Payer:           "111122223333",
		Export:          "bill",
		Type:            "Usage",
		UsageStart:      day,
		UsageEnd:        day.AddDate(0, 0, 1),
		BillType:        "Anniversary",
		BillingEntity:   "AWS",
		InvoicingEntity: "Amazon Web Services, Inc.",
		LegalEntity:     "Amazon Web Services, Inc.",
		Currency:        "USD",
		Meter: showback.Meter{
			ProductCode:   "AmazonBedrock",
			UsageType:     "USE1-NovaLite-input-tokens",
			Operation:     "InvokeModelInference",
			Unit:          "1K tokens",
			ServiceCode:   "AmazonBedrock",
			ProductFamily: "Amazon Bedrock",
			Region:        "us-east-1",
			ProductName:   "Amazon Bedrock",
		},
	}
}

// textField is a key of a load line that sets one text of a charge.
type textField struct {
	key string
	at  func(*showback.Charge) *string
}

var textFields = []textField{
	{"payer", func(c *showback.Charge) *string { return &c.Payer }},
	{"payer-name", func(c *showback.Charge) *string { return &c.PayerName }},
	{"export", func(c *showback.Charge) *string { return &c.Export }},
	{"account", func(c *showback.Charge) *string { return &c.Account }},
	{"account-name", func(c *showback.Charge) *string { return &c.AccountName }},
	{"caller", func(c *showback.Charge) *string { return &c.Caller }},
	{"type", func(c *showback.Charge) *string { return &c.Type }},
	{"resource", func(c *showback.Charge) *string { return &c.Resource }},
	{"bill-type", func(c *showback.Charge) *string { return &c.BillType }},
	{"billing-entity", func(c *showback.Charge) *string { return &c.BillingEntity }},
	{"invoicing-entity", func(c *showback.Charge) *string { return &c.InvoicingEntity }},
	{"legal-entity", func(c *showback.Charge) *string { return &c.LegalEntity }},
	{"invoice", func(c *showback.Charge) *string { return &c.Invoice }},
	{"currency", func(c *showback.Charge) *string { return &c.Currency }},
}

// meterFields describe the meter. The first, when named, clears the others.
var meterFields = []textField{
	{"product-code", func(c *showback.Charge) *string { return &c.Meter.ProductCode }},
	{"usage-type", func(c *showback.Charge) *string { return &c.Meter.UsageType }},
	{"operation", func(c *showback.Charge) *string { return &c.Meter.Operation }},
	{"unit", func(c *showback.Charge) *string { return &c.Meter.Unit }},
	{"service-code", func(c *showback.Charge) *string { return &c.Meter.ServiceCode }},
	{"product-family", func(c *showback.Charge) *string { return &c.Meter.ProductFamily }},
	{"region", func(c *showback.Charge) *string { return &c.Meter.Region }},
	{"product-name", func(c *showback.Charge) *string { return &c.Meter.ProductName }},
	{"provider", func(c *showback.Charge) *string { return &c.Meter.Provider }},
	{"model", func(c *showback.Charge) *string { return &c.Meter.Model }},
	{"inference-type", func(c *showback.Charge) *string { return &c.Meter.InferenceType }},
	{"feature", func(c *showback.Charge) *string { return &c.Meter.Feature }},
	{"purchase-term", func(c *showback.Charge) *string { return &c.Meter.PurchaseTerm }},
	{"rate", func(c *showback.Charge) *string { return &c.Meter.Rate }},
	{"description", func(c *showback.Charge) *string { return &c.Meter.Description }},
}

var amountFields = []struct {
	key   string
	basis showback.Basis
}{
	{"cost", showback.Unblended},
	{"net", showback.NetUnblended},
	{"amortized", showback.Amortized},
	{"net-amortized", showback.NetAmortized},
	{"blended", showback.Blended},
	{"list", showback.List},
}

// change applies the words of a load line, key=value each, to a copy of from.
func change(from showback.Charge, list []string) (showback.Charge, error) {
	c := from
	c.Tags = maps.Clone(from.Tags)
	c.Amounts = maps.Clone(from.Amounts)
	for _, word := range list {
		if strings.HasPrefix(word, meterFields[0].key+"=") {
			c.Meter = showback.Meter{}
		}
	}
	for _, word := range list {
		key, value, ok := strings.Cut(word, "=")
		if !ok {
			return c, showback.Errorf(showback.KindInvalid, "read %q: want key=value", word)
		}
		if err := set(&c, key, value); err != nil {
			return c, err
		}
	}
	return c, nil
}

func set(c *showback.Charge, key, value string) error {
	for _, fields := range [][]textField{textFields, meterFields} {
		for _, f := range fields {
			if f.key == key {
				*f.at(c) = value
				return nil
			}
		}
	}
	for _, f := range amountFields {
		if f.key == key {
			return setAmount(c, f.basis, value)
		}
	}
	if tag, ok := showback.ParseTagKey(key); ok {
		if c.Tags == nil {
			c.Tags = map[showback.TagKey]string{}
		}
		c.Tags[tag] = value
		return nil
	}
	var err error
	switch key {
	case "day":
		c.UsageStart, err = time.Parse(time.DateOnly, value)
		c.UsageEnd = c.UsageStart.AddDate(0, 0, 1)
	case "hour":
		c.UsageStart, err = time.Parse(hourForm, value)
		c.UsageEnd = c.UsageStart.Add(time.Hour)
	case "start":
		c.UsageStart, err = time.Parse(time.RFC3339, value)
		c.UsageEnd = c.UsageStart.Add(time.Hour)
	case "end":
		c.UsageEnd, err = time.Parse(time.RFC3339, value)
	case "month":
		c.Month, err = showback.ParseMonth(value)
	case "quantity":
		var q showback.Decimal
		q, err = parseAmount(value)
		c.Quantity = &q
	case "caller-column":
		c.NoCallerColumn = value == "no"
		if value != "no" && value != "yes" {
			err = showback.Errorf(showback.KindInvalid, "read caller-column %q: want yes or no", value)
		}
	default:
		err = showback.Errorf(showback.KindInvalid, "read %s=%s: no such key of a charge", key, value)
	}
	return err
}

const hourForm = "2006-01-02T15"

func setAmount(c *showback.Charge, b showback.Basis, text string) error {
	amount, err := parseAmount(text)
	if err != nil {
		return err
	}
	if c.Amounts == nil {
		c.Amounts = map[showback.Basis]showback.Decimal{}
	}
	c.Amounts[b] = amount
	return nil
}

// parseAmount reads a number that a ledger can hold as it is: a reader would
// round what has more decimals, and the script would say what no bill says.
func parseAmount(text string) (showback.Decimal, error) {
	d, err := showback.ParseDecimal(text)
	if err == nil && d.Scale() > showback.AmountScale {
		err = showback.Errorf(showback.KindInvalid, "read number %s: more than %d decimals", text, showback.AmountScale)
	}
	return d, err
}

// finish gives what follows from other keys: the account from the payer, the
// month from the day, the meter's entity from the charge's.
func finish(c showback.Charge) showback.Charge {
	c.Meter.BillingEntity = c.BillingEntity
	if c.Account == "" {
		c.Account = c.Payer
	}
	if c.Month == "" {
		c.Month = showback.MonthOf(c.UsageStart)
	}
	return c
}
