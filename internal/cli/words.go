package cli

import (
	"maps"
	"slices"
	"strings"

	"showback"
	"showback/internal/explore"
)

// monthsText writes months with runs drawn together: "2026-01 to 2026-03,
// 2026-05".
func monthsText(months []showback.Month) string {
	months = slices.Clone(months)
	slices.Sort(months)
	months = slices.Compact(months)
	var runs []string
	for i := 0; i < len(months); {
		last := i
		for last+1 < len(months) && months[last+1] == months[last].Add(1) {
			last++
		}
		run := string(months[i])
		if last > i {
			run += " to " + string(months[last])
		}
		runs = append(runs, run)
		i = last + 1
	}
	return strings.Join(runs, ", ")
}

// amountsText writes amounts of several currencies, in order of currency.
func amountsText(byCurrency map[string]showback.Decimal) string {
	var texts []string
	for _, currency := range slices.Sorted(maps.Keys(byCurrency)) {
		texts = append(texts, explore.MoneyText(byCurrency[currency], currency))
	}
	return strings.Join(texts, " and ")
}

// distinct returns the texts in order, each once.
func distinct(texts []string) []string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	return slices.Compact(texts)
}
