package sqldoor

import (
	"slices"
	"strings"

	"showback"
)

// View is a table that a query may read.
type View struct {
	Name    string
	Text    string // what a row of it is
	Columns []Column
}

// Column is a column of a view.
type Column struct {
	Name string
	Type string // as DuckDB writes it
	Text string // what it means; when it is NULL
}

// amount is the type of money, quantities and tokens.
const amount = "DECIMAL(38,19)"

// Schema returns the views, in the order in which they are documented.
func Schema() []View {
	views := []View{
		{Name: "charges", Text: "one line of the bill; each counts once"},
		{"callers", "one caller: an ARN as billed, taken apart", callerColumns},
		{"tags", "one tag of one set of tags; a charge has a set, or none", tagColumns},
		{"meters", "what can be metered, as billed and as understood", meterColumns},
		{"deliveries", "one billing month of one export, as delivered", deliveryColumns},
		{"accounts", "one account that a bill has named", accountColumns},
	}
	for _, c := range chargeColumns() {
		views[0].Columns = append(views[0].Columns, c.Column)
	}
	return views
}

// viewNames lists the views, as a message does.
func viewNames() string {
	var names []string
	for _, v := range Schema() {
		names = append(names, v.Name)
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// chargeColumn is a column of charges: an expression over f, the facts of all
// segments, and the dimensions that it names in joins.
type chargeColumn struct {
	Column
	expr  string
	joins []string // aliases of dimensions
	facts []string // columns of f
}

func chargeColumns() []chargeColumn {
	return slices.Concat(whereAndWhen, whoCaused, whatWasUsed, howBilled, amountColumns())
}

// fact is a column that the facts have as it is.
func fact(name, kind, text string) chargeColumn {
	return chargeColumn{Column{name, kind, text}, "f." + name, nil, []string{name}}
}

// named is a text of a dimension; what the bill leaves blank is NULL.
func named(name, alias, column, text string) chargeColumn {
	return chargeColumn{Column{name, "VARCHAR", text}, "nullif(" + alias + "." + column + ", '')", []string{alias}, []string{idOf[alias]}}
}

// meaning is what only a charge for AI has.
func meaning(name, text string) chargeColumn {
	return chargeColumn{Column{name, "VARCHAR", text + "; NULL when not AI, not known, or it has none"},
		"CASE WHEN m.ai THEN nullif(m." + name + ", '') END", []string{"m"}, []string{"meter_id"}}
}

var whereAndWhen = []chargeColumn{
	fact("month", "VARCHAR", "the billing month, 2026-10"),
	fact("day", "DATE", "the day on which the charge counts, UTC: its usage start, or the month's nearest day when that lies outside"),
	fact("hour", "TIMESTAMP", "the hour on which it counts, UTC"),
	fact("usage_start", "TIMESTAMP", "its own start, UTC, also outside the month"),
	fact("usage_end", "TIMESTAMP", "its own end, UTC, not included; NULL when the bill gives none"),
	fact("payer", "VARCHAR", "the account that pays, 12 digits"),
	fact("payer_name", "VARCHAR", "its name; NULL when the bill gives none"),
	fact("export", "VARCHAR", "the export that delivered the charge"),
	named("account", "a", "account", "the account that used it, 12 digits"),
	named("account_name", "a", "name", "its name; NULL when the bill gives none"),
}

var whoCaused = []chargeColumn{
	fact("caller", "VARCHAR", "the caller's ARN as billed; NULL for none"),
	fact("principal", "VARCHAR", "the user or role behind the caller, as an ARN; NULL without caller"),
	fact("role", "VARCHAR", "the role, 111122223333:role/app or 111122223333:permission-set/Developer; NULL for none"),
	fact("session", "VARCHAR", "the role session or federated user; NULL for none"),
	fact("person", "VARCHAR", "the human: an e-mail address in lower case or a user name; NULL for none"),
	fact("certainty", "VARCHAR", "who vouches for the person: known (AWS or an administrator) or claimed (the caller); NULL without person"),
	fact("who", "VARCHAR", "the person, else the principal"),
	{Column{"no_caller", "VARCHAR", "why there is no caller: not AI, no caller: tax, no caller: not inference, …; NULL where there is one"},
		noCaller(), []string{"m", "k"}, []string{"has_caller", "caller_column", "meter_id", "charge_type_id"}},
	fact("tagset_id", "INTEGER", "the charge's set of tags in the view tags; 0 for none"),
	{Column{"tags", "MAP(VARCHAR, VARCHAR)", "the same tags by key, tags['tag:team']; empty for none"},
		"CASE WHEN f.tagset_id IS NOT NULL THEN coalesce(g.tags, MAP {}) END", []string{"g"}, []string{"tagset_id"}},
}

var whatWasUsed = []chargeColumn{
	{Column{"ai", "BOOLEAN", "whether it belongs to an AI product: --scope ai"}, "m.ai", []string{"m"}, []string{"meter_id"}},
	{Column{"known", "BOOLEAN", "whether a rule knows what was metered"}, "m.known", []string{"m"}, []string{"meter_id"}},
	{Column{"inference", "BOOLEAN", "whether it is a call of a model"}, "m.inference", []string{"m"}, []string{"meter_id"}},
	meaning("provider", "whose model it is, Anthropic"),
	meaning("model", "the model, Claude Sonnet 4.6"),
	meaning("token_type", "input, output, cache read, …"),
	meaning("pricing_model", "on-demand, batch, provisioned, …"),
	meaning("route", "in-region, geo or global"),
	named("service", "m", "service", "the product's name, else its code"),
	named("region", "m", "region", "the product's region; NULL for none"),
	named("product_code", "m", "product_code", "AmazonBedrock"),
	named("usage_type", "m", "usage_type", "as billed; NULL for none"),
	named("operation", "m", "operation", "as billed; NULL for none"),
	fact("meter_id", "INTEGER", "what was metered, in the view meters"),
	fact("resource", "VARCHAR", "the resource's ARN or id; NULL for none"),
}

var howBilled = []chargeColumn{
	named("charge_type", "k", "name", "the line item type: Usage, Tax, Credit, …"),
	named("charge_class", "k", "class", "usage, fee, discount, credit, refund, tax or other"),
	named("bill_type", "b", "name", "Anniversary, Purchase or Refund"),
	fact("invoice", "VARCHAR", "the invoice; NULL while there is none"),
	fact("billing_entity", "VARCHAR", "AWS, AWS Marketplace, …"),
	fact("invoicing_entity", "VARCHAR", "who invoices; NULL when the bill does not say"),
	fact("legal_entity", "VARCHAR", "the seller of record; NULL when the bill does not say"),
	named("currency", "u", "code", "of all amounts of the row, ISO 4217; amounts of two currencies are never to be added"),
}

// lines is how many lines of the bill a row is.
const lines = "lines"

// costColumns are the amounts of charges, each with its basis. cost is
// unblended: the others are named after theirs.
var costColumns = []struct {
	name  string
	basis showback.Basis
	text  string
}{
	{"cost", showback.Unblended, "the cost, unblended, exact"},
	{"net_unblended_cost", showback.NetUnblended, "after discounts; NULL where the delivery does not carry it"},
	{"amortized_cost", showback.Amortized, "commitments spread over what they cover; NULL where not carried"},
	{"net_amortized_cost", showback.NetAmortized, "the same after discounts; NULL where not carried"},
	{"blended_cost", showback.Blended, "at the organisation's average rate; NULL where not carried"},
	{"list_cost", showback.List, "at the public on-demand price; NULL where not carried or the bill gives none for the charge"},
}

func amountColumns() []chargeColumn {
	var columns []chargeColumn
	for _, c := range costColumns {
		columns = append(columns, fact(c.name, amount, c.text))
	}
	return append(columns,
		chargeColumn{Column{"quantity", amount, "the quantity where it is consumption; NULL on negations, credits and the like, which repeat another's"},
			"CASE WHEN k.counts THEN f.billed_quantity END", []string{"k"}, []string{"billed_quantity", "charge_type_id"}},
		fact("billed_quantity", amount, "the quantity as the line has it; NULL for none"),
		named("unit", "m", "unit", "of the quantity: 1K tokens, Hrs, …; quantities of two units are never to be added"),
		chargeColumn{Column{"tokens", amount, "quantity in single tokens; NULL where tokens are not what is metered"},
			"CASE WHEN k.counts AND m.multiplier > 0 THEN CAST(f.billed_quantity * CAST(m.multiplier AS DECIMAL(18,0)) AS " + amount + ") END",
			[]string{"k", "m"}, []string{"billed_quantity", "charge_type_id", "meter_id"}},
		fact(lines, "BIGINT", "1; how many for a sum: of an export imported with --keep ai, charges that are not AI are kept only as sums by"+
			" month, account, service, charge type, invoice and currency, and the columns that those do not tell are NULL"),
	)
}

var callerColumns = []Column{
	{"caller", "VARCHAR", "the ARN as billed"},
	{"principal", "VARCHAR", "the user or role behind it, as an ARN; what is no ARN, verbatim"},
	{"kind", "VARCHAR", "of principal: user, api-key, role, sso-role, root, federated or external"},
	{"account", "VARCHAR", "the principal's account; NULL for an external one"},
	{"name", "VARCHAR", "the user's or role's name, without path"},
	{"permission_set", "VARCHAR", "of a role of Identity Center; NULL for others"},
	{"role", "VARCHAR", "as in charges"},
	{"session", "VARCHAR", "as in charges"},
	{"person", "VARCHAR", "as in charges"},
	{"certainty", "VARCHAR", "as in charges"},
	{"who", "VARCHAR", "as in charges"},
}

var tagColumns = []Column{
	{"tagset_id", "INTEGER", "the set; charges.tagset_id"},
	{"key", "VARCHAR", "the key as the command line takes it, tag:team"},
	{"source", "VARCHAR", "where AWS took the tag from: iamPrincipal, resourceTags, accountTag, userAttribute or costCategory"},
	{"name", "VARCHAR", "the key alone, team"},
	{"value", "VARCHAR", "the value"},
}

var meterColumns = []Column{
	{"meter_id", "INTEGER", "charges.meter_id"},
	{"product_code", "VARCHAR", "as billed, and so all up to description; NULL when blank"},
	{"billing_entity", "VARCHAR", "AWS, AWS Marketplace, …"},
	{"usage_type", "VARCHAR", ""},
	{"operation", "VARCHAR", ""},
	{"unit", "VARCHAR", "the pricing unit"},
	{"service_code", "VARCHAR", ""},
	{"product_family", "VARCHAR", ""},
	{"region", "VARCHAR", "the product's region"},
	{"product_name", "VARCHAR", ""},
	{"billed_provider", "VARCHAR", "the product attribute provider"},
	{"billed_model", "VARCHAR", "the product attribute model"},
	{"inference_type", "VARCHAR", "the product attribute inferenceType"},
	{"feature", "VARCHAR", "the product attribute feature"},
	{"purchase_term", "VARCHAR", "OnDemand, Reserved, …"},
	{"rate", "VARCHAR", "the unblended rate; of AI meters only"},
	{"description", "VARCHAR", "of AI meters only"},
	{"ai", "BOOLEAN", "what showback understands, and so all that follow: whether it belongs to an AI product"},
	{"known", "BOOLEAN", "whether a rule knows it"},
	{"inference", "BOOLEAN", "whether it is a call of a model"},
	{"service", "VARCHAR", "the product's name, else its code"},
	{"provider", "VARCHAR", "NULL when it has none, and so the others"},
	{"model", "VARCHAR", ""},
	{"token_type", "VARCHAR", ""},
	{"pricing_model", "VARCHAR", ""},
	{"route", "VARCHAR", ""},
	{"multiplier", "BIGINT", "from a billed quantity to single tokens; NULL when tokens are not what is metered"},
}

var deliveryColumns = []Column{
	{"month", "VARCHAR", "the billing month, 2026-10"},
	{"payer", "VARCHAR", "the account that pays"},
	{"payer_name", "VARCHAR", "its name; NULL when the bill gives none"},
	{"export", "VARCHAR", "the export that delivered it"},
	{"counts", "BOOLEAN", "whether its charges are in the view charges"},
	{"aside_for", "VARCHAR", "the export that counts in its place; NULL where it counts"},
	{"delivery", "VARCHAR", "the delivery's id"},
	{"made", "TIMESTAMP", "when AWS made it, UTC"},
	{"loaded", "TIMESTAMP", "when it was imported, UTC"},
	{"open", "BOOLEAN", "whether AWS has yet to invoice something of it"},
	{"charges", "BIGINT", "lines of the bill"},
	{"summed", "BIGINT", "how many of them are in the view charges as sums"},
	{"rejects", "BIGINT", "lines that could not be read"},
	{"costs", "MAP(VARCHAR, " + amount + ")", "the exact unblended total in each currency"},
	{"bases", "VARCHAR[]", "the bases that it carries"},
	{"tag_keys", "VARCHAR[]", "the tag keys that occur in it, tag:team"},
	{"hourly", "BOOLEAN", "whether some usage is shorter than a day"},
	{"first_day", "DATE", "the first day with usage; NULL for none"},
	{"last_day", "DATE", "the last day with usage; NULL for none"},
}

var accountColumns = []Column{
	{"account", "VARCHAR", "12 digits"},
	{"name", "VARCHAR", "the name seen last; NULL for none"},
	{"payer", "BOOLEAN", "whether it pays a bill"},
}
