package estate

import (
	"slices"
	"strings"
	"time"

	"showback"
)

// column is one column of an export. Exactly one of the getters is set, or
// none for a column that is always blank; kind says what it holds.
type column struct {
	name string
	kind columnKind
	// distinct says that no two lines have the same text, so that a dictionary
	// and bounds would only add to a large file.
	distinct bool
	text     func(*line) string
	amount   func(*line) number
	time     func(*line) time.Time
	pairs    func(*line) []pair
}

type columnKind string

// The kinds, named as manifests do.
const (
	textColumn      columnKind = "string"
	amountColumn    columnKind = "double"
	timeColumn      columnKind = "timestamp"
	mapColumn       columnKind = "map<string,string>"
	amountMapColumn columnKind = "map<string,double>"
)

// callerColumn is the column that an export has when caller identity is switched on.
const callerColumn = "line_item_iam_principal"

// columnsOf returns the export's columns in the order of AWS's dictionary, the
// caller's last, where AWS's own template puts it. (AWS, "Cost and Usage Report
// 2.0 table dictionary", 2026-09.)
func columnsOf(x *export, m showback.Month) []column {
	list := append(billColumns(x, m), lineColumns()...)
	list = append(list, productColumns()...)
	if x.net {
		list = append(list, netColumns()...)
	}
	if x.commitments {
		list = append(list, commitmentColumns(x)...)
	}
	if x.listed {
		list = append(list, listedColumns()...)
	}
	list = append(list, mapOf("tags", tagsOnce(x)))
	slices.SortFunc(list, func(a, b column) int { return strings.Compare(a.name, b.name) })
	if x.callers {
		list = append(list, textOf(callerColumn, func(l *line) string { return l.caller }))
	}
	return list
}

// once returns get, worked out once for each key: lines by the million share
// few texts. What it returns is for one goroutine.
func once[K comparable, V any](key func(*line) K, get func(*line) V) func(*line) V {
	known := map[K]V{}
	return func(l *line) V {
		k := key(l)
		v, ok := known[k]
		if !ok {
			v = get(l)
			known[k] = v
		}
		return v
	}
}

// span is a time interval in seconds.
type span struct{ from, to int64 }

// tagsOnce returns the lines' tags. The badge of a caller stands for what else
// depends on the caller: only sessions differ under one badge, and those are
// of machines, not of users who have attributes.
func tagsOnce(x *export) func(*line) []pair {
	type key struct {
		badge   *pair
		account *account
		app     string
		usage   bool
	}
	return once(func(l *line) key {
		k := key{account: l.account, app: l.app, usage: l.isUsage()}
		if len(l.callTags) > 0 {
			k.badge = &l.callTags[0]
		}
		return k
	}, func(l *line) []pair { return l.tags(x) })
}

func textOf(name string, get func(*line) string) column {
	return column{name: name, kind: textColumn, text: get}
}

func amountOf(name string, get func(*line) number) column {
	return column{name: name, kind: amountColumn, amount: get}
}

func timeOf(name string, get func(*line) time.Time) column {
	return column{name: name, kind: timeColumn, time: get}
}

func mapOf(name string, get func(*line) []pair) column {
	return column{name: name, kind: mapColumn, pairs: get}
}

// blanks are columns that AWS has and this company never fills.
func blanks(kind columnKind, prefix string, names ...string) []column {
	var list []column
	for _, n := range names {
		list = append(list, column{name: prefix + n, kind: kind})
	}
	return list
}

