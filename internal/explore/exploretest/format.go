package exploretest

import (
	"slices"
	"strings"
	"time"

	"showback"
)

// Format writes the charges as a load block that gives them back, so that a
// case found by chance can be kept as a script.
func Format(charges []showback.Charge) string {
	var b strings.Builder
	b.WriteString("load\n")
	for _, c := range charges {
		b.WriteString("  " + strings.Join(describe(c), " ") + "\n")
	}
	return b.String()
}

// describe returns the words of a load line, those that say what is default
// left out.
func describe(c showback.Charge) []string {
	from := finish(base())
	from.Meter.BillingEntity = c.Meter.BillingEntity
	list := describeTime(c)
	add := func(key, value string) { list = append(list, quote(key)+"="+quote(value)) }
	for _, f := range textFields {
		value, usual := *f.at(&c), *f.at(&from)
		if f.key == "account" {
			usual = c.Payer
		}
		if value != usual {
			add(f.key, value)
		}
	}
	if c.NoCallerColumn {
		add("caller-column", "no")
	}
	if c.Meter != from.Meter {
		for i, f := range meterFields {
			if value := *f.at(&c); i == 0 || value != "" {
				add(f.key, value)
			}
		}
	}
	if c.Quantity != nil {
		add("quantity", c.Quantity.String())
	}
	for _, f := range amountFields {
		derived := (f.basis == showback.Amortized || f.basis == showback.NetAmortized) && !isCommitment(&c)
		if amount, ok := c.Amounts[f.basis]; ok && !derived {
			add(f.key, amount.String())
		}
	}
	var tags []string
	for key, value := range c.Tags {
		tags = append(tags, quote(key.Flag())+"="+quote(value))
	}
	slices.Sort(tags)
	return append(list, tags...)
}

func describeTime(c showback.Charge) []string {
	start, end := c.UsageStart, c.UsageEnd
	var list []string
	switch {
	case start.Equal(showback.Day(start)) && end.Equal(start.AddDate(0, 0, 1)):
		list = append(list, "day="+start.Format(time.DateOnly))
	case start.Equal(start.Truncate(time.Hour)) && end.Equal(start.Add(time.Hour)):
		list = append(list, "hour="+start.Format(hourForm))
	default:
		list = append(list, "start="+start.Format(time.RFC3339))
		if !end.Equal(start.Add(time.Hour)) {
			list = append(list, "end="+end.Format(time.RFC3339))
		}
	}
	if c.Month != showback.MonthOf(start) {
		list = append(list, "month="+string(c.Month))
	}
	return list
}
