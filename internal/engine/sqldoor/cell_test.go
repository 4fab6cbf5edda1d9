package sqldoor

import (
	"context"
	"path/filepath"
	"testing"

	"showback/internal/ledger"
)

func TestCellJSON(t *testing.T) {
	d := openDoor(t, ledger.Open(filepath.Join(t.TempDir(), "none")), Options{})
	f := func(expr, want string) {
		t.Helper()
		rows, err := d.Query(context.Background(), "SELECT "+expr)
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		defer rows.Close()
		rows.Next()
		got, err := rows.Cells()[0].MarshalJSON()
		if err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v, want %s", expr, got, err, want)
		}
	}
	f("NULL", "null")
	f("1.50::DECIMAL(38,19)", `"1.5"`)
	f("9223372036854775807", "9223372036854775807")
	f("170141183460469231731687303715884105727", `"170141183460469231731687303715884105727"`)
	f("sum(1)", `"1"`)
	f("count(*)", "1")
	f("true", "true")
	f("0.1::DOUBLE", "0.1")
	f("0.1::FLOAT", "0.1")
	f("'nan'::DOUBLE", `"NaN"`)
	f("'a<b\"'", `"a<b\""`)
	f("DATE '2026-01-31'", `"2026-01-31"`)
	f("TIMESTAMP '2026-01-31 12:00:00.5'", `"2026-01-31 12:00:00.5"`)
	f("TIMESTAMPTZ '2026-01-31 12:00:00+02'", `"2026-01-31 10:00:00+00"`)
	f("TIME '12:30:00'", `"12:30:00"`)
	f("INTERVAL 3 DAY", `"3 days"`)
	f("[1.5, NULL]", `["1.5",null]`)
	f("[DATE '2026-01-31']", `["2026-01-31"]`)
	f("MAP {'b': 1.10, 'a': 2}", `{"b":"1.1","a":"2"}`)
	f("MAP {DATE '2026-01-31': [DATE '2026-02-01']}", `{"2026-01-31":["2026-02-01"]}`)
	f("{'b': 1, 'a': 'x'}", `{"a":"x","b":1}`)
	f("UUID '00000000-0000-0000-0000-00000000000a'", `"00000000-0000-0000-0000-00000000000a"`)
	f("'\\xAB'::BLOB", `"\\xab"`)
	f("'01'::BIT", `"01"`)
}
