package sqldoor

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"

	"showback"
)

// The file is read with other code than wrote it.
func TestWriteParquet(t *testing.T) {
	d := openDoor(t, fillStore(t, []showback.Charge{bedrock("2026-01", "-1.0000000000000000001"), bedrock("2026-02", "2")}), Options{})
	path := filepath.Join(t.TempDir(), "it's.parquet")
	write := func(query string) (int64, error) {
		t.Helper()
		rows, err := d.Query(context.Background(), query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		defer rows.Close()
		return WriteParquet(context.Background(), rows, path)
	}
	n, err := write("SELECT cost, sum(1), cost AS Cost, tags, day, [1.5] AS list, hour, now() AS now, NULL AS none, ai FROM charges GROUP BY ALL ORDER BY 1")
	if err != nil || n != 2 {
		t.Fatalf("got %d rows, %v, want 2", n, err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, field := range file.Root().Columns() {
		text := field.Name()
		if field.Leaf() {
			text += " " + field.Type().String()
		}
		got = append(got, text)
	}
	want := []string{"cost DECIMAL(38,19)", "sum(1) DECIMAL(38,0)", "Cost_1 DECIMAL(38,19)", "tags", "day DATE", "list STRING",
		"hour TIMESTAMP(isAdjustedToUTC=false,unit=MICROS)", "now TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)", "none INT(32,true)", "ai BOOLEAN"}
	if !slices.Equal(got, want) {
		t.Errorf("columns:\ngot  %q\nwant %q", got, want)
	}
	rows := parquet.NewReader(file)
	defer rows.Close()
	buffer := make([]parquet.Row, 1)
	if _, err := rows.ReadRows(buffer); err != nil {
		t.Fatal(err)
	}
	cost := buffer[0][0].ByteArray() // big-endian, two's complement: -10000000000000000001
	if want := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x75, 0x38, 0xdc, 0xfb, 0x76, 0x17, 0xff, 0xff}; !slices.Equal(cost, want) {
		t.Errorf("the cost is %x, want %x", cost, want)
	}

	if n, err := write("SELECT * FROM charges"); err != nil || n != 2 {
		t.Errorf("all columns: got %d rows, %v, want 2", n, err)
	}
	if n, err := write("SELECT * FROM deliveries"); err != nil || n != 2 {
		t.Errorf("deliveries: got %d rows, %v, want 2", n, err)
	}
	if _, err := write("SELECT 170141183460469231731687303715884105727 AS n"); showback.KindOf(err) != showback.KindInvalid {
		t.Errorf("a number of 39 digits: got %v, want it invalid", err)
	}
	path = filepath.Join(t.TempDir(), "none", "x.parquet")
	if _, err := write("SELECT 1"); showback.KindOf(err) != showback.KindUnavailable {
		t.Errorf("a folder that is not there: got %v (%s), want unavailable", err, showback.KindOf(err))
	}
}

func TestDistinct(t *testing.T) {
	f := func(names []string, want ...string) {
		t.Helper()
		var columns []ResultColumn
		for _, n := range names {
			columns = append(columns, ResultColumn{Name: n})
		}
		if got := distinct(columns); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", names, got, want)
		}
	}
	f([]string{"a", "A", "a", "a_1"}, "a", "A_1", "a_2", "a_1_1")
	f([]string{"", ""}, "", "_1")
}
