package ledger

import "showback"

// Format is the version of everything on disk. Fact columns are frozen with
// it: schema_test.go fails when they change without it.
const Format = 1

// Dimension tables, in dims.vN.duckdb. An id of 0 means none and has no row;
// ids start at 1, are append-only over versions and never reused. Columns of
// meter up to description are as billed, those after it are the meaning that
// internal/meter gives them, rewritten whole when a rule gets better.
const dimsSchema = `
CREATE TABLE payer (payer_id INTEGER NOT NULL, account VARCHAR NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE account (account_id INTEGER NOT NULL, account VARCHAR NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE principal (principal_id INTEGER NOT NULL, kind VARCHAR NOT NULL, partition VARCHAR NOT NULL,
  account VARCHAR NOT NULL, name VARCHAR NOT NULL, permission_set VARCHAR NOT NULL);
CREATE TABLE meter (meter_id INTEGER NOT NULL,
  product_code VARCHAR NOT NULL, billing_entity VARCHAR NOT NULL, usage_type VARCHAR NOT NULL, operation VARCHAR NOT NULL,
  unit VARCHAR NOT NULL, service_code VARCHAR NOT NULL, product_family VARCHAR NOT NULL, region VARCHAR NOT NULL,
  product_name VARCHAR NOT NULL, billed_provider VARCHAR NOT NULL, billed_model VARCHAR NOT NULL,
  inference_type VARCHAR NOT NULL, feature VARCHAR NOT NULL, purchase_term VARCHAR NOT NULL,
  rate VARCHAR NOT NULL, description VARCHAR NOT NULL,
  ai BOOLEAN NOT NULL, known BOOLEAN NOT NULL, inference BOOLEAN NOT NULL, service VARCHAR NOT NULL,
  provider VARCHAR NOT NULL, model VARCHAR NOT NULL, token_type VARCHAR NOT NULL, pricing_model VARCHAR NOT NULL,
  route VARCHAR NOT NULL, multiplier BIGINT NOT NULL);
CREATE TABLE tagset (tagset_id INTEGER NOT NULL, canonical VARCHAR NOT NULL);
CREATE TABLE tag (tagset_id INTEGER NOT NULL, source VARCHAR NOT NULL, name VARCHAR NOT NULL, value VARCHAR NOT NULL);
CREATE TABLE charge_type (charge_type_id INTEGER NOT NULL, name VARCHAR NOT NULL, class VARCHAR NOT NULL, counts BOOLEAN NOT NULL);
CREATE TABLE currency (currency_id INTEGER NOT NULL, code VARCHAR NOT NULL);
CREATE TABLE bill_type (bill_type_id INTEGER NOT NULL, name VARCHAR NOT NULL);
`

