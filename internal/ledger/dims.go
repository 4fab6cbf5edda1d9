package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"showback"
	"showback/internal/meter"
	"showback/internal/tag"
)

// dims are the dimensions in memory: small, loaded whole, appended to and
// written whole. Slices are indexed by id - 1.
type dims struct {
	payers      []account
	accounts    []account
	principals  []showback.Principal
	meters      []showback.Meter
	meanings    []showback.Meaning
	tagsets     []string
	chargeTypes []string
	currencies  []string
	billTypes   []string

	payerID      map[string]int32
	accountID    map[string]int32
	principalID  map[showback.Principal]int32
	meterID      map[showback.Meter]int32
	tagsetID     map[string]int32
	chargeTypeID map[string]int32
	currencyID   map[string]int32
	billTypeID   map[string]int32

	changed bool
}

type account struct{ id, name string }

func newDims() *dims {
	return &dims{
		payerID: map[string]int32{}, accountID: map[string]int32{}, principalID: map[showback.Principal]int32{},
		meterID: map[showback.Meter]int32{}, tagsetID: map[string]int32{}, chargeTypeID: map[string]int32{},
		currencyID: map[string]int32{}, billTypeID: map[string]int32{},
	}
}

// idOf returns the id of a value, appending it when it is new.
func idOf[K comparable](d *dims, ids map[K]int32, values *[]K, v K) int32 {
	if id, ok := ids[v]; ok {
		return id
	}
	*values = append(*values, v)
	id := int32(len(*values))
	ids[v] = id
	d.changed = true
	return id
}

// accountOf returns the id of an account; the name seen last is kept.
func (d *dims) accountOf(ids map[string]int32, list *[]account, a account) int32 {
	id, ok := ids[a.id]
	if !ok {
		*list = append(*list, a)
		id = int32(len(*list))
		ids[a.id] = id
		d.changed = true
		return id
	}
	if have := &(*list)[id-1]; a.name != "" && have.name != a.name {
		have.name = a.name
		d.changed = true
	}
	return id
}

// loadDims reads the dimensions of a version; none for an empty ledger.
func loadDims(ctx context.Context, w *work, path string) (*dims, error) {
	d := newDims()
	if path == "" {
		return d, nil
	}
	if err := w.attach(ctx, path, "dims", true); err != nil {
		return nil, damagedDims(path, err)
	}
	texts := func(table, column string, add func(string)) error {
		return w.each(ctx, fmt.Sprintf("SELECT %s FROM dims.%s ORDER BY %s_id", column, table, table), func(scan func(...any) error) error {
			var s string
			if err := scan(&s); err != nil {
				return err
			}
			add(s)
			return nil
		})
	}
	accounts := func(table string, ids map[string]int32, list *[]account) error {
		return w.each(ctx, fmt.Sprintf("SELECT account, name FROM dims.%s ORDER BY %[1]s_id", table), func(scan func(...any) error) error {
			var a account
			if err := scan(&a.id, &a.name); err != nil {
				return err
			}
			d.accountOf(ids, list, a)
			return nil
		})
	}
	steps := []func() error{
		func() error { return accounts("payer", d.payerID, &d.payers) },
		func() error { return accounts("account", d.accountID, &d.accounts) },
		func() error { return d.loadPrincipals(ctx, w) },
		func() error { return d.loadMeters(ctx, w) },
		func() error {
			return texts("tagset", "canonical", func(s string) { idOf(d, d.tagsetID, &d.tagsets, s) })
		},
		func() error {
			return texts("charge_type", "name", func(s string) { idOf(d, d.chargeTypeID, &d.chargeTypes, s) })
		},
		func() error {
			return texts("currency", "code", func(s string) { idOf(d, d.currencyID, &d.currencies, s) })
		},
		func() error {
			return texts("bill_type", "name", func(s string) { idOf(d, d.billTypeID, &d.billTypes, s) })
		},
		func() error { return w.detach(ctx, "dims") },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, damagedDims(path, err)
		}
	}
	d.changed = false
	return d, nil
}

func damagedDims(path string, err error) error {
	return showback.WithHint(showback.Errorf(showback.KindCorrupt, "read dimensions %s: %w", filepath.Base(path), err),
		"restore the file from a copy of the store, or import the bills into a new one")
}

func (d *dims) loadPrincipals(ctx context.Context, w *work) error {
	return w.each(ctx, "SELECT kind, partition, account, name, permission_set FROM dims.principal ORDER BY principal_id",
		func(scan func(...any) error) error {
			var p showback.Principal
			if err := scan(&p.Kind, &p.Partition, &p.Account, &p.Name, &p.PermissionSet); err != nil {
				return err
			}
			idOf(d, d.principalID, &d.principals, p)
			return nil
		})
}

