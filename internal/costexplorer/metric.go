package costexplorer

import (
	"strings"

	"showback"
	"showback/internal/explore"
)

// Metric is one of Cost Explorer's metrics in the ledger's words.
type Metric struct {
	Name    string // UnblendedCost, …
	Measure explore.Measure
	Basis   showback.Basis // of a cost; Unblended for a quantity
}

var metrics = []Metric{
	{"UnblendedCost", explore.Cost, showback.Unblended},
	{"NetUnblendedCost", explore.Cost, showback.NetUnblended},
	{"AmortizedCost", explore.Cost, showback.Amortized},
	{"NetAmortizedCost", explore.Cost, showback.NetAmortized},
	{"BlendedCost", explore.Cost, showback.Blended},
	{"UsageQuantity", explore.Quantity, showback.Unblended},
}

// ParseMetric reads a metric's name. NormalizedUsageAmount is refused with the
// reason; every error is of KindInvalid.
func ParseMetric(name string) (Metric, error) {
	var known []string
	for _, m := range metrics {
		if m.Name == name {
			return m, nil
		}
		known = append(known, m.Name)
	}
	if name == "NormalizedUsageAmount" {
		return Metric{}, showback.WithHint(showback.Errorf(showback.KindInvalid,
			"use metric NormalizedUsageAmount: the store keeps quantities as billed, not normalized"), "ask aws for UsageQuantity")
	}
	return Metric{}, showback.Errorf(showback.KindInvalid, "use metric %q: want %s", name, strings.Join(known, ", "))
}
