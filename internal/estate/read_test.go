package estate_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"showback"
	"showback/internal/estate"
)

// table is a delivery as a stranger reads it: the columns by name, blanks as "".
type table struct {
	rows    int
	columns map[string][]string
}

func (d *table) has(column string) bool { return d.columns[column] != nil }

// amount returns a figure as it was delivered; blank is 0.
func (d *table) amount(t *testing.T, column string, row int) showback.Decimal {
	t.Helper()
	if !d.has(column) || d.columns[column][row] == "" {
		return showback.Decimal{}
	}
	v, err := showback.ParseDecimal(d.columns[column][row])
	if err != nil {
		t.Fatalf("column %s, row %d: %v", column, row, err)
	}
	return v
}

// readMonth reads the files that the month's top manifest names.
func readMonth(t *testing.T, x estate.ExportSummary, m showback.Month) *table {
	t.Helper()
	manifest := filepath.Join(x.Path, "metadata", "BILLING_PERIOD="+string(m), x.Name+"-Manifest.json")
	body, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	var named struct{ DataFiles []string }
	if err := json.Unmarshal(body, &named); err != nil {
		t.Fatal(err)
	}
	d := &table{columns: map[string][]string{}}
	for _, url := range named.DataFiles {
		_, local, found := strings.Cut(url, "/cur/"+x.Name+"/")
		if !strings.HasPrefix(url, "s3://") || !found {
			t.Fatalf("manifest %s names %s: want an s3:// URL below the export", manifest, url)
		}
		path := filepath.Join(x.Path, filepath.FromSlash(local))
		if strings.HasSuffix(path, ".csv.gz") {
			d.addCSV(t, path)
		} else {
			d.addParquet(t, path)
		}
	}
	return d
}

func (d *table) addCSV(t *testing.T, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(unzipped).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range records[0] {
		for _, r := range records[1:] {
			d.columns[name] = append(d.columns[name], r[i])
		}
	}
	d.rows += len(records) - 1
}

func (d *table) addParquet(t *testing.T, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	pf, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	d.rows += int(pf.NumRows())
	leaves := pf.Schema().Columns()
	for _, group := range pf.RowGroups() {
		for i, chunk := range group.ColumnChunks() {
			name := strings.Join(leaves[i], ".")
			values := readChunk(t, path, chunk)
			if len(leaves[i]) == 1 && int64(len(values)) != group.NumRows() {
				t.Fatalf("column %s of %s has %d values, want %d", name, path, len(values), group.NumRows())
			}
			d.columns[name] = append(d.columns[name], values...)
		}
	}
}

func readChunk(t *testing.T, path string, chunk parquet.ColumnChunk) []string {
	t.Helper()
	pages := chunk.Pages()
	defer pages.Close()
	var out []string
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("read page of %s: %v", path, err)
		}
		values := make([]parquet.Value, page.NumValues())
		if n, _ := page.Values().ReadValues(values); n != len(values) {
			t.Fatalf("read page of %s: %d values, want %d", path, n, len(values))
		}
		for _, v := range values {
			out = append(out, textOf(v))
		}
	}
}

func textOf(v parquet.Value) string {
	switch {
	case v.IsNull():
		return ""
	case v.Kind() == parquet.Double:
		return strconv.FormatFloat(v.Double(), 'g', -1, 64)
	}
	return v.String()
}

// onBasis works out a row's amount from the delivered columns alone, after the
// table of ARCHITECTURE.md. ok is false where there is no list price.
func (d *table) onBasis(t *testing.T, basis showback.Basis, row int) (amount showback.Decimal, ok bool) {
	get := func(column string) showback.Decimal { return d.amount(t, column, row) }
	plain, net := "line_item_unblended_cost", ""
	switch basis {
	case showback.Blended:
		return get("line_item_blended_cost"), true
	case showback.List:
		return get("pricing_public_on_demand_cost"), d.columns["pricing_public_on_demand_cost"][row] != ""
	case showback.NetUnblended, showback.NetAmortized:
		plain, net = "line_item_net_unblended_cost", "net_"
	}
	if basis == showback.Unblended || basis == showback.NetUnblended {
		return get(plain), true
	}
	switch d.columns["line_item_line_item_type"][row] {
	case "SavingsPlanCoveredUsage":
		return get("savings_plan_" + net + "savings_plan_effective_cost"), true
	case "SavingsPlanRecurringFee":
		return get("savings_plan_total_commitment_to_date").Sub(get("savings_plan_used_commitment")), true
	case "SavingsPlanNegation", "SavingsPlanUpfrontFee":
		return showback.Decimal{}, true
	case "DiscountedUsage":
		return get("reservation_" + net + "effective_cost"), true
	case "RIFee":
		return get("reservation_" + net + "unused_amortized_upfront_fee_for_billing_period").
			Add(get("reservation_" + net + "unused_recurring_fee")), true
	case "Fee":
		if d.has("reservation_reservation_a_r_n") && d.columns["reservation_reservation_a_r_n"][row] != "" {
			return showback.Decimal{}, true
		}
	}
	return get(plain), true
}

// carries reports which bases the delivered columns can answer.
func (d *table) carries() []showback.Basis {
	bases := []showback.Basis{showback.Unblended, showback.Amortized}
	if d.has("line_item_net_unblended_cost") {
		bases = append(bases, showback.NetUnblended, showback.NetAmortized)
	}
	if d.has("line_item_blended_cost") {
		bases = append(bases, showback.Blended, showback.List)
	}
	slices.SortFunc(bases, func(a, b showback.Basis) int {
		return slices.Index(showback.Bases, a) - slices.Index(showback.Bases, b)
	})
	return bases
}
