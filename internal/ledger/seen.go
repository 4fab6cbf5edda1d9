package ledger

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"showback"
	"showback/internal/source"
)

// What meaning is given to is looked for once in all lines, into tables of the
// distinct values and their keys: meter_seen, tag_seen, caller_seen and
// resource_seen. When their values have ids, meter_key, tag_key, caller_key and
// resource_key lead from keys to ids, and the facts are joined by keys alone.

// meterFields are what splits meters, beside the product map.
var meterFields = []source.Field{source.ProductCode, source.BillingEntity, source.UsageType, source.Operation, source.Unit, source.ServiceCode,
	source.ProductFamily, source.Region, source.ProductName, source.PurchaseTerm, source.Rate, source.Description}

var tagFields = []source.Field{source.Tags, source.ResourceTags, source.CostCategory}

// seeMeters makes meter_seen. The product map is slow to read: where the other
// fields tell what it is, as they do when AWS fills it by the usage type, the key
// is of them alone.
func (w *work) seeMeters(ctx context.Context) error {
	sources, err := w.sources(ctx)
	if err != nil {
		return err
	}
	columns, texts := "", []string{}
	for _, f := range append([]source.Field{source.Product}, meterFields...) {
		name := ident(string(f))
		columns += ", " + name + " VARCHAR"
		texts = append(texts, filled(f, name)+" AS "+name)
	}
	if err := w.exec(ctx, "CREATE OR REPLACE TABLE meter_seen (key UBIGINT"+columns+"); CREATE OR REPLACE TABLE meter_written (flat UBIGINT, mapped UBIGINT"+columns+")"); err != nil {
		return err
	}
	for _, l := range sources {
		group := []string{"any_value(" + w.key(l, meterFields) + ")", "any_value(" + w.key(l, []source.Field{source.Product}) + ")"}
		for _, f := range append([]source.Field{source.Product}, meterFields...) {
			group = append(group, l.written(f)+" AS "+ident(string(f)))
		}
		if err := w.exec(ctx, fmt.Sprintf("INSERT INTO meter_written SELECT %s FROM %s GROUP BY ALL", strings.Join(group, ", "), l.from)); err != nil {
			return err
		}
	}
	err = w.one(ctx, fmt.Sprintf("SELECT coalesce(max(products), 0) > 1 FROM (SELECT count(DISTINCT %s) AS products FROM meter_written GROUP BY flat)",
		filled(source.Product, string(source.Product))), &w.byProduct)
	if err != nil {
		return err
	}
	key := "flat"
	if w.byProduct {
		key = "hash(flat, mapped)"
	}
	if err := w.exec(ctx, "INSERT INTO meter_seen SELECT DISTINCT "+key+", "+strings.Join(texts, ", ")+" FROM meter_written"); err != nil {
		return err
	}
	return w.tellApart(ctx, "meter_seen")
}

// meterKey is the key of a line in meter_seen.
func (w *work) meterKey(l lines) string {
	flat := w.key(l, meterFields)
	if w.byProduct {
		return "hash(" + flat + ", " + w.key(l, []source.Field{source.Product}) + ")"
	}
	return flat
}

func (w *work) seeTags(ctx context.Context) error { return w.see(ctx, "tag_seen", tagFields...) }

// seeRest looks for what has not been looked for when all lines that are bad are
// known, and settles the keys.
func (w *work) seeRest(ctx context.Context) error {
	var staged bool
	if err := w.one(ctx, "SELECT EXISTS (FROM "+stageTable+")", &staged); err != nil {
		return err
	}
	rest := func(again bool) error {
		steps := []func() error{
			func() error { return w.see(ctx, "caller_seen", source.Caller) },
			func() error { return w.see(ctx, "resource_seen", source.Resource) },
			func() error { return w.labelLines(ctx, again) },
		}
		if again || staged { // lines of the stage have become rejects since
			steps = append(steps, func() error { return w.seeMeters(ctx) }, func() error { return w.seeTags(ctx) })
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	}
	if err := w.readLines(ctx, func() error { return rest(false) }); err != nil || !w.alike {
		return err
	}
	w.salt, w.alike = rand.Text(), false
	if err := w.readLines(ctx, func() error { return rest(true) }); err != nil {
		return err
	}
	if w.alike {
		return showback.Errorf(showback.KindInternal, "tell the values of the lines apart: two have one key")
	}
	return nil
}

// labelLines adds the labels of the stage; again makes all of them anew.
func (w *work) labelLines(ctx context.Context, again bool) error {
	where := " WHERE digits = 0" // those of the stage, where this is run twice
	if again {
		where = ""
	}
	if err := w.exec(ctx, "DELETE FROM "+labelTable+where); err != nil {
		return err
	}
	for _, p := range w.kept {
		if !again {
			break
		}
		if err := w.labelFile(ctx, p); err != nil {
			return err
		}
	}
	if err := w.labelStage(ctx); err != nil {
		return err
	}
	texts := make([]string, len(labelTexts))
	for i, f := range labelTexts {
		texts[i] = ident(string(f))
	}
	if err := w.exec(ctx, "CREATE OR REPLACE TABLE label_seen AS SELECT DISTINCT key, period, reserved, "+strings.Join(texts, ", ")+" FROM "+labelTable); err != nil {
		return err
	}
	return w.tellApart(ctx, "label_seen")
}

// restage copies all lines to the stage and runs a step again.
func (w *work) restage(ctx context.Context, step func() error) error {
	if err := w.asWritten(ctx, func() error { return w.stageKept(ctx) }); err != nil {
		return err
	}
	return step()
}

// meterKeys makes meter_key and, of the meters that are kept as sums, rest_key.
func (w *work) meterKeys(ctx context.Context) error {
	of := func(table, which string) error {
		return w.exec(ctx, "CREATE OR REPLACE TABLE "+table+" AS SELECT s.key, m.meter_id FROM meter_seen s "+meterJoin()+
			" JOIN meter_map m ON m.base_id = b.base_id AND m.rate = "+rateOfAI+" AND m.description = "+descriptionOfAI+" WHERE "+which)
	}
	return errors.Join(of("meter_key", "NOT m.rest"), of("rest_key", "m.rest"))
}

// keyIDs makes the other tables that lead from keys to ids.
func (w *work) keyIDs(ctx context.Context) error {
	joined := func(columns ...source.Field) string {
		on := make([]string, len(columns))
		for i, f := range columns {
			on[i] = fmt.Sprintf("m.%[1]s = s.%[1]s", f)
		}
		return strings.Join(on, " AND ")
	}
	var errs []error
	for _, q := range []string{
		"tag_key AS SELECT s.key, m.tagset_id FROM tag_seen s JOIN tag_map m ON " + joined(tagFields...),
		"caller_key AS SELECT s.key, m.caller_id, m.principal_id FROM caller_seen s JOIN caller_map m ON m.arn = s." + string(source.Caller),
		fmt.Sprintf("resource_map AS SELECT (row_number() OVER (ORDER BY v))::INTEGER AS resource_id, v AS resource FROM"+
			" (SELECT DISTINCT %s AS v FROM resource_seen) WHERE v <> ''", source.Resource),
		"resource_key AS SELECT s.key, coalesce(m.resource_id, 0) AS resource_id FROM resource_seen s LEFT JOIN resource_map m ON m.resource = s." +
			string(source.Resource),
	} {
		errs = append(errs, w.exec(ctx, "CREATE OR REPLACE TABLE "+q))
	}
	return errors.Join(errs...)
}