func billColumns(x *export, m showback.Month) []column {
	start, end := m.Start(), m.End()
	return append([]column{
		textOf("bill_bill_type", func(l *line) string { return l.bill }),
		textOf("bill_billing_entity", func(l *line) string { return l.billingEntity() }),
		timeOf("bill_billing_period_end_date", func(*line) time.Time { return end }),
		timeOf("bill_billing_period_start_date", func(*line) time.Time { return start }),
		textOf("bill_invoice_id", func(l *line) string { return l.invoice }),
		textOf("bill_invoicing_entity", func(l *line) string { return l.payer.entity }),
		textOf("bill_payer_account_id", func(l *line) string { return l.payer.id }),
		textOf("bill_payer_account_name", func(l *line) string { return l.payer.name }),
		mapOf("cost_category", once(func(l *line) *account { return l.account }, (*line).categories)),
		{name: "identity_line_item_id", kind: textColumn, distinct: x.chunk.isLarge(), text: func(l *line) string { return l.id }},
		textOf("identity_time_interval", once(func(l *line) span { return span{l.start.Unix(), l.end.Unix()} }, func(l *line) string {
			return l.start.Format(time.RFC3339) + "/" + l.end.Format(time.RFC3339)
		})),
		mapOf("resource_tags", once(func(l *line) string { return l.app }, (*line).resourceTags)),
	}, blanks(amountColumn, "split_line_item_", "actual_usage", "split_cost", "split_usage", "split_usage_ratio", "unused_cost")...)
}

func lineColumns() []column {
	return append([]column{
		textOf("line_item_currency_code", func(l *line) string { return l.payer.currency }),
		textOf("line_item_legal_entity", func(l *line) string { return l.legalEntity() }),
		textOf("line_item_line_item_description", func(l *line) string { return l.describes() }),
		textOf("line_item_line_item_type", func(l *line) string { return l.kind }),
		textOf("line_item_operation", (*line).operates),
		textOf("line_item_product_code", func(l *line) string { return l.code }),
		textOf("line_item_resource_id", func(l *line) string { return l.resource }),
		textOf("line_item_tax_type", func(l *line) string { return l.taxType }),
		amountOf("line_item_unblended_cost", func(l *line) number { return l.unblended }),
		textOf("line_item_unblended_rate", (*line).rateText),
		textOf("line_item_usage_account_id", func(l *line) string { return l.account.id }),
		textOf("line_item_usage_account_name", func(l *line) string { return l.account.name }),
		amountOf("line_item_usage_amount", func(l *line) number { return l.quantity }),
		timeOf("line_item_usage_end_date", func(l *line) time.Time { return l.end }),
		timeOf("line_item_usage_start_date", func(l *line) time.Time { return l.start }),
		textOf("line_item_usage_type", func(l *line) string { return l.usage }),
		textOf("pricing_currency", func(l *line) string { return l.payer.currency }),
		textOf("pricing_rate_code", func(l *line) string { return ifUsage(l, l.rateCode) }),
		textOf("pricing_rate_id", func(l *line) string { return ifUsage(l, l.sku) }),
		textOf("pricing_term", func(l *line) string { return l.term }),
		textOf("pricing_unit", func(l *line) string { return l.unit }),
	}, slices.Concat(
		blanks(textColumn, "line_item_", "availability_zone", "user_identifier"),
		blanks(amountColumn, "line_item_", "normalization_factor", "normalized_usage_amount"),
		blanks(textColumn, "pricing_", "lease_contract_length", "offering_class", "purchase_option"))...)
}

func ifUsage(l *line, text string) string {
	if !l.isUsage() {
		return ""
	}
	return text
}

func productColumns() []column {
	return append([]column{
		mapOf("product", func(l *line) []pair { return l.attributes }),
		textOf("product_location", func(l *line) string { return l.region.name }),
		textOf("product_location_type", func(l *line) string {
			if l.region.code == "" {
				return ""
			}
			return "AWS Region"
		}),
		textOf("product_operation", (*line).operates),
		textOf("product_pricing_unit", func(l *line) string { return l.unit }),
		textOf("product_product_family", func(l *line) string { return l.family }),
		textOf("product_region_code", func(l *line) string { return l.region.code }),
		textOf("product_servicecode", func(l *line) string { return l.service }),
		textOf("product_sku", func(l *line) string { return l.sku }),
		textOf("product_usagetype", func(l *line) string { return l.usage }),
	}, blanks(textColumn, "product_", "comment", "fee_code", "fee_description", "from_location", "from_location_type",
		"from_region_code", "instance_family", "instance_type", "instancesku", "to_location", "to_location_type", "to_region_code")...)
}

