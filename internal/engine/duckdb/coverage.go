package duckdb

import (
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// coverageOf describes a version of the ledger in the words of explore.
func coverageOf(m *ledger.Manifest) (explore.Coverage, error) {
	cov := explore.Coverage{Version: m.Version}
	for i := range m.Segments {
		d, err := delivered(&m.Segments[i])
		if err != nil {
			return explore.Coverage{}, showback.Errorf(showback.KindCorrupt, "read manifest: segment %s: %w", m.Segments[i].File, err)
		}
		cov.Deliveries = append(cov.Deliveries, d)
	}
	return cov, nil
}

func delivered(s *ledger.Segment) (explore.Delivered, error) {
	d := explore.Delivered{
		Payer: s.Payer, PayerName: s.PayerName, Export: s.Export, Month: s.Month,
		Charges: s.Charges, Bases: s.Bases, CallerColumn: s.CallerColumn, Hourly: s.Hourly, Monthly: s.Monthly, Open: len(s.Open) > 0,
		TagKeys: map[showback.TagKey]time.Time{},
		Rejects: s.Rejects, RejectCost: s.RejectCost, RejectsUnpriced: s.RejectsUnpriced,
		BlankNet: s.Delivery.BlankNet, Late: s.Late,
	}
	if _, err := showback.ParseMonth(string(s.Month)); err != nil {
		return d, err
	}
	var err error
	if d.FirstDay, err = parseDay(s.FirstDay); err != nil {
		return d, err
	}
	if d.LastDay, err = parseDay(s.LastDay); err != nil {
		return d, err
	}
	for text, first := range s.TagKeys {
		key, err := parseTagKey(text)
		if err != nil {
			return d, err
		}
		if d.TagKeys[key], err = parseDay(first); err != nil {
			return d, err
		}
	}
	for _, text := range s.WideKeys {
		key, err := parseTagKey(text)
		if err != nil {
			return d, err
		}
		d.WideKeys = append(d.WideKeys, key)
	}
	if r := s.Rest; r != nil {
		if d.Rest, err = restOf(r); err != nil {
			return d, err
		}
	}
	for _, t := range s.Totals {
		d.Currencies = append(d.Currencies, t.Currency)
	}
	return d, nil
}

func restOf(r *ledger.Rest) (*explore.Rest, error) {
	out := &explore.Rest{Charges: r.Charges, Callers: r.Callers}
	for _, text := range r.TagKeys {
		key, err := parseTagKey(text)
		if err != nil {
			return nil, err
		}
		out.TagKeys = append(out.TagKeys, key)
	}
	var err error
	if out.FirstDay, err = parseDay(r.FirstDay); err != nil {
		return nil, err
	}
	out.LastDay, err = parseDay(r.LastDay)
	return out, err
}

func parseTagKey(text string) (showback.TagKey, error) {
	key, ok := showback.ParseTagKey(text)
	if !ok {
		return key, showback.Errorf(showback.KindCorrupt, "tag key %q: want one like iamPrincipal/team", text)
	}
	return key, nil
}

// parseDay reads a day of the manifest; empty for none.
func parseDay(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, text)
}
