package sqldoor

import (
	"context"
	"fmt"
	"testing"

	"showback"
)

// BenchmarkSegments is what a door costs that stands before many segments: to
// open it, to plan over all of them, and to plan over callers, too.
func BenchmarkSegments(b *testing.B) {
	for _, n := range []int{36, 500} {
		var charges []showback.Charge
		for i := range n {
			c := bedrock(showback.Month("2024-01").Add(i%36), "1.5")
			c.Payer = fmt.Sprint(111122220000 + i/36)
			charges = append(charges, c)
		}
		store := fillStore(b, charges)
		snap, err := store.Snapshot()
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("open/%d", n), func(b *testing.B) {
			for b.Loop() {
				d, err := Open(context.Background(), snap, Options{})
				if err != nil {
					b.Fatal(err)
				}
				if err := d.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
		d := openDoor(b, store, Options{})
		for _, query := range []string{"SELECT sum(cost) FROM charges", "SELECT person, sum(cost) FROM charges GROUP BY 1", "SELECT sum(cost) FROM charges WHERE month = '2024-05'", "SELECT * FROM charges LIMIT 1"} {
			b.Run(fmt.Sprintf("%s/%d", query, n), func(b *testing.B) {
				for b.Loop() {
					must(b, d, query)
				}
			})
		}
		if err := snap.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
