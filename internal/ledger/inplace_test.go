package ledger

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
	"showback/internal/source"
)

// manyLines is a query of lines of all kinds: two payers, two months in one file,
// every line type that amortizes, blanks of every sort, and amounts of few digits
// and of many.
func manyLines(lines int) string {
	types := []string{"Usage", "SavingsPlanCoveredUsage", "SavingsPlanNegation", "SavingsPlanRecurringFee", "SavingsPlanUpfrontFee",
		"DiscountedUsage", "RIFee", "Fee", "Tax", "Credit"}
	pick := func(of int, values ...string) string {
		cases := ""
		for i, v := range values {
			cases += fmt.Sprintf(" WHEN %d THEN %s", i, v)
		}
		return fmt.Sprintf("CASE (hash(i, %d) %% %d)%s END", of, len(values), cases)
	}
	amount := func(of int) string {
		return pick(of, "NULL", "0", "0.1", "0.0000123", "1.0 / 3", "(i * 7919 % 1000) / 1e3 * 0.91", "-(i % 97) / 7e5", "i / 8e9", "i * 0.91e-12", "123456.789", "4e-21")
	}
	quoted := make([]string, len(types))
	for i, t := range types {
		quoted[i] = quote(t)
	}
	texts := func(of int, values ...string) string {
		for i, v := range values {
			if v != "NULL" {
				values[i] = quote(v)
			}
		}
		return pick(of, values...)
	}
	columns := []struct {
		f    source.Field
		expr string
	}{
		{source.Payer, texts(1, "111122223333", "444455556666")},
		{source.PayerName, texts(2, "one", "NULL", "")},
		{source.PeriodStart, pick(3, "TIMESTAMP '2026-09-01'", "TIMESTAMP '2026-10-01'")},
		{source.BillType, texts(4, "Anniversary", "NULL", "")},
		{source.Invoice, texts(5, "A1", "", "NULL")},
		{source.Account, texts(6, "111122223333", "777788889999", "NULL")},
		{source.AccountName, texts(7, "alpha", "NULL")},
		{source.Caller, texts(8, "arn:aws:sts::111122223333:assumed-role/app/alice@example.com", "arn:aws:iam::111122223333:user/bob", "NULL", "")},
		{source.LineType, pick(9, quoted...)},
		{source.UsageStart, "TIMESTAMPTZ '2026-08-30 00:00:00+00' + (hash(i, 10) % 1600)::INTEGER * INTERVAL 1 HOUR"},
		{source.UsageEnd, pick(11, "TIMESTAMP '2026-09-03'", "NULL")},
		{source.Resource, texts(12, "i-1", "i-2", "", "NULL")},
		{source.ProductCode, texts(13, "AmazonBedrock", "AmazonEC2", "NULL")},
		{source.UsageType, texts(14, "USE1-Claude-input-tokens", "BoxUsage", "NULL", "")},
		{source.Rate, texts(15, "0.003", "NULL")},
		{source.Description, texts(16, "$0.003 per 1K", "NULL")},
		{source.Product, pick(17, "MAP {'product_name': 'Amazon Bedrock', 'provider': 'Anthropic'}", "MAP {'region_code': 'us-east-1'}", "MAP {}", "NULL")},
		{source.Tags, pick(18, "MAP {'iamPrincipal/team': 'red'}", "MAP {'iamPrincipal/team': 'blue', 'iamPrincipal/app': 'a'}", "MAP {'iamPrincipal/app': 'a', 'iamPrincipal/team': 'blue'}", "MAP {}", "NULL")},
		{source.ResourceTags, pick(19, "MAP {'user_app': 'x'}", "NULL")},
		{source.Currency, texts(20, "USD", "EUR")},
		{source.Quantity, pick(21, "NULL", "i", "i / 3", "i * 1e9", "0.25")},
		{source.Unblended, "coalesce(" + amount(22) + ", 0)"},
		{source.NetCost, amount(23)}, {source.ListCost, amount(24)},
		{source.SPEffective, amount(25)}, {source.SPNetEffective, amount(26)}, {source.SPTotalCommitment, amount(27)}, {source.SPUsedCommitment, amount(28)},
		{source.RIARN, texts(29, "arn:aws:ec2:us-east-1:111122223333:reserved-instances/a", "NULL", "")},
		{source.RIEffective, amount(30)}, {source.RINetEffective, amount(31)}, {source.RIUnusedUpfront, amount(32)}, {source.RIUnusedRecurring, amount(33)},
		{source.RINetUnusedUpfront, amount(34)}, {source.RINetUnusedRecurring, amount(35)},
	}
	var s selection
	for _, c := range columns {
		kind := "VARCHAR"
		switch source.KindOf(c.f) {
		case source.Amount:
			kind = "DOUBLE"
		case source.Map:
			kind = "MAP(VARCHAR, VARCHAR)"
		case source.Time:
			kind = "TIMESTAMP"
			if c.f == source.UsageStart {
				kind = "TIMESTAMPTZ"
			}
		}
		s.add("("+c.expr+")::"+kind, ident(string(c.f)))
	}
	// What is no discount is often the same column again.
	s.add(ident(string(source.Unblended)), ident(string(source.Blended)))
	return fmt.Sprintf("SELECT %s FROM range(%d) r(i)", s, lines)
}

