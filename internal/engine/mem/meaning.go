package mem

import (
	"strings"

	"showback"
)

// Stand-ins until internal/meter and internal/identity are there.

func classify(charges []showback.Charge) []showback.Meaning {
	out := make([]showback.Meaning, len(charges))
	for i, c := range charges {
		m := c.Meter
		service := m.ProductName
		if service == "" {
			service = m.ProductCode
		}
		out[i] = showback.Meaning{Service: service}
		if !strings.Contains(service, "Bedrock") {
			continue
		}
		out[i].AI = true
		if strings.Contains(m.UsageType, "input") || strings.Contains(m.UsageType, "output") {
			out[i] = showback.Meaning{AI: true, Known: true, Inference: true, Service: service, Provider: "Amazon", Model: m.UsageType, TokenType: "input", PricingModel: "on-demand", Route: "in-region", Multiplier: 1000}
		}
	}
	return out
}

func parseCaller(arn string) showback.Caller { return showback.Caller{ARN: arn} }

func principalOf(c showback.Caller) string { return c.ARN }
func roleOf(c showback.Caller) string      { return "" }
func sessionOf(c showback.Caller) string   { return "" }
func personOf(c showback.Caller) string    { return "" }