// listedColumns are those of the bases blended and list.
func listedColumns() []column {
	return []column{
		amountOf("line_item_blended_cost", func(l *line) number { return l.blended }),
		textOf("line_item_blended_rate", (*line).rateText),
		amountOf("pricing_public_on_demand_cost", func(l *line) number { return l.list }),
		textOf("pricing_public_on_demand_rate", func(l *line) string {
			if !l.list.set {
				return ""
			}
			return l.rate
		}),
	}
}

// netColumns are there only for a payer with discounts.
func netColumns() []column {
	netRate := once(func(l *line) *tariff { return l.tariff }, func(l *line) string {
		factor, _ := l.netFactor()
		return l.price.decimal().Mul(factor.decimal()).String()
	})
	return append([]column{
		amountOf("line_item_net_unblended_cost", func(l *line) number { return l.net }),
		textOf("line_item_net_unblended_rate", func(l *line) string {
			if _, label := l.netFactor(); label == "" {
				return l.rateText()
			}
			return netRate(l)
		}),
		{name: "discount", kind: amountMapColumn},
	}, blanks(amountColumn, "discount_", "bundled_discount", "total_discount")...)
}

func commitmentColumns(x *export) []column {
	plan := func(name string, get func(*planPart) number) column {
		return amountOf("savings_plan_"+name, func(l *line) number {
			if l.plan == nil {
				return number{}
			}
			return get(l.plan)
		})
	}
	reserve := func(name string, get func(*reservePart) number) column {
		return amountOf("reservation_"+name, func(l *line) number {
			if l.reserve == nil {
				return number{}
			}
			return get(l.reserve)
		})
	}
	list := []column{
		plan("savings_plan_effective_cost", func(p *planPart) number { return p.effective }),
		plan("total_commitment_to_date", func(p *planPart) number { return p.total }),
		plan("used_commitment", func(p *planPart) number { return p.used }),
		textOf("savings_plan_savings_plan_rate", func(l *line) string {
			if l.plan == nil {
				return ""
			}
			return l.plan.rate
		}),
		textOf("savings_plan_savings_plan_a_r_n", func(l *line) string {
			if l.plan == nil {
				return ""
			}
			return l.payer.planARN()
		}),
		reserve("effective_cost", func(r *reservePart) number { return r.effective }),
		reserve("unused_amortized_upfront_fee_for_billing_period", func(r *reservePart) number { return r.unusedUpfront }),
		reserve("unused_recurring_fee", func(r *reservePart) number { return r.unusedRecurring }),
		reserve("unused_quantity", func(r *reservePart) number { return r.unusedHours }),
		reserve("amortized_upfront_fee_for_billing_period", func(r *reservePart) number { return r.upfrontFee }),
		textOf("reservation_reservation_a_r_n", func(l *line) string {
			if l.reserve == nil {
				return ""
			}
			return l.payer.reserveARN()
		}),
	}
	if x.net {
		list = append(list,
			plan("net_savings_plan_effective_cost", func(p *planPart) number { return p.netEffective }),
			reserve("net_effective_cost", func(r *reservePart) number { return r.netEffective }),
			reserve("net_unused_amortized_upfront_fee_for_billing_period", func(r *reservePart) number { return r.netUnusedUpfront }),
			reserve("net_unused_recurring_fee", func(r *reservePart) number { return r.netUnusedRecurr }),
			reserve("net_amortized_upfront_fee_for_billing_period", func(r *reservePart) number { return r.netUpfront }))
	}
	list = append(list, blanks(textColumn, "savings_plan_", "end_time", "instance_type_family", "offering_type", "payment_option", "purchase_term", "region", "start_time")...)
	list = append(list, blanks(amountColumn, "savings_plan_", "amortized_upfront_commitment_for_billing_period", "recurring_commitment_for_billing_period")...)
	list = append(list, blanks(textColumn, "reservation_", "availability_zone", "end_time", "modification_status", "number_of_reservations", "start_time", "subscription_id", "total_reserved_units", "units_per_reservation")...)
	return append(list, blanks(amountColumn, "reservation_", "amortized_upfront_cost_for_usage", "normalized_units_per_reservation", "recurring_fee_for_usage", "total_reserved_normalized_units", "upfront_value")...)
}
