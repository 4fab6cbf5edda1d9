package reconcile

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// benchSheet is a bill of many keys and of amounts with as many digits as
// bills have, a fifth of them past the last one kept.
func benchSheet(rows int) sheet {
	s := sheet{append([]string{"identity_line_item_id", "product"}, billHeader...)}
	for i := range rows {
		cost := float64(i%99991+1) * 1e-7 * 3.3
		if i%5 == 0 {
			cost *= 1e-5
		}
		s = append(s, []string{
			strconv.Itoa(i), fmt.Sprintf(`{"product_name":"Service %d","region":"us-east-1","sku":"%d"}`, i%200, i%5000),
			payerA, "2026-10-01T00:00:00Z", "Code" + strconv.Itoa(i%200), "Usage", "USD",
			strconv.FormatFloat(cost, 'g', -1, 64), strconv.FormatFloat(cost*0.91, 'g', -1, 64), strconv.FormatFloat(cost, 'g', -1, 64),
		})
	}
	return s
}

func BenchmarkRead(b *testing.B) {
	const rows = 100_000
	s := benchSheet(rows)
	f := func(name string, content []byte) {
		ref := save(b, "data", content)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				book := newBook()
				err := readFile(b.Context(), ref, func(l *line) error { book.add(l); return l.bad })
				if err != nil || book.lines != rows {
					b.Fatal(book.lines, err)
				}
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
	form := plainForm()
	form.rows, form.page = 50_000, 1<<20
	f("parquet", s.parquet(b, form))
	form.node, form.amount, form.json = parquet.String(), textCell, true
	f("parquet of texts", s.parquet(b, form))
	f("csv", s.csv(b))
	f("csv.gz", zip(b, s.csv(b)))
}
