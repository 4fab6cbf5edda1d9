package explore

import (
	"fmt"
	"testing"

	"showback"
)

func TestWords(t *testing.T) {
	f := func(got any, err error, want string) {
		t.Helper()
		text := fmt.Sprint(got)
		if err != nil {
			text = err.Error()
			if hint := showback.HintOf(err); hint != "" {
				text += " | " + hint
			}
			if showback.KindOf(err) != showback.KindInvalid {
				t.Errorf("%v: kind %s", err, showback.KindOf(err))
			}
		}
		if text != want {
			t.Errorf("got %s, want %s", text, want)
		}
	}
	granularity := func(s, want string) { t.Helper(); g, err := ParseGranularity(s); f(g, err, want) }
	granularity("day", "day")
	granularity("DAILY", "day")
	granularity("MONTHLY", "month")
	granularity("Total", "total")
	granularity("HOURLY", "hour")
	granularity("weekly", "week")
	granularity("dayly", `parse granularity "dayly": want hour, day, week, month or total | did you mean day?`)

	basis := func(s, want string) { t.Helper(); b, err := ParseBasis(s); f(b, err, want) }
	basis("unblended", "unblended")
	basis("UnblendedCost", "unblended")
	basis("NetAmortizedCost", "net-amortized")
	basis("NET_UNBLENDED", "net-unblended")
	basis("amortised", "amortized")
	basis("BlendedCost", "blended")
	basis("list", "list")
	basis("UNBLENDED_COST", "unblended")
	basis("NET_UNBLENDED_COST", "net-unblended")
	basis("AMORTIZED_COST", "amortized")
	basis("NET_AMORTIZED_COST", "net-amortized")
	basis("BLENDED_COST", "blended")
	basis("amortzed", `parse basis "amortzed": want unblended, net-unblended, amortized, net-amortized, blended or list | did you mean amortized?`)

	measure := func(s, want string) { t.Helper(); m, err := ParseMeasures(s); f(m, err, want) }
	measure("cost", "[cost]")
	measure("unit-cost, tokens,UsageQuantity", "[unit-cost tokens quantity]")
	measure("cost,cost", `parse measures "cost,cost": cost is there twice`)
	measure("", `parse measure "": want cost, tokens, quantity or unit-cost`)

	scope := func(s, want string) { t.Helper(); v, err := ParseScope(s); f(v, err, want) }
	scope("AI", "ai")
	scope("all", "all")
	scope("every", `parse scope "every": want ai or all`)

	view := func(s, want string) { t.Helper(); v, err := ParseTagView(s); f(v, err, want) }
	view("billed", "billed")
	view("then", "use tag view then: there is no history of tags yet | ask for --tag-view billed: the tags that AWS put on the charge")
	view("now", "use tag view now: there is no history of tags yet | ask for --tag-view billed: the tags that AWS put on the charge")

	charges := func(s, want string) { t.Helper(); c, err := ParseCharges(s); f(c, err, want) }
	charges("all", "[]")
	charges("usage", "[usage]")
	charges("no-tax", "[usage fee discount credit refund other]")
	charges("no-credits-refunds", "[usage fee discount tax other]")
	charges("no-credits-refunds-tax", "[usage fee discount other]")
	charges("no-credits-refunds,no-tax", "[usage fee discount other]")
	charges("NO_TAX, no-refunds", "[usage fee discount credit other]")
	charges("usage,no-tax", `parse charges "usage,no-tax": found classes to count and classes to leave out, want one or the other | to leave some out write no-tax or no-credits,no-tax`)
	charges("tax, usage,Credits", "[usage credit tax]")
	charges("usage,fees,discounts,credits,refunds,tax,other", "[]")
	charges("no-usage-fees-discounts-credits-refunds-tax-other", `parse charges "no-usage-fees-discounts-credits-refunds-tax-other": that leaves no charges`)
	charges("no-credit-refunds-taxs", `parse charges "taxs": want usage, fees, discounts, credits, refunds, tax or other | did you mean tax?`)
	charges("x", `parse charges "x": want usage, fees, discounts, credits, refunds, tax or other | or all, no-tax, no-credits-refunds, no-credits-refunds-tax`)
}
