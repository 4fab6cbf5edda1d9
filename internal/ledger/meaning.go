package ledger

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"sort"

	"showback"
	"showback/internal/identity"
	"showback/internal/meter"
	"showback/internal/source"
	"showback/internal/tag"
)

// maxTagValues is how many values of one key a segment keeps. A key with more
// (a ticket number as session tag) is named, counted and not kept.
const maxTagValues = 100_000

// fillMap makes a table of a text's distinct values and what they became.
func (w *work) fillMap(ctx context.Context, table, columns string, rows [][]driver.Value) error {
	if err := w.exec(ctx, "CREATE OR REPLACE TABLE "+table+" ("+columns+")"); err != nil {
		return err
	}
	return w.fill(table, func() []driver.Value {
		if len(rows) == 0 {
			return nil
		}
		r := rows[0]
		rows = rows[1:]
		return r
	})
}

// texts returns the distinct values of a text of a table.
func (w *work) texts(ctx context.Context, table string, f source.Field) ([]string, error) {
	var values []string
	name := ident(string(f))
	err := w.each(ctx, "SELECT DISTINCT "+name+" FROM "+table+" ORDER BY 1", func(scan func(...any) error) error {
		var v string
		if err := scan(&v); err != nil {
			return err
		}
		values = append(values, v)
		return nil
	})
	return values, err
}

// parseProducts makes product_map from the distinct product maps. It returns
// those that are no JSON object.
func (w *work) parseProducts(ctx context.Context) (bad []string, err error) {
	if err := w.readLines(ctx, func() error { return w.seeMeters(ctx) }); err != nil {
		return nil, err
	}
	values, err := w.texts(ctx, "meter_seen", source.Product)
	if err != nil {
		return nil, err
	}
	var rows [][]driver.Value
	for _, text := range values {
		attrs := map[string]any{}
		if text != "" {
			if err := json.Unmarshal([]byte(text), &attrs); err != nil {
				bad = append(bad, text)
				continue
			}
		}
		get := func(keys ...string) string {
			for _, k := range keys {
				if s, ok := attrs[k].(string); ok && s != "" {
					return s
				}
			}
			return ""
		}
		rows = append(rows, []driver.Value{text, get("product_name"), get("provider"), get("model"),
			get("inference_type", "inferenceType"), get("feature"), get("product_family"), get("region_code", "regionCode")})
	}
	if len(bad) > 0 && len(w.kept) > 0 { // only the stage can make rejects of lines
		err = w.restage(ctx, func() (err error) { bad, err = w.parseProducts(ctx); return err })
		return bad, err
	}
	return bad, w.fillMap(ctx, "product_map", "product VARCHAR, product_name VARCHAR, billed_provider VARCHAR, billed_model VARCHAR,"+
		" inference_type VARCHAR, feature VARCHAR, family VARCHAR, region VARCHAR", rows)
}

// tagUse is what the staged tags came to.
type tagUse struct {
	wide []string
	bad  []badTags
	sets []parsedTags // of the distinct maps that can be read
}

// parsedTags are tag maps as delivered and what they say.
type parsedTags struct {
	raw [3]string // tags, resource_tags, cost_category
	set tag.Set
}

// badTags are tag maps, as delivered, of which that of field can't be read.
type badTags struct {
	raw   [3]string // tags, resource_tags, cost_category
	field source.Field
}

// whichTags finds the one that can't be read.
func whichTags(raw [3]string) source.Field {
	if _, err := tag.Parse(raw[0], "", ""); err != nil {
		return source.Tags
	}
	if _, err := tag.Parse("", raw[1], ""); err != nil {
		return source.ResourceTags
	}
	return source.CostCategory
}

// parseTags reads the distinct tag maps.
func (w *work) parseTags(ctx context.Context) (tagUse, error) {
	var use tagUse
	if err := w.readLines(ctx, func() error { return w.seeTags(ctx) }); err != nil {
		return use, err
	}
	query := fmt.Sprintf("SELECT DISTINCT %s, %s, %s FROM tag_seen ORDER BY ALL", source.Tags, source.ResourceTags, source.CostCategory)
	err := w.each(ctx, query, func(scan func(...any) error) error {
		var p parsedTags
		if err := scan(&p.raw[0], &p.raw[1], &p.raw[2]); err != nil {
			return err
		}
		set, err := tag.Parse(p.raw[0], p.raw[1], p.raw[2])
		if err != nil {
			use.bad = append(use.bad, badTags{p.raw, whichTags(p.raw)})
			return nil
		}
		p.set = set
		use.sets = append(use.sets, p)
		return nil
	})
	if err != nil {
		return use, err
	}
	if len(use.bad) > 0 && len(w.kept) > 0 { // only the stage can make rejects of lines
		err = w.restage(ctx, func() (err error) { use, err = w.parseTags(ctx); return err })
	}
	return use, err
}

