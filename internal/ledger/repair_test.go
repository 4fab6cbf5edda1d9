package ledger

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"showback"
)

// TestSalvaged reads what a damaged manifest named: all of it, but for what the
// damage hit.
func TestSalvaged(t *testing.T) {
	m := someManifest()
	second := m.Segments[0]
	second.Month = "2026-10"
	second.Delivery.Files = []FileInfo{{Path: "raw/bills/2026-10/one.csv", Object: "s3://bucket/bills/data/BILLING_PERIOD=2026-10/one.csv", SHA256: "aa"}}
	m.Segments = append(m.Segments, second)
	m.Aside = []Segment{{Payer: "111122223333", Export: "old", Month: "2026-09", AsideFor: "bills",
		Delivery: DeliveryInfo{Manifest: `/bills/"old"/old-Manifest.json`}}}
	m.Rules = (&Rules{}).with([]Preference{{Payer: "111122223333", Export: "bills"}})
	_, text := written(t, m)
	places := func(m *Manifest) []string {
		var all []string
		for _, s := range m.All() {
			all = append(all, s.Delivery.places()...)
		}
		slices.Sort(all)
		return all
	}
	whole := salvaged(text)
	if diff := cmp.Diff(places(m), places(whole)); diff != "" {
		t.Errorf("of a whole text: %s", diff)
	}
	if diff := cmp.Diff(m.Rules, whole.Rules); diff != "" {
		t.Errorf("rules: %s", diff)
	}
	f := func(name, old, now string, want ...string) {
		t.Helper()
		damaged := bytes.Replace(text, []byte(old), []byte(now), 1)
		if diff := cmp.Diff(want, places(salvaged(damaged))); diff != "" {
			t.Errorf("%s: places (-want +got):\n%s", name, diff)
		}
	}
	const one, two, three = "/bills/bills-00001.csv", "s3://bucket/bills", `/bills/"old"/old-Manifest.json`
	f("a member's name", `"payer":`, `#payer":`, three, one, two)
	f("the begin of a segment", "\n  {", "\n  [", three, one, two)
	f("between two segments", "\n  },", "\n  ],", three, one, two)
	f("a path", `"/bills/bills-00001.csv"`, `"/bills/bills-00001.csv#`, three, two)
	f("cut", string(text[bytes.Index(text, []byte(`"aside"`)):]), "", one, two)
	f("nothing left", string(text), "no manifest")

	share := rejected(&Manifest{Segments: []Segment{{Export: "a", Rejects: 1, Charges: 2}, {Export: "b", Rejects: 5}}}, &Segment{Export: "a"})
	if want := showback.MustDecimal("0.333334"); !share.Equal(want) {
		t.Errorf("share of rejects %s, want %s", share, want)
	}
}