// Segment tables. A fact is one charge; facts are sorted by caller, hour,
// meter. day and hour (hours since 1970, UTC) are when the charge counts;
// usage_start and usage_end are its own times. caller, resource and invoice
// are dictionaries of this file alone; the other ids point into the
// dimensions. principal_id repeats that of the caller's row.
//
// Each amount is a pair: hi, rounded to the segment's scale, and rest, what hi
// leaves, in units of 1e-19: the amount is hi + rest × 1e-19, exactly. NULL
// means that the bill gives none. net_unblended, amortized, blended and list
// are differences from unblended; net_amortized is one from net_unblended.
const segmentSchema = `
CREATE TABLE %[1]s.fact (
  day DATE NOT NULL, hour INTEGER NOT NULL, usage_start TIMESTAMP NOT NULL, usage_end TIMESTAMP,
  payer_id INTEGER NOT NULL, account_id INTEGER NOT NULL, caller_id INTEGER NOT NULL, principal_id INTEGER NOT NULL,
  meter_id INTEGER NOT NULL, tagset_id INTEGER NOT NULL, charge_type_id INTEGER NOT NULL, resource_id INTEGER NOT NULL,
  bill_type_id INTEGER NOT NULL, invoice_id INTEGER NOT NULL, currency_id INTEGER NOT NULL,
  quantity_hi DECIMAL(18,%[3]d), quantity_rest BIGINT,
  unblended_hi DECIMAL(18,%[2]d) NOT NULL, unblended_rest BIGINT NOT NULL,
  net_unblended_hi DECIMAL(18,%[2]d), net_unblended_rest BIGINT,
  amortized_hi DECIMAL(18,%[2]d), amortized_rest BIGINT,
  net_amortized_hi DECIMAL(18,%[2]d), net_amortized_rest BIGINT,
  blended_hi DECIMAL(18,%[2]d), blended_rest BIGINT,
  list_hi DECIMAL(18,%[2]d), list_rest BIGINT);
CREATE TABLE %[1]s.caller (caller_id INTEGER NOT NULL, arn VARCHAR NOT NULL, principal_id INTEGER NOT NULL, session VARCHAR NOT NULL);
CREATE TABLE %[1]s.resource (resource_id INTEGER NOT NULL, resource VARCHAR NOT NULL);
CREATE TABLE %[1]s.invoice (invoice_id INTEGER NOT NULL, invoice VARCHAR NOT NULL, billing_entity VARCHAR NOT NULL,
  invoicing_entity VARCHAR NOT NULL, legal_entity VARCHAR NOT NULL);
CREATE TABLE %[1]s.reject (file VARCHAR NOT NULL, row_number BIGINT NOT NULL, column_name VARCHAR NOT NULL,
  found VARCHAR NOT NULL, reason VARCHAR NOT NULL, currency VARCHAR NOT NULL, unblended DECIMAL(38,19));
CREATE TABLE %[1]s.about (format INTEGER NOT NULL, payer VARCHAR NOT NULL, export VARCHAR NOT NULL, month VARCHAR NOT NULL,
  delivery VARCHAR NOT NULL, amount_scale INTEGER NOT NULL, quantity_scale INTEGER NOT NULL);
`

// RestFormat is what a segment with a rest says of itself in about, so that a
// program that knows nothing of the table takes none for a whole segment.
const RestFormat = 2

// The rest of a segment of which AI alone is kept, in the same file: sums of the
// charges that are not AI and are no facts. A row stands for as many as charges
// says, and has the sums of their pairs. caller_id is 1 where they have a caller,
// which is not kept, and 0 where they have none. Their meter has the product
// alone. Charges with a list price are apart from those without. A question that
// needs more is refused: see explore.Rest.
const restSchema = `
CREATE TABLE %[1]s.rest (
  payer_id INTEGER NOT NULL, account_id INTEGER NOT NULL, caller_id INTEGER NOT NULL, meter_id INTEGER NOT NULL,
  charge_type_id INTEGER NOT NULL, bill_type_id INTEGER NOT NULL, invoice_id INTEGER NOT NULL, currency_id INTEGER NOT NULL,
  charges BIGINT NOT NULL,
  unblended_hi DECIMAL(18,%[2]d) NOT NULL, unblended_rest BIGINT NOT NULL,
  net_unblended_hi DECIMAL(18,%[2]d), net_unblended_rest BIGINT,
  amortized_hi DECIMAL(18,%[2]d), amortized_rest BIGINT,
  net_amortized_hi DECIMAL(18,%[2]d), net_amortized_rest BIGINT,
  blended_hi DECIMAL(18,%[2]d), blended_rest BIGINT,
  list_hi DECIMAL(18,%[2]d), list_rest BIGINT);
`

// DifferenceFrom says from which basis a stored basis is kept as a difference.
// Unblended is stored itself.
var DifferenceFrom = map[showback.Basis]showback.Basis{
	showback.NetUnblended: showback.Unblended,
	showback.Amortized:    showback.Unblended,
	showback.Blended:      showback.Unblended,
	showback.List:         showback.Unblended,
	showback.NetAmortized: showback.NetUnblended,
}

// AmountColumn returns the stem of the pair of columns that holds the basis.
func AmountColumn(b showback.Basis) string {
	switch b {
	case showback.Unblended:
		return "unblended"
	case showback.NetUnblended:
		return "net_unblended"
	case showback.Amortized:
		return "amortized"
	case showback.NetAmortized:
		return "net_amortized"
	case showback.Blended:
		return "blended"
	case showback.List:
		return "list"
	}
	panic("BUG: no column for basis " + string(b))
}
