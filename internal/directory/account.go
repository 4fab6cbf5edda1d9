package directory

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"showback"
	"showback/internal/iamrule"
)

// Account is the account that the directory speaks for.
type Account struct {
	ID   string // twelve digits
	Name string
	Set  time.Time // when it was set; zero where it never was
}

// maxAccountName is the longest name of an account. (AWS, "Organizations API
// reference: CreateAccount", 2026-09.)
const maxAccountName = 50

// Account returns the account that SetAccount set; ok is false when none was,
// and it is the first payer's then, which the bills know.
func (d *Directory) Account(ctx context.Context) (a Account, ok bool, err error) {
	err = d.look(ctx, func(q querier) error {
		a, ok, err = accountOf(ctx, q)
		return err
	})
	return a, ok, err
}

func accountOf(ctx context.Context, q querier) (a Account, ok bool, err error) {
	var at int64
	err = q.QueryRowContext(ctx, "SELECT id, name, at FROM account").Scan(&a.ID, &a.Name, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, false, nil
	}
	a.Set = instant(at)
	return a, err == nil, err
}

// SetAccount sets the account's id and name. The same again changes nothing.
func (d *Directory) SetAccount(ctx context.Context, by Actor, a Account) error {
	a.Name = strings.TrimSpace(a.Name)
	if !iamrule.IsAccount(a.ID) {
		return showback.Errorf(showback.KindInvalid, "set account %q: want twelve digits", a.ID)
	}
	if n := utf8.RuneCountInString(a.Name); n == 0 || n > maxAccountName {
		return showback.Errorf(showback.KindInvalid, "name account %q: want 1 to %d characters, found %d", a.Name, maxAccountName, n)
	}
	return d.change(ctx, func(t *tx) error {
		held, _, err := accountOf(ctx, t)
		if err != nil || held.ID == a.ID && held.Name == a.Name {
			return err
		}
		if _, err := t.insert("INSERT OR REPLACE INTO account VALUES (1, ?, ?, ?)", a.ID, a.Name, micros(t.at)); err != nil {
			return err
		}
		return t.event(by, happening{
			name: "PutAccountName", source: "account.amazonaws.com", request: map[string]any{"accountId": a.ID, "accountName": a.Name},
			resources: []Resource{{"AWS::::Account", a.ID}},
		})
	})
}
