package reconcile

import (
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	"showback"
)

// total reads files into one book and returns its figures and cuts as texts:
// "service|type|currency|basis" to "lines+blank amount (cut)".
func total(t testing.TB, refs ...FileRef) map[string]string {
	t.Helper()
	b := newBook()
	for _, ref := range refs {
		err := readFile(t.Context(), ref, func(l *line) error {
			if l.bad == nil {
				b.add(l)
			}
			return l.bad
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	out := map[string]string{}
	for k := range b.groups {
		for i, basis := range showback.Bases {
			name := strings.Join([]string{k.Payer, string(k.Month), k.Service, k.ChargeType, k.Currency, string(basis)}, "|")
			f, cut := b.figure(k, i), b.cut(k, i)
			out[name] = "not available"
			if f.Carried {
				out[name] = fmt.Sprintf("%d+%d %s", f.Lines, f.Blank, f.Amount)
			}
			if cut.Lines > 0 {
				out[name] += fmt.Sprintf(" cut %d: %s", cut.Lines, cut.Sum)
			}
		}
	}
	return out
}

var mixed = sheet{
	{
		"line_item_unblended_cost", "identity_line_item_id", "bill_payer_account_id", "bill_billing_period_start_date",
		"line_item_line_item_type", "line_item_currency_code", "line_item_product_code", "product",
		"line_item_net_unblended_cost", "pricing_public_on_demand_cost", "savings_plan_savings_plan_effective_cost",
		"savings_plan_total_commitment_to_date", "savings_plan_used_commitment",
	},
	{"0.1", "a", "111122223333", "2026-10-01T00:00:00Z", "Usage", "USD", "AmazonBedrock", `{"region":"us-east-1","product_name":"Amazon Bedrock","model":null}`, "0.09", "0.1", "", "", ""},
	{"0.2", "b", "111122223333", "2026-10-01T00:00:00Z", "Usage", "USD", "AmazonBedrock", `{"product_name":"Amazon Bedrock"}`, "", "", "", "", ""},
	{"-1.25", "c", "111122223333", "2026-10-01T00:00:00Z", "Credit", "USD", "AmazonEC2", `{}`, "", "", "", "", ""},
	{"3", "d", "111122223333", "2026-10-01T00:00:00Z", "SavingsPlanCoveredUsage", "USD", "AmazonEC2", "", "3", "4", "2.5", "", ""},
	{"7.5", "e", "111122223333", "2026-10-01T00:00:00Z", "SavingsPlanRecurringFee", "USD", "ComputeSavingsPlans", "", "", "", "", "7.5", "7.25"},
	{"-3", "f", "111122223333", "2026-10-01T00:00:00Z", "SavingsPlanNegation", "USD", "AmazonEC2", `{"region":"eu-west-1"}`, "", "", "", "", ""},
	{"1200", "g", "111122223333", "2026-10-01T00:00:00Z", "Usage", "KRW", "AmazonEC2", "", "", "", "", "", ""},
	{"0", "h", "111122223333", "2026-10-01T00:00:00Z", "Tax", "USD", "AmazonEC2", "", "", "", "", "", ""},
	{"0.0003", "i", "111122223333", "2026-10-01T00:00:00Z", "Usage", "USD", "AmazonBedrock", `{"product_name":"Amazon Bedrock"}`, "0.0003", "0.0003", "", "", ""},
}

// mixedTotals is what the sheet means, worked out by hand.
var mixedTotals = map[string]string{
	"111122223333|2026-10|Amazon Bedrock|Usage|USD|unblended":     "3+0 0.3003",
	"111122223333|2026-10|Amazon Bedrock|Usage|USD|net-unblended": "3+0 0.0903",
	"111122223333|2026-10|Amazon Bedrock|Usage|USD|amortized":     "3+0 0.3003",
	"111122223333|2026-10|Amazon Bedrock|Usage|USD|net-amortized": "not available",
	"111122223333|2026-10|Amazon Bedrock|Usage|USD|blended":       "not available",
	"111122223333|2026-10|Amazon Bedrock|Usage|USD|list":          "2+1 0.1003",

	"111122223333|2026-10|AmazonEC2|Credit|USD|unblended":     "1+0 -1.25",
	"111122223333|2026-10|AmazonEC2|Credit|USD|net-unblended": "1+0 0",
	"111122223333|2026-10|AmazonEC2|Credit|USD|amortized":     "1+0 -1.25",
	"111122223333|2026-10|AmazonEC2|Credit|USD|net-amortized": "not available",
	"111122223333|2026-10|AmazonEC2|Credit|USD|blended":       "not available",
	"111122223333|2026-10|AmazonEC2|Credit|USD|list":          "0+1 0",

	"111122223333|2026-10|AmazonEC2|SavingsPlanCoveredUsage|USD|unblended":     "1+0 3",
	"111122223333|2026-10|AmazonEC2|SavingsPlanCoveredUsage|USD|net-unblended": "1+0 3",
	"111122223333|2026-10|AmazonEC2|SavingsPlanCoveredUsage|USD|amortized":     "1+0 2.5",
	"111122223333|2026-10|AmazonEC2|SavingsPlanCoveredUsage|USD|net-amortized": "not available",
	"111122223333|2026-10|AmazonEC2|SavingsPlanCoveredUsage|USD|blended":       "not available",
	"111122223333|2026-10|AmazonEC2|SavingsPlanCoveredUsage|USD|list":          "1+0 4",

	"111122223333|2026-10|ComputeSavingsPlans|SavingsPlanRecurringFee|USD|unblended":     "1+0 7.5",
	"111122223333|2026-10|ComputeSavingsPlans|SavingsPlanRecurringFee|USD|net-unblended": "1+0 0",
	"111122223333|2026-10|ComputeSavingsPlans|SavingsPlanRecurringFee|USD|amortized":     "1+0 0.25",
	"111122223333|2026-10|ComputeSavingsPlans|SavingsPlanRecurringFee|USD|net-amortized": "not available",
	"111122223333|2026-10|ComputeSavingsPlans|SavingsPlanRecurringFee|USD|blended":       "not available",
	"111122223333|2026-10|ComputeSavingsPlans|SavingsPlanRecurringFee|USD|list":          "0+1 0",

	"111122223333|2026-10|AmazonEC2|SavingsPlanNegation|USD|unblended":     "1+0 -3",
	"111122223333|2026-10|AmazonEC2|SavingsPlanNegation|USD|net-unblended": "1+0 0",
	"111122223333|2026-10|AmazonEC2|SavingsPlanNegation|USD|amortized":     "1+0 0",
	"111122223333|2026-10|AmazonEC2|SavingsPlanNegation|USD|net-amortized": "not available",
	"111122223333|2026-10|AmazonEC2|SavingsPlanNegation|USD|blended":       "not available",
	"111122223333|2026-10|AmazonEC2|SavingsPlanNegation|USD|list":          "0+1 0",

	"111122223333|2026-10|AmazonEC2|Usage|KRW|unblended":     "1+0 1200",
	"111122223333|2026-10|AmazonEC2|Usage|KRW|net-unblended": "1+0 0",
	"111122223333|2026-10|AmazonEC2|Usage|KRW|amortized":     "1+0 1200",
	"111122223333|2026-10|AmazonEC2|Usage|KRW|net-amortized": "not available",
	"111122223333|2026-10|AmazonEC2|Usage|KRW|blended":       "not available",
	"111122223333|2026-10|AmazonEC2|Usage|KRW|list":          "0+1 0",

	"111122223333|2026-10|AmazonEC2|Tax|USD|unblended":     "1+0 0",
	"111122223333|2026-10|AmazonEC2|Tax|USD|net-unblended": "1+0 0",
	"111122223333|2026-10|AmazonEC2|Tax|USD|amortized":     "1+0 0",
	"111122223333|2026-10|AmazonEC2|Tax|USD|net-amortized": "not available",
	"111122223333|2026-10|AmazonEC2|Tax|USD|blended":       "not available",
	"111122223333|2026-10|AmazonEC2|Tax|USD|list":          "0+1 0",
}

func TestEveryFormatGivesTheSameSums(t *testing.T) {
	f := func(name string, content []byte) {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(mixedTotals, total(t, save(t, "data", content))); diff != "" {
				t.Errorf("sums differ (-want +got):\n%s", diff)
			}
		})
	}
	plain := mixed.csv(t)
	f("csv", plain)
	f("csv with byte order mark", append([]byte("\ufeff"), plain...))
	f("csv with CRLF", []byte(strings.ReplaceAll(string(plain), "\n", "\r\n")))
	f("csv.gz", zip(t, plain))
	half := len(plain) / 2
	f("csv.gz of two members", append(zip(t, plain[:half]), zip(t, plain[half:])...))

	with := func(name string, change func(*form)) {
		form := plainForm()
		change(&form)
		f("parquet "+name, mixed.parquet(t, form))
	}
	amounts := func(name string, node parquet.Node, cell func(string) parquet.Value) {
		with(name, func(f *form) { f.node, f.amount = node, cell })
	}
	with("double", func(*form) {})
	amounts("float", parquet.Leaf(parquet.FloatType), func(text string) parquet.Value {
		return parquet.FloatValue(float32(doubleCell(text).Double()))
	})
	amounts("text", parquet.String(), textCell)
	amounts("bytes", parquet.Leaf(parquet.ByteArrayType), textCell)
	amounts("decimal in 16 bytes", parquet.Decimal(19, 38, parquet.FixedLenByteArrayType(16)), bytesCell(19, 16))
	amounts("decimal in bytes", parquet.Decimal(10, 20, parquet.ByteArrayType), bytesCell(10, 0))
	amounts("decimal in int64", parquet.Decimal(10, 18, parquet.Int64Type), int64Cell(10))
	amounts("decimal in int32", parquet.Decimal(4, 9, parquet.Int32Type), func(text string) parquet.Value {
		return parquet.Int32Value(int32(int64Cell(4)(text).Int64()))
	})
	periods := func(name string, node parquet.Node, cell func(time.Time) parquet.Value) {
		with(name, func(f *form) { f.period, f.instant = node, cell })
	}
	periods("int96", parquet.Leaf(parquet.Int96Type), int96Cell)
	periods("micros", parquet.Timestamp(parquet.Microsecond), func(at time.Time) parquet.Value { return parquet.Int64Value(at.UnixMicro()) })
	periods("nanos", parquet.Timestamp(parquet.Nanosecond), func(at time.Time) parquet.Value { return parquet.Int64Value(at.UnixNano()) })
	periods("local millis", parquet.TimestampAdjusted(parquet.Millisecond, false), millisCell)
	periods("date", parquet.Date(), func(at time.Time) parquet.Value { return parquet.Int32Value(int32(at.Unix() / 86400)) })
	for _, layout := range []string{"2006-01-02T15:04:05.000Z", "2006-01-02 15:04:05", "2006-01-02 15:04:05.000 UTC", "2006-01-02"} {
		periods("text "+layout, parquet.String(), func(at time.Time) parquet.Value { return textCell(at.Format(layout)) })
	}
	for name, codec := range map[string]compress.Codec{
		"uncompressed": &parquet.Uncompressed, "zstd": &parquet.Zstd, "gzip": &parquet.Gzip, "lz4": &parquet.Lz4Raw,
	} {
		with(name, func(f *form) { f.codec = codec })
	}
	with("map as JSON", func(f *form) { f.json = true })
	with("many row groups", func(f *form) { f.rows = 2 })
	with("pages of version 1", func(f *form) { f.version = 1 })
}

func TestProductName(t *testing.T) {
	row := []string{"1", "111122223333", "2026-10-01T00:00:00Z", "Usage", "USD", "Code", "Column", `{"product_name":"Map"}`}
	head := []string{
		"line_item_unblended_cost", "bill_payer_account_id", "bill_billing_period_start_date", "line_item_line_item_type",
		"line_item_currency_code", "line_item_product_code", "product_product_name", "product",
	}
	f := func(columns int, blank, want string) {
		t.Helper()
		record := append([]string{}, row[:columns]...)
		for i := range record {
			if strings.Contains(blank, head[i]+";") {
				record[i] = ""
			}
		}
		got := total(t, save(t, "data", sheet{head[:columns], record}.csv(t)))
		if _, ok := got["111122223333|2026-10|"+want+"|Usage|USD|unblended"]; !ok {
			t.Errorf("%d columns without %q: got %v, want service %q", columns, blank, got, want)
		}
	}
	f(8, "", "Column")
	f(8, "product;", "Column")
	f(8, "product_product_name;", "Map")
	f(8, "product;product_product_name;", "Code")
	f(7, "", "Column")
	f(7, "product_product_name;", "Code")
	f(6, "", "Code")
	f(5, "", "")
}

// The rest of the ways in which a cell may be blank.
func TestProductMapsWithoutName(t *testing.T) {
	for _, text := range []string{"", "{}", " {} ", "null", "NULL", `{"product_name":null}`, `{"product_name":""}`, `{"n":1,"l":[]}`} {
		if name, err := productName(text); name != "" || err != nil {
			t.Errorf("%q: got %q, %v, want nothing", text, name, err)
		}
	}
	if _, err := productName(`{"product_name"`); err == nil {
		t.Error("half a map: got no error")
	}
}

func TestEmptyFiles(t *testing.T) {
	f := func(name string, content []byte) {
		t.Helper()
		if got := total(t, save(t, name, content)); len(got) != 0 {
			t.Errorf("%s: got %v, want nothing", name, got)
		}
	}
	f("0 bytes", nil)
	f("header only", []byte("some,other,header\n"))
	f("zipped nothing", zip(t, nil))
	f("zipped header", zip(t, mixed[:1].csv(t)))
	f("no rows", mixed[:1].parquet(t, plainForm()))
}

func TestUnreadableFiles(t *testing.T) {
	f := func(name string, content []byte, want string) {
		t.Helper()
		err := readFile(t.Context(), save(t, "data", content), func(l *line) error { return l.bad })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, want)
		}
	}
	cell := func(column, text string) []byte {
		s := sheet{mixed[0], append([]string{}, mixed[1]...)}
		for i, name := range s[0] {
			if name == column {
				s[1][i] = text
			}
		}
		return s.csv(t)
	}
	f("no number", cell("line_item_unblended_cost", "1,5"), `row 1, column line_item_unblended_cost: found "1,5", want a number`)
	f("not finite", cell("line_item_net_unblended_cost", "NaN"), `column line_item_net_unblended_cost: found "NaN"`)
	f("no cost", cell("line_item_unblended_cost", ""), "column line_item_unblended_cost: found nothing")
	f("no payer", cell("bill_payer_account_id", ""), "column bill_payer_account_id: found nothing")
	f("no date", cell("bill_billing_period_start_date", "October"), `found "October", want a date`)
	f("no map", cell("product", "{a=b}"), `column product: found "{a=b}"`)
	f("short row", append(mixed.csv(t), []byte("1,2\n")...), "row 10: found 2 fields, want 13")
	f("open quote", append(mixed.csv(t), []byte("\"1,2\n")...), "row 10")
	f("columns absent", []byte("line_item_unblended_cost\n1\n"), "found no bill_payer_account_id, bill_billing_period_start_date")
	zipped := zip(t, mixed.csv(t))
	f("truncated gzip", zipped[:len(zipped)-9], "unexpected EOF")
	file := mixed.parquet(t, plainForm())
	f("truncated Parquet", file[:len(file)-9], "read Parquet")

	form := plainForm()
	form.amount = func(string) parquet.Value { return doubleCell("Inf") }
	f("infinite", mixed.parquet(t, form), "column line_item_unblended_cost: found \"+Inf\", want a finite number")
	form = plainForm()
	form.node, form.amount = parquet.Leaf(parquet.BooleanType), func(string) parquet.Value { return parquet.BooleanValue(true) }
	f("type of an amount", mixed.parquet(t, form), "column line_item_unblended_cost: found BOOLEAN, want a double")
	form = plainForm()
	form.period, form.instant = parquet.Int(64), millisCell
	f("type of an instant", mixed.parquet(t, form), "column bill_billing_period_start_date: found INT(64,true), want a timestamp")
}

