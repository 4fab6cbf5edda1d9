package reconcile

import "showback"

// Statement is what the ledger says it holds of one delivery: whose, of which
// month, and the files that it was made from. Several exports may bill one payer's
// month between them.
type Statement struct {
	Payer  string
	Export string
	Month  showback.Month
	// Aside says that another export counts in its place: its lines are no part
	// of the ledger's answer, and no stray of a delivery that shares a file.
	Aside bool
	Files []FileRef
	// Rejects are the lines that the ledger set aside instead of counting them.
	Rejects []RejectRef
}

// FileRef is a delivered file as the ledger knows it.
type FileRef struct {
	Path   string `json:"path"`   // absolute; empty for a file that was fetched and not kept
	SHA256 string `json:"sha256"` // hexadecimal
	Size   int64  `json:"size"`   // bytes
	// Object is the address that it was fetched from, s3://bucket/key.
	Object string `json:"object,omitempty"`
}

// RejectRef names a line: its file, by path, URL or name of which the last
// element is that of a FileRef's path, and its row, counted from 1 without a
// header.
type RejectRef struct {
	File string
	Row  int64
}

// Status is how a comparison ended.
type Status string

// The statuses. The worst of several is Different before Unchecked before Equal.
const (
	Equal     Status = "equal"
	Different Status = "different"
	Unchecked Status = "unchecked" // a file is gone, has changed or cannot be read
)

var severity = map[Status]int{Equal: 0, Unchecked: 1, Different: 2}

// worse returns the worse of two statuses.
func worse(a, b Status) Status {
	if severity[b] > severity[a] {
		return b
	}
	return a
}

// Report is the outcome of a reconciliation. Amounts are exact and encode as
// texts in JSON.
type Report struct {
	Status     Status         `json:"status"` // the worst of the deliveries
	Deliveries []Delivery     `json:"deliveries"`
	Totals     []Total        `json:"totals"` // over the deliveries that were checked
	Shares     []CurrencyPart `json:"shares,omitempty"`
}

// Delivery is the outcome for one delivery.
type Delivery struct {
	Payer  string         `json:"payer"`
	Export string         `json:"export"`
	Month  showback.Month `json:"month"`
	Status Status         `json:"status"`
	// Reason says why a delivery was not checked, or why it differs as a whole.
	Reason string    `json:"reason,omitempty"`
	Files  []FileRef `json:"files"`
	// Lines is how many lines the files deliver, those set aside not counted.
	Lines    int64      `json:"lines"`
	Rejected []Rejected `json:"rejected,omitempty"`
	Totals   []Total    `json:"totals"`
	// Comparisons has one for each key and basis that either side carries.
	Comparisons []Comparison `json:"comparisons"`
}

// Rejected are the lines of one currency that the ledger set aside.
type Rejected struct {
	Currency  string           `json:"currency"` // empty where it cannot be read
	Lines     int64            `json:"lines"`
	Readable  int64            `json:"readable"` // lines whose unblended amount can be read
	Unblended showback.Decimal `json:"unblended"`
}

// Key is what charges are compared by. An empty text is one that the bill
// leaves blank.
type Key struct {
	Payer      string         `json:"payer"`
	Month      showback.Month `json:"month"`
	Service    string         `json:"service"`
	ChargeType string         `json:"charge_type"`
	Currency   string         `json:"currency"`
}

// Figure is one side of a comparison.
type Figure struct {
	// Carried is false where the delivery does not have the basis: Amount means
	// nothing and all lines are Blank.
	Carried bool             `json:"carried"`
	Lines   int64            `json:"lines"` // those with an amount
	Blank   int64            `json:"blank"` // those without
	Amount  showback.Decimal `json:"amount"`
}

func (f *Figure) equal(g *Figure) bool {
	if f == nil || g == nil {
		return f == g
	}
	return f.Carried == g.Carried && f.Lines == g.Lines && f.Blank == g.Blank && f.Amount.Equal(g.Amount)
}

// amount is what the side weighs: nothing where there is none.
func (f *Figure) amount() showback.Decimal {
	if f == nil {
		return showback.Decimal{}
	}
	return f.Amount
}

// Cut is what the last decimal kept took off the delivered amounts.
type Cut struct {
	Lines int64            `json:"lines"` // lines with digits past it
	Sum   showback.Decimal `json:"sum"`   // delivered - kept, with its sign
}

// Comparison sets the two sides of one key and basis beside each other. A side
// that does not have the key is nil.
type Comparison struct {
	Key
	Basis      showback.Basis   `json:"basis"`
	Equal      bool             `json:"equal"`
	Delivered  *Figure          `json:"delivered"`
	Ledger     *Figure          `json:"ledger"`
	Difference showback.Decimal `json:"difference"` // delivered - ledger
	Cut        Cut              `json:"cut"`
}

// Total sums comparisons of one currency and basis.
type Total struct {
	Currency   string           `json:"currency"`
	Basis      showback.Basis   `json:"basis"`
	Equal      bool             `json:"equal"` // every comparison is, not the sums alone
	Lines      int64            `json:"lines"` // delivered, with an amount
	Delivered  showback.Decimal `json:"delivered"`
	Ledger     showback.Decimal `json:"ledger"`
	Difference showback.Decimal `json:"difference"`
	Cut        Cut              `json:"cut"`
}

// Differences returns the comparisons that are not equal, in order.
func (r *Report) Differences() []Comparison {
	var out []Comparison
	for _, d := range r.Deliveries {
		for _, c := range d.Comparisons {
			if !c.Equal {
				out = append(out, c)
			}
		}
	}
	return out
}

// Months returns the months of the deliveries, each once, ascending.
func (r *Report) Months() []showback.Month {
	months := map[showback.Month]bool{}
	for _, d := range r.Deliveries {
		months[d.Month] = true
	}
	return sortedMonths(months)
}
