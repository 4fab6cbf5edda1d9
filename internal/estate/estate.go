package estate

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"showback"
)

// monthCount is the length of the estate: a year that ends with the open month.
const monthCount = 12

// Config describes an estate.
type Config struct {
	Seed  uint64
	Size  Size  // empty means S
	Shape Shape // empty means AI
	// Through is the last day with usage, inclusive (UTC; the time of day is
	// ignored). Its month is the last of twelve and still open.
	Through time.Time
}

// Estate is a company with its bills. Its methods may be called any number of
// times and always say the same.
type Estate struct {
	seed    uint64
	kind    string // size and shape; empty for S and AI
	scale   scale
	teams   []team
	through time.Time // midnight of the last day with usage
	months  []showback.Month
	payers  []*payer
	exports []*export
}

// New makes the company of the config. An unknown size or shape and a zero
// Through are bugs of the caller and panic.
func New(c Config) *Estate {
	size, shape := cmp.Or(c.Size, S), cmp.Or(c.Shape, AI)
	scale, known := scales[size][shape]
	if !known {
		panic(fmt.Sprintf("BUG: estate of size %q and shape %q", c.Size, c.Shape))
	}
	if c.Through.IsZero() {
		panic("BUG: estate without a last day")
	}
	e := &Estate{seed: c.Seed, through: showback.Day(c.Through), scale: scale, teams: teams[:scale.teams]}
	if size != S || shape != AI {
		e.kind = string(size) + string(shape)
	}
	open := showback.MonthOf(e.through)
	for i := range monthCount {
		e.months = append(e.months, open.Add(i-monthCount+1))
	}
	e.payers = e.company()
	e.exports = exportsOf(e.payers, scale)
	return e
}

// Has reports whether one of the exports has the name and is the payer's.
func (e *Estate) Has(payer, exportName string) bool {
	return slices.ContainsFunc(e.exports, func(x *export) bool { return x.payer.id == payer && x.name == exportName })
}

// Charges yields every charge of the current deliveries, export by export and
// month by month, in the order in which they are written. The yielded charge
// belongs to the receiver.
func (e *Estate) Charges() iter.Seq[*showback.Charge] {
	return func(yield func(*showback.Charge) bool) {
		for _, x := range e.exports {
			for _, m := range e.monthsOf(x) {
				for c := range e.MonthCharges(x.name, m) {
					if !yield(c) {
						return
					}
				}
			}
		}
	}
}

// MonthCharges yields the charges of one month of one export, as Charges does.
// It yields nothing for an export or a month that there is not.
func (e *Estate) MonthCharges(exportName string, month showback.Month) iter.Seq[*showback.Charge] {
	return func(yield func(*showback.Charge) bool) {
		for _, x := range e.exports {
			if x.name != exportName {
				continue
			}
			for _, m := range e.monthsOf(x) {
				more := true
				if m == month {
					e.lines(x, m, newest, func(l *line) bool {
						more = yield(l.charge(x, m))
						return more
					})
				}
				if !more {
					return
				}
			}
		}
	}
}

// monthsOf returns the billing periods that the export delivers, in order.
func (e *Estate) monthsOf(x *export) []showback.Month { return e.months[x.first : x.last+1] }

// index returns the month's place in the year, from 0.
func (e *Estate) index(m showback.Month) int {
	for i := range e.months {
		if e.months[i] == m {
			return i
		}
	}
	panic("BUG: month " + string(m) + " outside the estate")
}

// open reports whether the month's bill is not final.
func (e *Estate) open(m showback.Month) bool { return m == e.months[monthCount-1] }

// days returns the days of the month that have usage.
func (e *Estate) days(m showback.Month) []time.Time {
	var days []time.Time
	for d := m.Start(); d.Before(m.End()) && !d.After(e.through); d = d.AddDate(0, 0, 1) {
		days = append(days, d)
	}
	return days
}

// rng returns a stream of numbers of its own for each name, so that one part
// of the estate can change without moving all others.
func (e *Estate) rng(name ...any) *rand.Rand {
	sum := sha256.Sum256([]byte(fmt.Sprintln(name...)))
	return rand.New(rand.NewPCG(e.seed, binary.LittleEndian.Uint64(sum[:])))
}
