package ingest

import (
	"time"

	"showback"
	"showback/internal/ledger"
)

// Report is what an import came to. Its JSON is a contract: fields are only
// added. Amounts are strings.
type Report struct {
	Store      string     `json:"store"`
	Version    int        `json:"version"` // of the ledger, after the import
	Changed    bool       `json:"changed"` // false: every delivery was there already
	Deliveries []Delivery `json:"deliveries"`
	Skipped    []Skipped  `json:"skipped"` // seen and not taken
	// Settled are the months that this import set aside or made count again,
	// for exports that hold the same charges.
	Settled []Settlement `json:"settled"`
	// Vouched are the months in which exports share keys and count both, since
	// this import said that they are disjoint.
	Vouched []Vouched `json:"vouched"`
}

// Settlement is a month of an export that changed its part in the answer.
type Settlement struct {
	Payer  string         `json:"payer"`
	Month  showback.Month `json:"month"`
	Export string         `json:"export"`
	Counts bool           `json:"counts"`
	// AsideFor is the export that counts instead; empty where Counts.
	AsideFor string `json:"aside_for,omitempty"`
}

// Vouched is a month in which exports that share keys count both.
type Vouched struct {
	Payer   string         `json:"payer"`
	Month   showback.Month `json:"month"`
	Exports []string       `json:"exports"`
}

// Skipped is something that was seen and not taken.
type Skipped struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// Status says what happened to a delivery.
type Status string

// The statuses of a delivery.
const (
	Loaded    Status = "loaded"    // its months are new
	Replaced  Status = "replaced"  // it took the place of another delivery of the month
	Unchanged Status = "unchanged" // the ledger holds it already
	Empty     Status = "empty"     // its files hold no charge
)

// Delivery is what one delivery came to.
type Delivery struct {
	Export   string    `json:"export"`
	ID       string    `json:"id"`
	Manifest string    `json:"manifest,omitempty"`
	Made     time.Time `json:"made"`
	MadeFrom string    `json:"made_from"`
	Status   Status    `json:"status"`
	Files    int       `json:"files"`
	Lines    int64     `json:"lines"` // delivered lines, rejects included
	Months   []Month   `json:"months"`
	Rejects  Rejects   `json:"rejects"`
	Changes  []Change  `json:"changes"`
	Unknown  []Unknown `json:"unknown_meters"`
	WideKeys []string  `json:"wide_tag_keys"`
	Unused   []string  `json:"unused_columns"`
	Rounded  int64     `json:"rounded_amounts"`   // digits past the 19th decimal
	BlankNet int64     `json:"blank_net_charges"` // counted as 0
	Notes    []string  `json:"notes"`
}

// Month is one payer's billing period of a delivery.
type Month struct {
	Payer     string           `json:"payer"`
	PayerName string           `json:"payer_name,omitempty"`
	Month     showback.Month   `json:"month"`
	Charges   int64            `json:"charges"`
	Totals    []ledger.Totals  `json:"totals"`
	Bases     []showback.Basis `json:"bases"`
	Open      bool             `json:"open"`
	// OpenEntities are the invoicing entities without invoice yet.
	OpenEntities []string `json:"open_entities"`
	Accounts     int      `json:"usage_accounts"`
	// Outside reports usage outside the payer's account: without it the
	// delivery can't be the whole invoice of an organisation.
	Outside bool `json:"usage_outside_payer"`
	// AccountColumn is false when the export has no usage accounts: nothing is
	// known of the two above then.
	AccountColumn bool `json:"account_column"`
	// LateCharges is how many usage charges lie outside the month: they count
	// on its nearest day.
	LateCharges int64 `json:"late_charges"`
	// Keep is ai where charges that are not AI are kept as sums, AsSums how many;
	// absent where every charge is kept.
	Keep         ledger.Keep `json:"keep,omitempty"`
	AsSums       int64       `json:"charges_as_sums,omitempty"`
	CallerColumn bool        `json:"caller_column"`
	FirstDay     string      `json:"first_day,omitempty"`
	LastDay      string      `json:"last_day,omitempty"`
	// Counts is false when another export, AsideFor, is preferred: the month is
	// kept and no part of an answer.
	Counts   bool   `json:"counts"`
	AsideFor string `json:"aside_for,omitempty"`

	key ledger.Key
}

