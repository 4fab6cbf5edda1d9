package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"showback"
	"showback/internal/ledger"
)

// many asks a store of very many small deliveries its first question, in new
// processes.
func (b *bench) many(ctx context.Context, r *report) error {
	store, err := b.manyStore(ctx)
	if err != nil {
		return err
	}
	snap, err := store.Snapshot()
	if err != nil {
		return err
	}
	files := fmt.Sprintf("%d segments, %d compact files", len(snap.Segments), len(snap.Compacts))
	if err := snap.Close(); err != nil {
		return err
	}
	row := fmt.Sprintf("%d months × %d payers, first question", b.months, b.payers)
	for _, q := range []struct {
		what  string
		limit time.Duration
		args  []string
	}{
		{"all months by team", 500 * time.Millisecond, []string{"explore", "--by", teamKey, "--from", fmt.Sprintf("%dm", b.months)}},
		{"as it stands when nothing is asked", 0, []string{"explore"}},
	} {
		t, peak, err := b.started(ctx, store.Dir(), q.args...)
		if err != nil {
			return err
		}
		r.add(within(row+": "+q.what, t, q.limit, files))
		f := memory("its memory", peak, 500_000_000, "")
		if q.limit == 0 {
			f.commit = ""
		}
		r.add(f)
	}
	return nil
}

// manyStore returns the store of the small deliveries, made and imported unless
// it is there.
func (b *bench) manyStore(ctx context.Context) (*ledger.Store, error) {
	name := fmt.Sprintf("many-%dx%d", b.months, b.payers)
	dir := filepath.Join(b.dir, name+"-store")
	if there(filepath.Join(dir, "manifest.json")) {
		return ledger.Open(dir), nil
	}
	bills := filepath.Join(b.dir, name+"-bills")
	if err := os.RemoveAll(bills); err != nil {
		return nil, showback.Errorf(showback.KindUnavailable, "write bills: %w", err)
	}
	last := showback.MonthOf(estateThrough)
	for payer := range b.payers {
		for i := range b.months {
			if err := writeSmall(bills, payer, last.Add(i+1-b.months), i == b.months-1); err != nil {
				return nil, showback.Errorf(showback.KindUnavailable, "write bills: %w", err)
			}
		}
	}
	return b.imported(ctx, dir, bills)
}

// smallColumns are the columns of a small delivery.
var smallColumns = []string{
	"bill_payer_account_id", "bill_billing_period_start_date", "bill_bill_type", "bill_billing_entity", "bill_invoice_id", "bill_invoicing_entity",
	"line_item_usage_account_id", "line_item_line_item_type", "line_item_usage_start_date", "line_item_usage_end_date",
	"line_item_product_code", "line_item_usage_type", "line_item_operation", "pricing_unit", "product_servicecode", "product",
	"tags", "line_item_currency_code", "line_item_usage_amount", "line_item_unblended_cost", "line_item_iam_principal",
}

// smallLines is how many charges a small delivery has.
const smallLines = 60

// writeSmall writes a month of a payer who hardly uses anything. An open one
// has no invoice yet.
func writeSmall(bills string, payer int, month showback.Month, open bool) (err error) {
	account := fmt.Sprintf("4444%08d", payer)
	dir := filepath.Join(bills, "bill-"+account, "data", periodFolder+string(month))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, "bill.csv"))
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	buffered := bufio.NewWriter(f)
	out := csv.NewWriter(buffered)
	if err := out.Write(smallColumns); err != nil {
		return err
	}
	for i := range smallLines {
		if err := out.Write(smallLine(account, month, open, i)); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return buffered.Flush()
}

// smallLine returns the i-th charge of a month: four people of four teams, each
// day or so.
func smallLine(account string, month showback.Month, open bool, i int) []string {
	const form = "2006-01-02T15:04:05.000Z"
	person, team := []string{"alice", "bob", "carol", "dave"}[i%4], []string{"search", "support", "data", "web"}[i%4]
	began := month.Start().Add(time.Duration(i*11) * time.Hour)
	invoice := "INV" + account[4:] + string(month)[:4] + string(month)[5:]
	if open {
		invoice = ""
	}
	kind := []string{"input", "output"}[i%2]
	return []string{
		account, month.Start().Format(form), "Anniversary", "AWS", invoice, "Amazon Web Services, Inc.",
		account, "Usage", began.Format(form), began.Add(time.Hour).Format(form),
		"AmazonBedrock", "USE1-NovaLite-" + kind + "-tokens", "InvokeModelInference", "1K tokens", "AmazonBedrock", `{"product_name":"Amazon Bedrock"}`,
		`{"iamPrincipal/team":"` + team + `"}`, "USD", fmt.Sprintf("%d.5", i+1), fmt.Sprintf("0.%06d", 37*(i+1)),
		"arn:aws:sts::" + account + ":assumed-role/developer/" + person + "@example.com",
	}
}
