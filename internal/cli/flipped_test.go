package cli_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A flipped bit anywhere in a Parquet file whose pages have checksums, as AWS's
// and most writers' do, is refused with a hint, or changes nothing of what the
// file says: most of a footer is statistics.
func TestFlippedBits(t *testing.T) {
	dir := t.TempDir()
	bills := filepath.Join(dir, "bills")
	sum := writeBill(t, bills, "2026-09", 3, "1.25").String()
	text, err := os.ReadFile(filepath.Join(bills, "bill", "data", "BILLING_PERIOD=2026-09", "bill-00001.csv"))
	if err != nil {
		t.Fatal(err)
	}
	content, err := oddly(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "bill.parquet")
	refused, taken := 0, 0
	const step = 211 // a prime, so that it falls on any bit of any part
	for at := 0; at < len(content); at += step {
		bad := bytes.Clone(content)
		bad[at] ^= 1 << (at % 8)
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		what := fmt.Sprintf("bit %d of byte %d of %d, the footer from %d on", at%8, at, len(content), footerOf(content))
		store := filepath.Join(dir, fmt.Sprint(at))
		if _, err := output(store, "import", file); err != nil {
			refused++
			if said := err.Error(); !strings.Contains(said, "exit code 2, ") && !strings.Contains(said, "exit code 3, ") || !strings.Contains(said, "\nshowback: hint: ") {
				t.Errorf("%s: %v", what, err)
			}
			continue
		}
		taken++
		if got, err := readList(store); err != nil || !maps.Equal(got, totals{"2026-09": sum}) {
			t.Errorf("%s: got %v, want %s, error %v", what, got, sum, err)
		}
	}
	if refused == 0 || taken == 0 {
		t.Errorf("%d refused, %d taken: want some of both", refused, taken)
	}
	t.Logf("%d refused, %d taken", refused, taken)
}