// giveTags makes tag_map and gives ids to the tag sets that facts have. Keys of
// too many values are left out of all.
func (w *work) giveTags(ctx context.Context, d *dims, use *tagUse) error {
	ofFacts, err := w.tagsOfFacts(ctx, use.sets)
	if err != nil {
		return err
	}
	values := map[showback.TagKey]map[string]bool{}
	for i, p := range use.sets {
		if !ofFacts(i) {
			continue
		}
		for k, v := range p.set {
			if values[k] == nil {
				values[k] = map[string]bool{}
			}
			if len(values[k]) <= maxTagValues {
				values[k][v] = true
			}
		}
	}
	wide := map[showback.TagKey]bool{}
	for k, vs := range values {
		if len(vs) > maxTagValues {
			wide[k] = true
			use.wide = append(use.wide, k.String())
		}
	}
	sort.Strings(use.wide)
	rows := make([][]driver.Value, 0, len(use.sets))
	for i, p := range use.sets {
		for k := range p.set {
			if wide[k] {
				delete(p.set, k)
			}
		}
		var id int32
		if len(p.set) > 0 && ofFacts(i) {
			id = idOf(d, d.tagsetID, &d.tagsets, p.set.Canonical())
		}
		rows = append(rows, []driver.Value{p.raw[0], p.raw[1], p.raw[2], id})
	}
	return w.fillMap(ctx, "tag_map", "tags VARCHAR, resource_tags VARCHAR, cost_category VARCHAR, tagset_id INTEGER", rows)
}

// meterColumns are the columns that split meters, as expressions over
// meter_seen (s) and product_map (p), in the order of showback.Meter's fields.
var meterColumns = []struct{ name, expr string }{
	{"product_code", "s." + string(source.ProductCode)},
	{"billing_entity", "s." + string(source.BillingEntity)},
	{"usage_type", "s." + string(source.UsageType)},
	{"operation", "s." + string(source.Operation)},
	{"unit", "s." + string(source.Unit)},
	{"service_code", "s." + string(source.ServiceCode)},
	{"product_family", "coalesce(nullif(s." + string(source.ProductFamily) + ", ''), p.family)"},
	{"region", "coalesce(nullif(s." + string(source.Region) + ", ''), p.region)"},
	{"product_name", "coalesce(nullif(s." + string(source.ProductName) + ", ''), p.product_name)"},
	{"billed_provider", "p.billed_provider"},
	{"billed_model", "p.billed_model"},
	{"inference_type", "p.inference_type"},
	{"feature", "p.feature"},
	{"purchase_term", "s." + string(source.PurchaseTerm)},
}

// meterJoin joins meter_seen with the meters' tables.
func meterJoin() string {
	on := "LEFT JOIN product_map p ON p.product = s." + string(source.Product) + "\nLEFT JOIN meter_base b ON "
	for i, c := range meterColumns {
		if i > 0 {
			on += " AND "
		}
		on += "b." + c.name + " = " + c.expr
	}
	return on
}

const rateOfAI, descriptionOfAI = "CASE WHEN b.ai THEN s." + string(source.Rate) + " ELSE '' END",
	"CASE WHEN b.ai THEN s." + string(source.Description) + " ELSE '' END"