func TestAmounts(t *testing.T) {
	var p amountParser
	var a amount
	check := func(what, units, cut string) {
		t.Helper()
		gotCut := showback.NewDecimal(&a.cut, a.cutScale).String()
		if !a.present || a.units.String() != units || gotCut != cut || a.wasCut() != (cut != "0") {
			t.Errorf("%s: got %s units cut %s (%v), want %s cut %s", what, &a.units, gotCut, a.wasCut(), units, cut)
		}
	}
	text := func(s, units, cut string) {
		t.Helper()
		if err := readText(&p, s, &a); err != nil {
			t.Errorf("%s: %v", s, err)
			return
		}
		check(s, units, cut)
	}
	text("0", "0", "0")
	text("-0.00", "0", "0")
	text("1", "10000000000000000000", "0")
	text("+1.5e3", "15000000000000000000000", "0")
	text("1e-10", "1000000000", "0")
	text(".5", "5000000000000000000", "0")
	text("5.", "50000000000000000000", "0")
	text("999999999999999999.9999999999999999999", "9999999999999999999999999999999999999", "0")
	text("0.0000000000000000001", "1", "0")
	text("0.10000000000000000000", "1000000000000000000", "0") // zeros cut nothing
	// Half away from zero, on both sides of it and on both sides of a half.
	text("0.00000000000000000004", "0", "0.00000000000000000004")
	text("0.00000000000000000005", "1", "-0.00000000000000000005")
	text("-0.00000000000000000005", "-1", "0.00000000000000000005")
	text("-0.00000000000000000004", "0", "-0.00000000000000000004")
	text("0.000000000000000000149999", "1", "0.000000000000000000049999")
	text("12345678901.12345678901234567885", "123456789011234567890123456789", "-0.00000000000000000005")
	text("-12345678901.12345678901234567885", "-123456789011234567890123456789", "0.00000000000000000005")
	text("5e-324", "0", "0."+strings.Repeat("0", 323)+"5")

	double := func(f float64, bits int, units, cut string) {
		t.Helper()
		if err := p.readDouble(f, bits, &a); err != nil {
			t.Errorf("%v: %v", f, err)
			return
		}
		check(fmt.Sprint(f), units, cut)
	}
	double(0.1, 64, "1000000000000000000", "0")
	double(0.30000000000000004, 64, "3000000000000000400", "0")
	double(float64(float32(0.1)), 32, "1000000000000000000", "0")
	double(1e12, 64, "10000000000000000000000000000000", "0")
	double(1.2345678901234568e-05, 64, "123456789012346", "-0.000000000000000000032")
	double(5e-20, 64, "1", "-0.00000000000000000005")

	p.readScaled(-5, 20, &a)
	check("-5 with 20 decimals", "-1", "0.00000000000000000005")
	p.readScaled(12, -2, &a)
	check("12 hundreds", "12000000000000000000000", "0")
	p.readBytes([]byte{0xff, 0x85}, 2, &a)
	check("bytes of -123 with 2 decimals", "-12300000000000000000", "0")
	p.readBytes(nil, 2, &a)
	check("no bytes", "0", "0")
}

