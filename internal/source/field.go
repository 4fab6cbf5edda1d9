package source

// The fields of a charge. (AWS, "Cost and Usage Report 2.0 table dictionary", 2026-09.)
const (
	Payer           Field = "bill_payer_account_id"
	PayerName       Field = "bill_payer_account_name"
	PeriodStart     Field = "bill_billing_period_start_date"
	BillType        Field = "bill_bill_type"
	BillingEntity   Field = "bill_billing_entity"
	Invoice         Field = "bill_invoice_id"
	InvoicingEntity Field = "bill_invoicing_entity"
	LegalEntity     Field = "line_item_legal_entity"

	Account     Field = "line_item_usage_account_id"
	AccountName Field = "line_item_usage_account_name"
	Caller      Field = "line_item_iam_principal"
	LineType    Field = "line_item_line_item_type"
	UsageStart  Field = "line_item_usage_start_date"
	UsageEnd    Field = "line_item_usage_end_date"
	Resource    Field = "line_item_resource_id"

	ProductCode   Field = "line_item_product_code"
	UsageType     Field = "line_item_usage_type"
	Operation     Field = "line_item_operation"
	Description   Field = "line_item_line_item_description"
	Unit          Field = "pricing_unit"
	PurchaseTerm  Field = "pricing_term"
	ServiceCode   Field = "product_servicecode"
	ProductFamily Field = "product_product_family"
	Region        Field = "product_region_code"
	Product       Field = "product"
	ProductName   Field = "product_product_name" // where an export lifts it out of the map

	Tags         Field = "tags"
	ResourceTags Field = "resource_tags"
	CostCategory Field = "cost_category"

	Currency  Field = "line_item_currency_code"
	Quantity  Field = "line_item_usage_amount"
	Rate      Field = "line_item_unblended_rate"
	Unblended Field = "line_item_unblended_cost"
	NetCost   Field = "line_item_net_unblended_cost"
	Blended   Field = "line_item_blended_cost"
	ListCost  Field = "pricing_public_on_demand_cost"

	SPEffective       Field = "savings_plan_savings_plan_effective_cost"
	SPNetEffective    Field = "savings_plan_net_savings_plan_effective_cost"
	SPTotalCommitment Field = "savings_plan_total_commitment_to_date"
	SPUsedCommitment  Field = "savings_plan_used_commitment"

	RIARN                Field = "reservation_reservation_a_r_n"
	RIEffective          Field = "reservation_effective_cost"
	RINetEffective       Field = "reservation_net_effective_cost"
	RIUnusedUpfront      Field = "reservation_unused_amortized_upfront_fee_for_billing_period"
	RIUnusedRecurring    Field = "reservation_unused_recurring_fee"
	RINetUnusedUpfront   Field = "reservation_net_unused_amortized_upfront_fee_for_billing_period"
	RINetUnusedRecurring Field = "reservation_net_unused_recurring_fee"
)

// Fields are all that the ledger asks of a charge.
var Fields = []Field{
	Payer, PayerName, PeriodStart, BillType, BillingEntity, Invoice, InvoicingEntity, LegalEntity,
	Account, AccountName, Caller, LineType, UsageStart, UsageEnd, Resource,
	ProductCode, UsageType, Operation, Description, Unit, PurchaseTerm, ServiceCode, ProductFamily, Region, Product, ProductName,
	Tags, ResourceTags, CostCategory,
	Currency, Quantity, Rate, Unblended, NetCost, Blended, ListCost,
	SPEffective, SPNetEffective, SPTotalCommitment, SPUsedCommitment,
	RIARN, RIEffective, RINetEffective, RIUnusedUpfront, RIUnusedRecurring, RINetUnusedUpfront, RINetUnusedRecurring,
}

// OfKind returns the fields of a kind, in the order of Fields.
func OfKind(k Kind) []Field {
	var of []Field
	for _, f := range Fields {
		if KindOf(f) == k {
			of = append(of, f)
		}
	}
	return of
}

// Kind is what a field's values are.
type Kind string

// The kinds of value.
const (
	Text   Kind = "text"
	Time   Kind = "time"
	Amount Kind = "amount" // an exact decimal
	Map    Kind = "map"    // text to text: a Parquet MAP, or a JSON object as text
)

// KindOf returns the kind of a field's values.
func KindOf(f Field) Kind {
	switch f {
	case PeriodStart, UsageStart, UsageEnd:
		return Time
	case Product, Tags, ResourceTags, CostCategory:
		return Map
	case Quantity, Unblended, NetCost, Blended, ListCost,
		SPEffective, SPNetEffective, SPTotalCommitment, SPUsedCommitment,
		RIEffective, RINetEffective, RIUnusedUpfront, RIUnusedRecurring,
		RINetUnusedUpfront, RINetUnusedRecurring:
		return Amount
	}
	return Text
}