// parseMeters makes meter_base and meter_map and gives meters ids. Rate and
// description split the meters of AI products only. What is kept as sums has the
// meter of its product.
func (w *work) parseMeters(ctx context.Context, d *dims) error {
	exprs := ""
	for _, c := range meterColumns {
		exprs += ", " + c.expr + " AS " + c.name
	}
	var bases []showback.Meter
	err := w.each(ctx, "SELECT DISTINCT "+exprs[2:]+" FROM meter_seen s LEFT JOIN product_map p ON p.product = s."+
		string(source.Product)+" ORDER BY ALL", func(scan func(...any) error) error {
		var m showback.Meter
		if err := scan(&m.ProductCode, &m.BillingEntity, &m.UsageType, &m.Operation, &m.Unit, &m.ServiceCode, &m.ProductFamily,
			&m.Region, &m.ProductName, &m.Provider, &m.Model, &m.InferenceType, &m.Feature, &m.PurchaseTerm); err != nil {
			return err
		}
		bases = append(bases, m)
		return nil
	})
	if err != nil {
		return err
	}
	// Meters seen before help: an opaque Marketplace code is AI when one of
	// them says so.
	meanings := meter.ClassifyAll(append(slices.Clone(bases), d.meters...))
	rows := make([][]driver.Value, len(bases))
	columns := "base_id INTEGER, ai BOOLEAN"
	for _, c := range meterColumns {
		columns += ", " + c.name + " VARCHAR"
	}
	for i, m := range bases {
		rows[i] = []driver.Value{int32(i), meanings[i].AI, m.ProductCode, m.BillingEntity, m.UsageType, m.Operation, m.Unit, m.ServiceCode,
			m.ProductFamily, m.Region, m.ProductName, m.Provider, m.Model, m.InferenceType, m.Feature, m.PurchaseTerm}
	}
	if err := w.fillMap(ctx, "meter_base", columns, rows); err != nil {
		return err
	}
	rows = nil
	err = w.each(ctx, "SELECT DISTINCT b.base_id, "+rateOfAI+", "+descriptionOfAI+" FROM meter_seen s "+meterJoin()+" ORDER BY ALL", func(scan func(...any) error) error {
		var base int32
		var rate, description string
		if err := scan(&base, &rate, &description); err != nil {
			return err
		}
		m := bases[base]
		m.Rate, m.Description = rate, description
		rest := w.aiOnly && !meanings[base].AI && !meter.Undecided(m)
		if rest {
			m = productOf(m)
		}
		rows = append(rows, []driver.Value{base, rate, description, idOf(d, d.meterID, &d.meters, m), rest})
		return nil
	})
	if err != nil {
		return err
	}
	if err := w.fillMap(ctx, "meter_map", "base_id INTEGER, rate VARCHAR, description VARCHAR, meter_id INTEGER, rest BOOLEAN", rows); err != nil {
		return err
	}
	return w.meterKeys(ctx)
}

// parseCallers makes caller_map: the segment's own dictionary of the callers that
// facts have.
func (w *work) parseCallers(ctx context.Context, d *dims) error {
	values, err := w.texts(ctx, w.callersOfFacts(), source.Caller)
	if err != nil {
		return err
	}
	rows := [][]driver.Value{{"", int32(0), int32(0), ""}}
	for _, arn := range values {
		if arn == "" {
			continue
		}
		c := identity.Parse(arn)
		rows = append(rows, []driver.Value{arn, int32(len(rows)), idOf(d, d.principalID, &d.principals, c.Principal), c.Session})
	}
	return w.fillMap(ctx, "caller_map", "arn VARCHAR, caller_id INTEGER, principal_id INTEGER, session VARCHAR", rows)
}

// parseLabels makes the maps of the short lists: accounts, charge types,
// currencies and bill types.
func (w *work) parseLabels(ctx context.Context, d *dims) error {
	var accounts [][]driver.Value
	err := w.each(ctx, fmt.Sprintf("SELECT %[1]s, coalesce(arg_max(nullif(%[2]s, ''), last), '') FROM %[3]s GROUP BY 1 ORDER BY 1",
		source.Account, source.AccountName, labelTable), func(scan func(...any) error) error {
		var a account
		if err := scan(&a.id, &a.name); err != nil {
			return err
		}
		var id int32
		if a.id != "" {
			id = d.accountOf(d.accountID, &d.accounts, a)
		}
		accounts = append(accounts, []driver.Value{a.id, id})
		return nil
	})
	if err != nil {
		return err
	}
	if err := w.fillMap(ctx, "account_map", "value VARCHAR, id INTEGER", accounts); err != nil {
		return err
	}
	for _, l := range []struct {
		table string
		field source.Field
		ids   map[string]int32
		list  *[]string
	}{
		{"charge_type_map", source.LineType, d.chargeTypeID, &d.chargeTypes},
		{"currency_map", source.Currency, d.currencyID, &d.currencies},
		{"bill_type_map", source.BillType, d.billTypeID, &d.billTypes},
	} {
		values, err := w.texts(ctx, labelTable, l.field)
		if err != nil {
			return err
		}
		rows := make([][]driver.Value, len(values))
		for i, v := range values {
			var id int32
			if v != "" {
				id = idOf(d, l.ids, l.list, v)
			}
			rows[i] = []driver.Value{v, id}
		}
		if err := w.fillMap(ctx, l.table, "value VARCHAR, id INTEGER", rows); err != nil {
			return err
		}
	}
	return w.keyIDs(ctx)
}