func FuzzAmount(f *testing.F) {
	for _, s := range []string{
		"", "-", "1", "-1.5e-7", "1e400", "1e-400", "1e401", "0.00000000000000000005", "-99999999999999999999.00000000000000000015",
		"1.2.3", "1e", "e5", "0x1", "1_0", " 1", "١", "1e+0000001", "18446744073709551615", "18446744073709551616e-30",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var p amountParser
		var a, b amount
		err := readText(&p, s, &a)
		want, wantErr := showback.ParseDecimal(s)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: got error %v, want %v", s, err, wantErr)
		}
		if errBytes := readText(&p, []byte(s), &b); (errBytes == nil) != (err == nil) {
			t.Fatalf("%q: as bytes %v, as text %v", s, errBytes, err)
		}
		if err != nil {
			return
		}
		if units := want.Unscaled(kept); a.units.Cmp(units) != 0 || b.units.Cmp(units) != 0 {
			t.Fatalf("%q: got %s and %s units, want %s", s, &a.units, &b.units, units)
		}
		cut := showback.NewDecimal(&a.cut, a.cutScale)
		whole := showback.NewDecimal(new(big.Int).Set(&a.units), kept).Add(cut)
		if !whole.Equal(want) {
			t.Fatalf("%q: kept and cut make %s, want %s", s, whole, want)
		}
	})
}

