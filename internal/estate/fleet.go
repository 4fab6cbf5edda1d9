package estate

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// fleet is what a payer runs beside models: resources by the ten thousand,
// each on one meter, most of them seen once a week.
type fleet struct {
	payer  *payer
	meters []fleetMeter
	size   int // resources
}

type fleetMeter struct {
	*tariff
	resource string // what names of its resources begin with
}

// rhythm is how often resources have lines: of a thousand, the first three
// every hour, and so on. By the day, they have a line on each day on which
// they have any.
type rhythm struct {
	resources int // of a thousand
	hours     int // from one line to the next
}

const weekly = 7 * 24

var rhythms = []rhythm{{3, 1}, {14, 4}, {82, 24}, {901, weekly}}

// linesOfDay is how many lines a thousand resources have on an average day.
func linesOfDay(hourly bool) (lines float64) {
	for _, o := range rhythms {
		hours := o.hours
		if !hourly {
			hours = max(hours, 24)
		}
		lines += float64(o.resources) * 24 / float64(hours)
	}
	return lines
}

// fleetOf makes a fleet that has as many lines in the year as the size says.
func (e *Estate) fleetOf(p *payer) *fleet {
	f := &fleet{payer: p}
	f.size = int(float64(e.scale.fleet) / float64(e.dayCount()) / linesOfDay(e.scale.hourly()) * 1000)
	goods := wares()
	for i := range e.scale.meters {
		w, at := goods[i/len(fleetRegions)], fleetRegions[i%len(fleetRegions)]
		f.meters = append(f.meters, fleetMeter{p.tariffs.of(w.meter, at), w.resource})
	}
	return f
}

// meterOf returns the meter of a resource. 7919 shares no factor with the
// number of meters, so that any as many resources in a row have all of them.
func (f *fleet) meterOf(resource int) *fleetMeter { return &f.meters[resource*7919%len(f.meters)] }

// scatter returns a number without order for each resource.
func scatter(resource int) uint64 {
	x := uint64(resource) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// ran adds what the fleet has on a day.
func (f *fleet) ran(r *rand.Rand, day time.Time, hourly bool, events []event) []event {
	add := func(resource, hour int) {
		events = append(events, event{by: int32(resource), hour: uint8(hour), kind: kinds, units: f.meterOf(resource).units(r)})
	}
	number := int(day.Unix() / 86400)
	from := 0
	for i, o := range rhythms {
		to := from + f.size*o.resources/1000
		if i == len(rhythms)-1 {
			to = f.size
		}
		for n := from; n < to; n++ {
			switch {
			case o.hours == weekly && (n+number)%7 != 0:
			case o.hours < 24 && hourly:
				for h := n % o.hours; h < 24; h += o.hours {
					add(n, h)
				}
			case hourly:
				add(n, n%24)
			default:
				add(n, 0)
			}
		}
		from = to
	}
	return events
}

// units returns a quantity in its last decimal.
func (m *fleetMeter) units(r *rand.Rand) int64 {
	whole := powersOfTen[m.scale]
	if m.unit == "Hrs" && r.IntN(8) != 0 {
		return whole
	}
	return 1 + int64(r.ExpFloat64()*float64(whole))
}

// runs bills a line of the fleet.
func (b *biller) runs(ev *event, day time.Time) {
	f, n := b.p.fleet, int(ev.by)
	m, mixed := f.meterOf(n), scatter(n)
	a := f.payer.accounts[1+int(mixed>>8)%(len(f.payer.accounts)-1)]
	l := b.used(m.tariff, a, fixed{ev.units, m.scale}, day.Add(time.Duration(ev.hour)*time.Hour), b.x.hoursOf())
	l.resource = fmt.Sprintf("%s%016x", m.resource, mixed)
	if mixed%5 != 0 {
		l.app = apps[mixed>>40%uint64(len(apps))]
	}
	b.add(l)
}

// apps are the values of the resource tag of the fleet.
var apps = func() (list [200]string) {
	for i := range list {
		list[i] = fmt.Sprintf("%s-%03d", []string{"web", "batch", "ledger", "search"}[i%4], i)
	}
	return list
}()
