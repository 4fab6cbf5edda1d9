package duckdb

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

// payersBills returns one charge of each of n payers in each month, each of
// another caller and amount, some with a tag from another day on.
func payersBills(n int, months ...showback.Month) []showback.Charge {
	var charges []showback.Charge
	for i := range n {
		for j, month := range months {
			c := monthly(1)[0]
			payer := fmt.Sprintf("%012d", 111122223333+i)
			c.Payer, c.Export, c.Account, c.Month = payer, "bill", payer, month
			c.Caller = fmt.Sprintf("arn:aws:iam::%s:user/user-%d", payer, i%3)
			c.UsageStart = month.Start().AddDate(0, 0, i)
			c.UsageEnd = c.UsageStart.Add(time.Hour)
			amount := showback.MustDecimal(fmt.Sprintf("%d.%019d", i+1, j+1))
			c.Amounts = map[showback.Basis]showback.Decimal{showback.Unblended: amount, showback.Amortized: amount}
			if i%2 == 1 {
				c.Tags = map[showback.TagKey]string{{Source: showback.TagCaller, Name: "team"}: "search"}
			}
			charges = append(charges, c)
			d := c // before the tag, in the same month
			d.UsageStart, d.Tags = month.Start(), nil
			d.UsageEnd = d.UsageStart.Add(time.Hour)
			charges = append(charges, d)
		}
	}
	return charges
}

func answer(t *testing.T, e *Engine, p explore.Plan) []string {
	t.Helper()
	rows, err := e.Run(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, r := range rows {
		list = append(list, fmt.Sprint(r.Start.Format(time.DateOnly), r.Keys, r.Currency, r.CostMissing, r.Charges, r.Cost, r.Unblended, r.Tokens, r.Quantity))
	}
	slices.Sort(list)
	return list
}

// A question reads compact files in the place of small closed segments, and
// says the same.
func TestCompact(t *testing.T) {
	ctx := context.Background()
	store := fillStore(t, payersBills(8, "2026-01", "2026-02"))
	plan := func(by string) explore.Plan {
		keys, err := explore.ParseKeys(by)
		if err != nil {
			t.Fatal(err)
		}
		return explore.Plan{Period: showback.Period{Start: showback.Month("2026-01").Start(), End: showback.Month("2026-03").Start()},
			Granularity: explore.Daily, By: keys, Basis: showback.Unblended, Scope: explore.ScopeAll}
	}
	compare := func(read, files int) {
		t.Helper()
		e, plain := openStore(t, store), openStore(t, store)
		plain.compacts = false
		for _, by := range []string{"payer", "tag:team", "who,tag:team", "principal,account", "model,resource-tag:app", "invoice,caller", ""} {
			p := plan(by)
			traced, trace := explore.WithTrace(ctx, time.Now)
			if _, err := e.Run(traced, p); err != nil {
				t.Fatal(err)
			}
			if got := len(trace.Steps()); got != read {
				t.Errorf("by %q %d files are read, want %d", by, got, read)
			}
			if got, want := answer(t, e, p), answer(t, plain, p); !slices.Equal(got, want) {
				t.Errorf("by %q compacted = %q, want %q", by, got, want)
			}
			p.Filter, _ = explore.ParseWhere("payer = 111122223335")
			if got, want := answer(t, e, p), answer(t, plain, p); !slices.Equal(got, want) || len(got) == 0 {
				t.Errorf("by %q of one payer compacted = %q, want %q", by, got, want)
			}
		}
		if got := len(e.snap.Compacts); got != files {
			t.Errorf("%d compact files, want %d", got, files)
		}
	}
	compare(2, 2)

	// What goes takes its compact file with it; the others make a new one.
	change := func(f func(*ledger.Tx) error) {
		t.Helper()
		tx, err := store.Begin(ctx, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Close()
		if err := f(tx); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(ctx); err != nil {
			t.Fatal(err)
		}
	}
	change(func(tx *ledger.Tx) error {
		return tx.Remove(ledger.Key{Payer: "111122223334", Export: "bill", Month: "2026-02"})
	})
	compare(2, 2)
	checkup, err := store.Check(ctx, nil)
	if err != nil || len(checkup.Damaged)+len(checkup.Foreign) > 0 {
		t.Errorf("Check = %+v, %v, want no damage", checkup, err)
	}

	// Too few of them are as they were.
	change(func(tx *ledger.Tx) error {
		for i := range 3 {
			if err := tx.Remove(ledger.Key{Payer: fmt.Sprintf("%012d", 111122223336+i), Export: "bill", Month: "2026-02"}); err != nil {
				return err
			}
		}
		return nil
	})
	compare(1+4, 1)

	// A damaged one is found, and mended by loading one of its parts again.
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	file := snap.CompactPath(&snap.Compacts[0])
	snap.Close()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	checkup, err = store.Check(ctx, nil)
	if err != nil || len(checkup.Damaged) != 1 || checkup.Damaged[0].What != "compact file" || len(checkup.Repair.Places) != 1 {
		t.Fatalf("Check = %+v, %v, want one damaged compact file and how to mend it", checkup, err)
	}
	if _, err := ingest.Import(ctx, store, checkup.Repair.Places, ingest.Options{Replace: true, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	if checkup, err = store.Check(ctx, nil); err != nil || len(checkup.Damaged) > 0 {
		t.Errorf("Check after the repair = %+v, %v, want no damage", checkup, err)
	}
	compare(1+4, 1)
}