func (d *dims) loadMeters(ctx context.Context, w *work) error {
	return w.each(ctx, `SELECT product_code, billing_entity, usage_type, operation, unit, service_code, product_family, region,
		product_name, billed_provider, billed_model, inference_type, feature, purchase_term, rate, description,
		ai, known, inference, service, provider, model, token_type, pricing_model, route, multiplier
		FROM dims.meter ORDER BY meter_id`, func(scan func(...any) error) error {
		var m showback.Meter
		var g showback.Meaning
		err := scan(&m.ProductCode, &m.BillingEntity, &m.UsageType, &m.Operation, &m.Unit, &m.ServiceCode, &m.ProductFamily, &m.Region,
			&m.ProductName, &m.Provider, &m.Model, &m.InferenceType, &m.Feature, &m.PurchaseTerm, &m.Rate, &m.Description,
			&g.AI, &g.Known, &g.Inference, &g.Service, &g.Provider, &g.Model, &g.TokenType, &g.PricingModel, &g.Route, &g.Multiplier)
		if err != nil {
			return err
		}
		idOf(d, d.meterID, &d.meters, m)
		d.meanings = append(d.meanings, g)
		return nil
	})
}

// classify gives every meter its meaning by the rules of this program, which
// may be better than those of the program that wrote the dimensions.
func (d *dims) classify() {
	meanings := meter.ClassifyAll(d.meters)
	if !slices.Equal(meanings, d.meanings) {
		d.meanings, d.changed = meanings, true
	}
}

// write writes the dimensions to a new file at path and flushes it.
func (d *dims) write(ctx context.Context, path, tmp string) error {
	os.Remove(path) // left by a crash before the manifest named it
	w, err := openWork(ctx, path, tmp)
	if err != nil {
		return err
	}
	err = d.fillTables(ctx, w)
	if closed := w.close(); err == nil && closed != nil {
		err = showback.Errorf(showback.KindUnavailable, "close: %w", closed)
	}
	if err != nil {
		return fmt.Errorf("write dimensions: %w", err)
	}
	return syncPath(path)
}

func (d *dims) fillTables(ctx context.Context, w *work) error {
	if err := w.exec(ctx, dimsSchema); err != nil {
		return err
	}
	fill := func(table string, n int, row func(i int) []driver.Value) error {
		i := 0
		return w.fill(table, func() []driver.Value {
			if i == n {
				return nil
			}
			i++
			return append([]driver.Value{int32(i)}, row(i-1)...)
		})
	}
	named := func(list []account) func(int) []driver.Value {
		return func(i int) []driver.Value { return []driver.Value{list[i].id, list[i].name} }
	}
	plain := func(list []string) func(int) []driver.Value {
		return func(i int) []driver.Value { return []driver.Value{list[i]} }
	}
	steps := []func() error{
		func() error { return fill("payer", len(d.payers), named(d.payers)) },
		func() error { return fill("account", len(d.accounts), named(d.accounts)) },
		func() error {
			return fill("principal", len(d.principals), func(i int) []driver.Value {
				p := d.principals[i]
				return []driver.Value{string(p.Kind), p.Partition, p.Account, p.Name, p.PermissionSet}
			})
		},
		func() error {
			return fill("meter", len(d.meters), func(i int) []driver.Value {
				m, g := d.meters[i], d.meanings[i]
				return []driver.Value{m.ProductCode, m.BillingEntity, m.UsageType, m.Operation, m.Unit, m.ServiceCode, m.ProductFamily,
					m.Region, m.ProductName, m.Provider, m.Model, m.InferenceType, m.Feature, m.PurchaseTerm, m.Rate, m.Description,
					g.AI, g.Known, g.Inference, g.Service, g.Provider, g.Model, g.TokenType, g.PricingModel, g.Route, g.Multiplier}
			})
		},
		func() error { return fill("tagset", len(d.tagsets), plain(d.tagsets)) },
		func() error { return d.fillTags(w) },
		func() error {
			return fill("charge_type", len(d.chargeTypes), func(i int) []driver.Value {
				t := showback.ChargeTypeOf(d.chargeTypes[i])
				return []driver.Value{t.Name, string(t.Class), t.Counts}
			})
		},
		func() error { return fill("currency", len(d.currencies), plain(d.currencies)) },
		func() error { return fill("bill_type", len(d.billTypes), plain(d.billTypes)) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (d *dims) fillTags(w *work) error {
	type tagRow struct {
		id    int32
		key   showback.TagKey
		value string
	}
	var rows []tagRow
	for i, canonical := range d.tagsets {
		set, err := tag.FromCanonical(canonical)
		if err != nil {
			return fmt.Errorf("tag set %d: %w", i+1, err)
		}
		for _, key := range set.Keys() {
			rows = append(rows, tagRow{int32(i + 1), key, set[key]})
		}
	}
	return w.fill("tag", func() []driver.Value {
		if len(rows) == 0 {
			return nil
		}
		r := rows[0]
		rows = rows[1:]
		return []driver.Value{r.id, string(r.key.Source), r.key.Name, r.value}
	})
}
