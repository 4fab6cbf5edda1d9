package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// choice is a list of values that a filter offers.
type choice struct {
	row, key string
	prefix   string // that was typed
	dims     string // what the dimensions say, in SQL; empty where they don't know
}

var choiceRows = []choice{
	{"tag values", teamKey, "", "SELECT DISTINCT value FROM %s.tag WHERE source = 'iamPrincipal' AND name = 'team' ORDER BY 1 LIMIT 100"},
	{"filter choices, model", "model", "", "SELECT DISTINCT model FROM %s.meter ORDER BY 1 LIMIT 100"},
	{"filter choices, service", "service", "", "SELECT DISTINCT service FROM %s.meter ORDER BY 1 LIMIT 100"},
	{"filter choices, usage type", "usage-type", "U", "SELECT DISTINCT usage_type FROM %s.meter WHERE starts_with(usage_type, 'U') ORDER BY 1 LIMIT 100"},
	{"filter choices, account", "account", "", "SELECT account FROM %s.account ORDER BY 1 LIMIT 100"},
	{"filter choices, caller, last month", "caller", "arn:", ""},
}

// choices asks for the values that a filter offers, over the year. That no
// charge is read is held by asking a store again that has none: the manifest
// and the dimensions alone.
func (b *bench) choices(ctx context.Context, r *report) error {
	store, err := b.estate(ctx, b.size)
	if err != nil {
		return err
	}
	a, err := open(ctx, store, nil)
	if err != nil {
		return err
	}
	defer a.Close()
	bare, err := b.openBare(ctx, a.snap)
	if err != nil {
		return err
	}
	defer bare.Close()
	y, err := openYard()
	if err != nil {
		return err
	}
	defer y.close()
	dims, err := y.attach(ctx, a.snap.DimsPath())
	if err != nil {
		return err
	}
	for _, c := range choiceRows {
		if err := b.choiceRow(ctx, r, c, a, bare, y, dims); err != nil {
			return err
		}
	}
	largest := timed(func(ctx context.Context) error {
		_, err := a.Values(ctx, plan(question(a.lastMonths(12), "", explore.Total)), keys(teamKey)[0], 100)
		return err
	})
	t, err := race(ctx, 1, b.runs, largest)
	if err != nil {
		return err
	}
	read, err := readText(ctx, largest)
	if err != nil {
		return err
	}
	r.add(within("tag values of a year by cost, largest first", t[0], 0, read))
	return nil
}

func (b *bench) choiceRow(ctx context.Context, r *report, c choice, a, bare *asker, y *yard, dims string) error {
	period := a.lastMonths(1)
	var got []string
	contenders := []contender{timed(func(ctx context.Context) (err error) {
		got, err = a.Choices(ctx, period, keys(c.key)[0], c.prefix, 100)
		return err
	})}
	if c.dims != "" {
		contenders = append(contenders, timed(func(ctx context.Context) error { return y.drain(ctx, fmt.Sprintf(c.dims, dims)) }))
	}
	t, err := race(ctx, 1, b.runs, contenders...)
	if err != nil {
		return err
	}
	f := within(c.row, t[0], 2*time.Millisecond, fmt.Sprintf("%d values", len(got)))
	if c.dims == "" {
		f.detail = join(f.detail, "reads the dictionary of the month's callers")
		r.add(f)
		return nil
	}
	without, err := bare.Choices(ctx, period, keys(c.key)[0], c.prefix, 100)
	untouched := err == nil && slices.Equal(got, without)
	f.commit += ", no facts"
	f.met = f.met && untouched
	what := "the same without any segment's file"
	if !untouched {
		what = "not the same without segments' files"
	}
	f.detail = join(f.detail, what, "the dimensions alone "+t[1].String())
	r.add(f)
	return nil
}

// openBare opens a store that has the manifest and the dimensions of a version
// and not one charge.
func (b *bench) openBare(ctx context.Context, snap *ledger.Snapshot) (*asker, error) {
	dir := filepath.Join(b.dir, "bare-store")
	if err := os.RemoveAll(dir); err != nil {
		return nil, showback.Errorf(showback.KindUnavailable, "make a store without charges: %w", err)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, showback.Errorf(showback.KindUnavailable, "make a store without charges: %w", err)
	}
	from := filepath.Dir(snap.DimsPath())
	for _, name := range []string{"manifest.json", filepath.Base(snap.DimsPath())} {
		if err := copyFile(filepath.Join(dir, name), filepath.Join(from, name)); err != nil {
			return nil, showback.Errorf(showback.KindUnavailable, "make a store without charges: %w", err)
		}
	}
	return open(ctx, ledger.Open(dir), nil)
}

func copyFile(to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() {
		if closed := out.Close(); err == nil {
			err = closed
		}
	}()
	_, err = io.Copy(out, in)
	return err
}