// Rejects are the lines of a delivery that could not be read.
type Rejects struct {
	Count      int64           `json:"count"`
	Cost       []Cost          `json:"cost"`       // of those whose amount could be read, unblended
	Unreadable int64           `json:"unreadable"` // lines whose amount could not be read
	First      []ledger.Reject `json:"first"`      // at most MaxRejects
}

// MaxRejects is how many rejects a report lists.
const MaxRejects = 20

// Cost is an amount of one currency.
type Cost struct {
	Currency string           `json:"currency"`
	Amount   showback.Decimal `json:"amount"`
}

// Change is a difference to the delivery that was replaced.
type Change = ledger.Change

// Unknown is an AI meter that no rule knows.
type Unknown struct {
	ProductCode string           `json:"product_code"`
	ProductName string           `json:"product_name"`
	UsageType   string           `json:"usage_type"`
	Operation   string           `json:"operation"`
	Unit        string           `json:"unit"`
	Charges     int64            `json:"charges"`
	Currency    string           `json:"currency"`
	Cost        showback.Decimal `json:"cost"`
}

func monthOf(s ledger.Segment) Month {
	m := Month{Payer: s.Payer, PayerName: s.PayerName, Month: s.Month, Charges: s.Charges, Totals: s.Totals, Bases: s.Bases,
		Open: len(s.Open) > 0, OpenEntities: list(s.Open), Accounts: s.Accounts, Outside: s.Outside, CallerColumn: s.CallerColumn,
		FirstDay: s.FirstDay, LastDay: s.LastDay, AccountColumn: s.AccountColumn, LateCharges: s.Late, key: s.Key()}
	if s.Rest != nil {
		m.Keep, m.AsSums = ledger.KeepAI, s.Rest.Charges
	}
	return m
}

// settle writes into the report what counts.
func (r *Report) settle(m *ledger.Manifest, settled *ledger.Settled) {
	for i := range r.Deliveries {
		for j := range r.Deliveries[i].Months {
			month := &r.Deliveries[i].Months[j]
			month.AsideFor = m.Find(month.key).AsideFor
			month.Counts = month.AsideFor == ""
		}
	}
	for _, s := range settled.Aside {
		r.Settled = append(r.Settled, Settlement{Payer: s.Payer, Month: s.Month, Export: s.Export, AsideFor: s.AsideFor})
	}
	for _, s := range settled.Back {
		r.Settled = append(r.Settled, Settlement{Payer: s.Payer, Month: s.Month, Export: s.Export, Counts: true})
	}
	for _, o := range settled.Vouched {
		v := Vouched{Payer: o.Payer, Month: o.Month}
		for _, rival := range o.Rivals {
			v.Exports = append(v.Exports, rival.Export)
		}
		r.Vouched = append(r.Vouched, v)
	}
}

// list makes an absent list an empty one, so that JSON shows [].
func list[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}

func rejectsOf(all []ledger.Reject) Rejects {
	r := Rejects{Count: int64(len(all)), Cost: []Cost{}, First: list(all[:min(len(all), MaxRejects)])}
	for _, reject := range all {
		if reject.Unblended == nil {
			r.Unreadable++
			continue
		}
		at := -1
		for i := range r.Cost {
			if r.Cost[i].Currency == reject.Currency {
				at = i
			}
		}
		if at < 0 {
			at, r.Cost = len(r.Cost), append(r.Cost, Cost{Currency: reject.Currency})
		}
		r.Cost[at].Amount = r.Cost[at].Amount.Add(*reject.Unblended)
	}
	return r
}
