package main

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"
)

func TestLargestMonth(t *testing.T) {
	root := t.TempDir()
	write := func(size int, elements ...string) {
		path := filepath.Join(append([]string{root}, elements...)...)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, make([]byte, size), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(5, "bill", "data", "BILLING_PERIOD=2026-08", "a.parquet")
	write(3, "bill", "data", "BILLING_PERIOD=2026-09", "a.parquet")
	write(3, "bill", "data", "BILLING_PERIOD=2026-09", "execution", "b.parquet")
	write(9, "bill", "data", "BILLING_PERIOD=2026-10", "a.csv.gz")
	got, err := (&bench{data: root}).largestMonth(context.Background())
	if want := filepath.Join(root, "bill", "data", "BILLING_PERIOD=2026-09"); err != nil || got != want {
		t.Errorf("largestMonth = %s, %v, want %s", got, err, want)
	}
}

func TestWriteSmall(t *testing.T) {
	bills := t.TempDir()
	if err := writeSmall(bills, 3, "2026-02", true); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(bills, "bill-444400000003", "data", "BILLING_PERIOD=2026-02", "bill.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll() // every record as long as the first
	if err != nil || len(records) != 1+smallLines {
		t.Fatalf("%d records, %v, want a header and %d lines", len(records), err, smallLines)
	}
	if last := records[smallLines]; last[8] >= "2026-03" {
		t.Errorf("the last line is used from %s on, want within the month", last[8])
	}
}