// writeParquet writes what a query gives to a file.
func writeParquet(t *testing.T, w *work, query string) source.File {
	t.Helper()
	f := source.File{Path: filepath.Join(t.TempDir(), "bill.parquet"), Name: "bill.parquet", Format: source.Parquet}
	if err := w.exec(t.Context(), fmt.Sprintf("COPY (%s) TO %s (FORMAT parquet, ROW_GROUP_SIZE 2048)", query, quote(f.Path))); err != nil {
		t.Fatal(err)
	}
	return f
}

// loadFiles loads files as one delivery, which begins as intake, and returns
// every fact in words, the segments and what was reported.
func loadFiles(t *testing.T, begin intake, share string, files ...source.File) (facts []string, segments []Segment, out *Loaded) {
	t.Helper()
	store := Open(filepath.Join(t.TempDir(), "store"))
	tx, err := store.Begin(t.Context(), func() time.Time { return time.Unix(0, 0) })
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Close()
	tx.intake = begin
	load := Load{Delivery: source.Delivery{Export: "bill", ID: "1", Files: files}, AllowRejects: showback.MustDecimal(share), Map: mapByName}
	for _, f := range files {
		info, err := Digest(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		load.Files = append(load.Files, info)
	}
	load.Progress = func(Staged) {}
	if out, err = tx.Load(t.Context(), load); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	for _, s := range snap.Segments {
		facts = append(facts, factsInWords(t, store, snap, &s)...)
		s.SHA256 = ""
		segments = append(segments, s)
	}
	return facts, segments, out
}

func mapByName(columns []source.Column) (source.Mapping, error) {
	m := source.Mapping{Columns: map[source.Field]source.Column{}}
	for _, c := range columns {
		m.Columns[source.Field(c.Name)] = c
	}
	return m, nil
}

func factsInWords(t *testing.T, store *Store, snap *Snapshot, s *Segment) (facts []string) {
	t.Helper()
	w, err := openWork(t.Context(), "", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	for name, path := range map[string]string{"seg": snap.SegmentPath(s), "dims": filepath.Join(store.dir, snap.Dims)} {
		if err := w.attach(t.Context(), path, name, true); err != nil {
			t.Fatal(err)
		}
	}
	err = w.each(t.Context(), `SELECT to_json({f: f, p: p, a: a, c: c, pr: pr, m: m, t: t.canonical, ct: ct.name, r: r.resource, b: b.name, i: i, u: u.code})::VARCHAR AS fact
FROM seg.fact f LEFT JOIN dims.payer p ON p.payer_id = f.payer_id LEFT JOIN dims.account a ON a.account_id = f.account_id
LEFT JOIN seg.caller c ON c.caller_id = f.caller_id LEFT JOIN dims.principal pr ON pr.principal_id = f.principal_id LEFT JOIN dims.meter m ON m.meter_id = f.meter_id
LEFT JOIN dims.tagset t ON t.tagset_id = f.tagset_id LEFT JOIN dims.charge_type ct ON ct.charge_type_id = f.charge_type_id LEFT JOIN seg.resource r ON r.resource_id = f.resource_id
LEFT JOIN dims.bill_type b ON b.bill_type_id = f.bill_type_id LEFT JOIN seg.invoice i ON i.invoice_id = f.invoice_id LEFT JOIN dims.currency u ON u.currency_id = f.currency_id
ORDER BY fact`, func(scan func(...any) error) error {
		var fact string
		err := scan(&fact)
		facts = append(facts, string(s.Month)+" "+fact)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func newWork(t *testing.T) *work {
	t.Helper()
	w, err := openWork(context.Background(), "", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.close() })
	return w
}

// sameFacts compares facts with those of the stage.
func sameFacts(t *testing.T, how string, want, got []string) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%s: got %d facts, want %d", how, len(got), len(want))
	}
	for i := range want {
		if want[i] != got[i] {
			t.Fatalf("%s: got fact\n%s, want\n%s", how, got[i], want[i])
		}
	}
}

// A file makes the same facts, the same totals and the same report, whether its
// lines are read in place or copied to the stage, and whatever the keys are.
func TestInPlace(t *testing.T) {
	w := newWork(t)
	whole := writeParquet(t, w, manyLines(5000))
	few := writeParquet(t, w, "SELECT * REPLACE (1e7 + i AS "+string(source.Unblended)+") FROM ("+
		strings.Replace(manyLines(300), "SELECT ", "SELECT i, ", 1)+")")
	f := func(name string, files ...source.File) {
		t.Run(name, func(t *testing.T) {
			want, wantSegments, wantOut := loadFiles(t, intake{stageAll: true}, "0", files...)
			if len(want) == 0 {
				t.Fatal("no facts")
			}
			for how, begin := range map[string]intake{"in place": {}, "other keys": {alike: true}} {
				got, gotSegments, out := loadFiles(t, begin, "0", files...)
				sameFacts(t, how, want, got)
				if diff := cmp.Diff(wantSegments, gotSegments); diff != "" {
					t.Errorf("%s: segments (-staged +got):\n%s", how, diff)
				}
				if diff := cmp.Diff(wantOut.Unknown, out.Unknown, cmp.AllowUnexported(Unknown{})); diff != "" || out.Lines != wantOut.Lines {
					t.Errorf("%s: %d lines, want %d; unknown meters (-staged +got):\n%s", how, out.Lines, wantOut.Lines, diff)
				}
			}
		})
	}
	f("one file", whole)
	f("another scale", few)
	f("two files", whole, few)
	less := writeParquet(t, w, "SELECT * EXCLUDE ("+string(source.NetCost)+", "+string(source.ListCost)+", "+string(source.Product)+") FROM ("+manyLines(500)+")")
	f("files of other columns", whole, less)
}

// A line that can't be read makes its file one for the stage, and no other.
func TestInPlaceWithBadLine(t *testing.T) {
	w := newWork(t)
	good := writeParquet(t, w, manyLines(100))
	f := func(name, replace string) {
		t.Run(name, func(t *testing.T) {
			lines := strings.Replace(manyLines(100), "SELECT ", "SELECT i, ", 1)
			bad := writeParquet(t, w, "SELECT * EXCLUDE (i) REPLACE ("+replace+") FROM ("+lines+")")
			want, _, wantOut := loadFiles(t, intake{stageAll: true}, "1", good, bad)
			got, _, out := loadFiles(t, intake{}, "1", good, bad)
			if len(wantOut.Rejects) != 1 || wantOut.Rejects[0].Row != 51 {
				t.Fatalf("got rejects %+v, want one of row 51", wantOut.Rejects)
			}
			if diff := cmp.Diff(wantOut.Rejects, out.Rejects, cmp.AllowUnexported(Reject{})); diff != "" {
				t.Errorf("rejects (-staged +in place):\n%s", diff)
			}
			sameFacts(t, "in place", want, got)
		})
	}
	bad := func(field source.Field, value string) string {
		return fmt.Sprintf("CASE i WHEN 50 THEN %s ELSE %s END AS %[2]s", value, field)
	}
	f("no payer", bad(source.Payer, "''"))
	f("no currency code", bad(source.Currency, "'usd'"))
	f("no cost", bad(source.Unblended, "NULL"))
	f("no number", bad(source.NetCost, "'nan'::DOUBLE"))
	f("a large number", bad(source.ListCost, "1e18"))
	f("no start", bad(source.UsageStart, "NULL"))
	f("a start long ago", bad(source.UsageStart, "TIMESTAMPTZ '1999-12-31 23:00:00+00'"))
	f("an endless end", bad(source.UsageEnd, "'infinity'::TIMESTAMP"))
	f("a period within a month", bad(source.PeriodStart, "TIMESTAMP '2026-09-02'"))
}

// A map that can't be read sends the lines of all files to the stage.
func TestInPlaceWithBadMap(t *testing.T) {
	w := newWork(t)
	lines := strings.Replace(manyLines(100), "SELECT ", "SELECT i, ", 1)
	for _, b := range []struct {
		field source.Field
		value string
	}{{source.Product, "'no map'"}, {source.Tags, "'no map'"}, {source.Tags, `'{"a":1}'`}, {source.ResourceTags, `'{"a":"b","a":"c"}'`}} {
		field := b.field
		bad := writeParquet(t, w, fmt.Sprintf("SELECT * EXCLUDE (i) REPLACE (CASE i WHEN 50 THEN %s ELSE '{}' END AS %s) FROM (%s)", b.value, field, lines))
		_, _, out := loadFiles(t, intake{}, "1", bad)
		if len(out.Rejects) != 1 || out.Rejects[0].Row != 51 || out.Rejects[0].Column != string(field) {
			t.Errorf("%s: got rejects %+v, want one of row 51", field, out.Rejects)
		}
	}
}

func TestTellApart(t *testing.T) {
	w := newWork(t)
	for rows, want := range map[string]bool{"(1, 'a'), (2, 'b')": false, "(1, 'a'), (2, 'b'), (1, 'c')": true} {
		w.alike = false
		if err := w.exec(t.Context(), "CREATE OR REPLACE TABLE seen AS SELECT * FROM (VALUES "+rows+") v(key, text)"); err != nil {
			t.Fatal(err)
		}
		if err := w.tellApart(t.Context(), "seen"); err != nil || w.alike != want {
			t.Errorf("%s: got alike %t and %v, want %t", rows, w.alike, err, want)
		}
	}
}
