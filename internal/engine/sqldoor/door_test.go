package sqldoor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/engine/enginetest"
	"showback/internal/engine/mem"
	"showback/internal/explore"
	"showback/internal/explore/exploretest"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

// fillStore imports the charges as the bills that would bring them.
func fillStore(t testing.TB, charges []showback.Charge) *ledger.Store {
	t.Helper()
	bills := t.TempDir()
	for _, d := range enginetest.Deliveries(charges) {
		folder := filepath.Join(bills, d.Payer, d.Export, "data", "BILLING_PERIOD="+string(d.Month))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(folder, d.Export+"-00001.csv"))
		if err != nil {
			t.Fatal(err)
		}
		if err := enginetest.WriteCSV(f, d.Charges); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	store := ledger.Open(filepath.Join(t.TempDir(), "store"))
	if len(charges) == 0 {
		return store
	}
	_, err := ingest.Import(context.Background(), store, []string{bills}, ingest.Options{Replace: true, Now: time.Now})
	if err != nil {
		t.Fatalf("import: %v (hint: %s)", err, showback.HintOf(err))
	}
	return store
}

func openDoor(t testing.TB, store *ledger.Store, opts Options) *Door {
	t.Helper()
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(context.Background(), snap, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if err := snap.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// texts runs a query and returns its rows, the cells of each with a bar between.
func texts(d *Door, query string) ([]string, error) {
	rows, err := d.Query(context.Background(), query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []string{}
	for rows.Next() {
		var cells []string
		for _, c := range rows.Cells() {
			text := c.Text()
			if c.Null() {
				text = "NULL"
			}
			cells = append(cells, text)
		}
		list = append(list, strings.Join(cells, "|"))
	}
	return list, rows.Err()
}

func must(t testing.TB, d *Door, query string) []string {
	t.Helper()
	list, err := texts(d, query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return list
}

// keys are the keys of explore with what has their values in charges.
var keys = map[string]string{
	"caller": "caller", "principal": "principal", "role": "role", "session": "session", "person": "person",
	"certainty": "certainty", "who": "who", "provider": "provider", "model": "model", "token-type": "token_type",
	"pricing-model": "pricing_model", "route": "route", "service": "service", "region": "region",
	"usage-type": "usage_type", "operation": "operation", "charge-type": "charge_type", "charge-class": "charge_class",
	"account": "account", "payer": "payer", "resource": "resource", "invoice": "invoice", "billing-entity": "billing_entity",
	"invoicing-entity": "invoicing_entity", "legal-entity": "legal_entity", "bill-type": "bill_type", "currency": "currency",
	"month": "month", "scope": "CASE WHEN ai THEN 'AI' ELSE 'not AI' END",
}

// always is a period that holds all months of a test.
var always = showback.Period{Start: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}

// sums returns, for each currency and value of the key, what explore's oracle
// makes of the charges: the charges, their cost on the basis and their tokens.
func sums(t testing.TB, oracle *mem.Engine, key explore.Key, basis showback.Basis) []string {
	t.Helper()
	rows, err := oracle.Run(context.Background(), explore.Plan{Period: always, Granularity: explore.Total, By: []explore.Key{key},
		Basis: basis, Scope: explore.ScopeAll, TagView: explore.TagsBilled, Measures: []explore.Measure{explore.Cost, explore.Tokens}})
	if err != nil {
		t.Fatal(err)
	}
	type sum struct {
		charges      int64
		cost, tokens showback.Decimal
	}
	all := map[string]*sum{}
	for _, r := range rows {
		value := r.Keys[0].Text
		if r.Keys[0].Missing != "" {
			value = "NULL"
		}
		id := r.Currency + "|" + value
		if all[id] == nil {
			all[id] = &sum{}
		}
		s := all[id]
		s.charges += r.Charges
		s.cost, s.tokens = s.cost.Add(r.Cost), s.tokens.Add(r.Tokens)
	}
	var list []string
	for id, s := range all {
		list = append(list, fmt.Sprintf("%s|%d|%s|%s", id, s.charges, s.cost, s.tokens))
	}
	slices.Sort(list)
	return list
}

// compare holds the view charges against the oracle, on each key and basis.
func compare(t testing.TB, charges []showback.Charge) {
	t.Helper()
	oracle := mem.New(charges, mem.Cover(charges))
	d := openDoor(t, fillStore(t, charges), Options{})
	same := func(key explore.Key, expr, cost string, basis showback.Basis) {
		t.Helper()
		got := must(t, d, "SELECT currency, "+expr+", count(*), coalesce(sum("+cost+"), 0), coalesce(sum(tokens), 0) FROM charges GROUP BY 1, 2")
		slices.Sort(got)
		if want := sums(t, oracle, key, basis); !slices.Equal(got, want) {
			t.Errorf("by %s, %s:\ngot  %s\nwant %s\n%s", key, basis, strings.Join(got, "\n     "), strings.Join(want, "\n     "), exploretest.Format(charges))
		}
	}
	for name, expr := range keys {
		same(explore.Key{Name: name}, expr, "cost", showback.Unblended)
	}
	for _, c := range costColumns {
		same(explore.Key{Name: "charge-type"}, "charge_type", c.name, c.basis)
	}
	tags := map[showback.TagKey]bool{}
	for _, c := range charges {
		for key := range c.Tags {
			tags[key] = true
		}
	}
	for key := range tags {
		same(explore.Key{Tag: key}, "tags["+quote(key.Flag())+"]", "cost", showback.Unblended)
		same(explore.Key{Tag: key}, "(SELECT value FROM tags t WHERE t.tagset_id = charges.tagset_id AND key = "+quote(key.Flag())+")", "cost", showback.Unblended)
	}
}

func TestChargesOfScripts(t *testing.T) {
	loads, err := exploretest.BuiltinLoads()
	if err != nil {
		t.Fatal(err)
	}
	for i, charges := range loads {
		if len(charges) > 6 { // each is an import: the others hold nothing else
			t.Run(fmt.Sprint(i), func(t *testing.T) { compare(t, charges) })
		}
	}
}

// The random charges are those that engines are compared over; the oracle
// stands in for the engine, since the door answers no plans.
func TestChargesOfRandomSets(t *testing.T) {
	enginetest.Compare(t, 2, func(t testing.TB, charges []showback.Charge) explore.Engine {
		compare(t, charges)
		return mem.New(charges, mem.Cover(charges))
	})
}

// bedrock returns a charge for tokens of alice's, in a month of its own.
func bedrock(month showback.Month, cost string) showback.Charge {
	quantity := showback.MustDecimal("2.5")
	return showback.Charge{
		Payer: "111122223333", Export: "bill", Month: month, Account: "111122223333",
		Caller: "arn:aws:sts::111122223333:assumed-role/app/alice@example.com",
		Type:   "Usage", UsageStart: month.Start(), UsageEnd: month.Start().Add(time.Hour),
		BillType: "Anniversary", BillingEntity: "AWS", Invoice: "2100000001", Currency: "USD", Quantity: &quantity,
		Tags: map[showback.TagKey]string{{Source: showback.TagCaller, Name: "team"}: "search"},
		Meter: showback.Meter{ProductCode: "AmazonBedrock", BillingEntity: "AWS", UsageType: "USE1-NovaLite-input-tokens",
			Operation: "InvokeModelInference", Unit: "1K tokens", ServiceCode: "AmazonBedrock", ProductName: "Amazon Bedrock"},
		Amounts: map[showback.Basis]showback.Decimal{showback.Unblended: showback.MustDecimal(cost), showback.Amortized: showback.MustDecimal(cost)},
	}
}

// Digits that the first part of an amount has no room for, large and small
// amounts in one month, and both signs.
func TestEveryDigit(t *testing.T) {
	var charges []showback.Charge
	for i, cost := range []string{"0.1234567890123456789", "-0.0000000000000000001", "0.9999999999999999999", "123456789.0000000000000000005",
		"-99999999.99999999995", "999999999999.0000000000000000001", "-0.00000000005"} {
		c := bedrock(showback.Month("2026-01").Add(i%2), cost)
		c.UsageStart = c.UsageStart.AddDate(0, 0, i)
		c.UsageEnd = c.UsageStart.Add(time.Hour)
		charges = append(charges, c)
	}
	compare(t, charges)
	d := openDoor(t, fillStore(t, charges), Options{})
	f := func(query string, want ...string) {
		t.Helper()
		if got := must(t, d, query); !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", query, got, want)
		}
	}
	f("SELECT cost FROM charges WHERE month = '2026-01' ORDER BY cost", "-99999999.99999999995", "-0.00000000005", "0.1234567890123456789", "0.9999999999999999999")
	f("SELECT sum(cost) FROM charges", "1000023456789.1234567890123456793")
	f("SELECT sum(cost) - (SELECT sum(costs['USD']) FROM deliveries) FROM charges", "0")
	f("SELECT typeof(sum(cost)), typeof(any_value(cost)), typeof(any_value(tokens)) FROM charges", amount+"|"+amount+"|"+amount)
}

func TestEmptyStore(t *testing.T) {
	d := openDoor(t, ledger.Open(filepath.Join(t.TempDir(), "none")), Options{})
	for _, v := range Schema() {
		if got := must(t, d, "SELECT * FROM "+v.Name); len(got) != 0 {
			t.Errorf("%s has rows: %q", v.Name, got)
		}
	}
	if got := must(t, d, "SELECT sum(cost), count(*) FROM charges"); !slices.Equal(got, []string{"NULL|0"}) {
		t.Errorf("got %q, want no sum and no charges", got)
	}
}

func TestMonths(t *testing.T) {
	store := fillStore(t, []showback.Charge{bedrock("2026-01", "1"), bedrock("2026-02", "2"), bedrock("2026-03", "4")})
	f := func(from, to showback.Month, want string) {
		t.Helper()
		d := openDoor(t, store, Options{From: from, To: to})
		if got := must(t, d, "SELECT coalesce(sum(cost), 0) FROM charges"); !slices.Equal(got, []string{want}) {
			t.Errorf("from %q to %q: got %q, want %s", from, to, got, want)
		}
		if got := must(t, d, "SELECT count(*) FROM deliveries"); !slices.Equal(got, []string{"3"}) {
			t.Errorf("from %q to %q: %q deliveries, want all", from, to, got)
		}
	}
	f("", "", "7")
	f("2026-02", "", "6")
	f("", "2026-02", "3")
	f("2026-02", "2026-02", "2")
	f("2027-01", "", "0")
}

func TestDamaged(t *testing.T) {
	store := fillStore(t, []showback.Charge{bedrock("2026-01", "1")})
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	path := snap.SegmentPath(&snap.Segments[0])
	f := func(name, want string, damage func() error) {
		t.Helper()
		if err := errors.Join(os.RemoveAll(path), damage()); err != nil {
			t.Fatal(err)
		}
		d, err := Open(context.Background(), snap, Options{})
		if err == nil {
			d.Close()
		}
		if showback.KindOf(err) != showback.KindCorrupt || !strings.Contains(err.Error(), snap.Segments[0].File) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want corrupt, the file and %q", name, err, want)
		}
	}
	f("missing", "no such file", func() error { return nil })
	f("no database", "not a valid", func() error { return os.WriteFile(path, []byte("no database at all"), 0o600) })
}