// The CUR 2.0 sample of a public component: invented figures, a real layout.
func TestSample(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "samples", "keboola-cur-s3-layout", "cur_2_0")
	if _, err := os.Stat(root); err != nil {
		t.Skip("the shared samples are not beside the checkout: ", err)
	}
	for _, name := range []string{
		"sample_billing_data_v2.csv", "MockTestReportV2-00001.csv.gz",
		"s3_structure/mock-cur-v2-bucket/data/BILLING_PERIOD=2024-09/MockTestReportV2-00001.csv.gz",
	} {
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		got := total(t, save(t, "data", content))
		want := map[string]string{
			"Amazon Elastic Compute Cloud":       "2+0 0.0432",
			"Amazon Simple Storage Service":      "1+0 0.047104",
			"Amazon Relational Database Service": "1+0 0.018",
		}
		for service, sum := range want {
			for basis, want := range map[string]string{
				"unblended": sum, "blended": sum, "amortized": sum,
				"net-unblended": "not available", "net-amortized": "not available", "list": "not available",
			} {
				if got := got["123456789012|2024-09|"+service+"|Usage|USD|"+basis]; got != want {
					t.Errorf("%s: %s, %s: got %q, want %q", name, service, basis, got, want)
				}
			}
		}
		if len(got) != 6*len(want) {
			t.Errorf("%s: got %d sums, want %d", name, len(got), 6*len(want))
		}
	}
}
