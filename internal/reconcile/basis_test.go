package reconcile

import (
	"strings"
	"testing"

	"showback"
)

// commitments are lines with every amount a power of two, so that a sum tells
// which columns it is made of.
func commitmentSheet(types ...string) sheet {
	s := sheet{append(append([]string{}, billHeader[:5]...), amountNames[:]...)}
	s[0] = append(s[0], textNames[reservationColumn])
	for _, kind := range types {
		kind, arn, _ := strings.Cut(kind, " ")
		s = append(s, []string{
			payerA, "2026-10-01T00:00:00Z", "Code", kind, "USD",
			"1", "2", "4", "8", // unblended, net, blended, list
			"16", "32", "64", "128", // savings plan: effective, net effective, total, used
			"256", "512", // reservation: effective, net effective
			"1024", "2048", "4096", "8192", // unused upfront, recurring, their net twins
			arn,
		})
	}
	return s
}

// without blanks columns whose name has one of the parts.
func (s sheet) without(parts ...string) sheet {
	for i, name := range s[0] {
		for _, part := range parts {
			if strings.Contains(name, part) {
				for _, record := range s[1:] {
					record[i] = ""
				}
			}
		}
	}
	return s
}

func TestAmortized(t *testing.T) {
	f := func(kind, amortized, net string) {
		t.Helper()
		got := total(t, save(t, "data", commitmentSheet(kind).csv(t)))
		kind, _, _ = strings.Cut(kind, " ")
		for basis, want := range map[showback.Basis]string{
			showback.Unblended: "1", showback.NetUnblended: "2", showback.Blended: "4", showback.List: "8",
			showback.Amortized: amortized, showback.NetAmortized: net,
		} {
			if got := got["111122223333|2026-10|Code|"+kind+"|USD|"+string(basis)]; got != "1+0 "+want {
				t.Errorf("%s, %s: got %q, want %q", kind, basis, got, "1+0 "+want)
			}
		}
	}
	f("Usage", "1", "2")
	f("SavingsPlanCoveredUsage", "16", "32")
	f("SavingsPlanRecurringFee", "-64", "-64")
	f("SavingsPlanNegation", "0", "0")
	f("SavingsPlanUpfrontFee", "0", "0")
	f("DiscountedUsage", "256", "512")
	f("RIFee", "3072", "12288")
	f("Fee arn:aws:ec2:us-east-1:111122223333:reserved-instances/1", "0", "0")
	f("Fee", "1", "2")
	f("Tax", "1", "2")
	f("SomethingNew", "1", "2")
}

func TestCarriedBases(t *testing.T) {
	f := func(s sheet, want ...showback.Basis) {
		t.Helper()
		var got []string
		sums := total(t, save(t, "data", s.csv(t)))
		for _, basis := range showback.Bases {
			if !strings.HasPrefix(sums["111122223333|2026-10|Code|"+s[1][3]+"|USD|"+string(basis)], "not") {
				got = append(got, string(basis))
			}
		}
		words := make([]string, len(want))
		for i, b := range want {
			words[i] = string(b)
		}
		if strings.Join(got, " ") != strings.Join(words, " ") {
			t.Errorf("%s: got %v, want %v", s[1], got, want)
		}
	}
	const (
		u, n, a, na, b, l = showback.Unblended, showback.NetUnblended, showback.Amortized, showback.NetAmortized, showback.Blended, showback.List
	)
	all := []string{"SavingsPlanCoveredUsage", "SavingsPlanRecurringFee", "DiscountedUsage", "RIFee"}
	f(commitmentSheet(all...), u, n, a, na, b, l)
	f(commitmentSheet("Usage").without("savings_plan", "reservation"), u, n, a, na, b, l)
	f(commitmentSheet("Usage").without("net_", "line_item_blended", "on_demand"), u, a)
	f(commitmentSheet(all...).without("savings_plan_effective"), u, n, b, l)
	f(commitmentSheet(all...).without("net_savings_plan_effective"), u, n, a, b, l)
	f(commitmentSheet(all...).without("used_commitment"), u, n, b, l)
	f(commitmentSheet(all...).without("reservation_effective"), u, n, na, b, l)
	f(commitmentSheet(all...).without("reservation_unused_recurring"), u, n, na, b, l)
	f(commitmentSheet(all...).without("line_item_net_"), u, a, b, l)
	// What no line's type needs is not missed.
	f(commitmentSheet("SavingsPlanNegation").without("savings_plan", "reservation"), u, n, a, na, b, l)
	f(commitmentSheet("RIFee").without("savings_plan", "effective"), u, n, a, na, b, l)
	// One value in one line is enough.
	one := commitmentSheet("Usage", "Usage")
	one[1][6], one[1][8] = "", ""
	f(one, u, n, a, na, b, l)
}
