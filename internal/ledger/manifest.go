package ledger

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"showback"
)

const manifestName = "manifest.json"

// Manifest is one version of the ledger: it alone decides what is in it.
type Manifest struct {
	Format int `json:"format"`
	// Seal is the digest of the file's text, empty outside it; see writeSealed.
	// Manifests of before it was kept have none.
	Seal     string    `json:"seal"`
	Version  int       `json:"version"`
	Dims     string    `json:"dims,omitempty"` // file name in the store; empty in version 0
	DimsSHA  string    `json:"dims_sha256,omitempty"`
	Segments []Segment `json:"segments"` // what counts, ordered by payer, export, month
	// Aside are kept and do not count: another export that holds the same
	// charges is preferred. Ordered as Segments.
	Aside []Segment `json:"aside,omitempty"`
	Rules Rules     `json:"rules,omitzero"`
	// Compacts are files that answer in the place of many small segments.
	Compacts []Compact `json:"compacts,omitempty"`
}

// Segment is what the manifest knows of one (payer, export, month): its file,
// the delivery that it holds and exact totals.
type Segment struct {
	Payer     string         `json:"payer"`
	PayerName string         `json:"payer_name,omitempty"`
	Export    string         `json:"export"`
	Month     showback.Month `json:"month"`
	File      string         `json:"file"` // slash-separated, relative to the store
	SHA256    string         `json:"sha256"`
	Delivery  DeliveryInfo   `json:"delivery"`
	// AsideFor is the export that counts in the place of this one, which is
	// aside; empty for what counts.
	AsideFor string `json:"aside_for,omitempty"`

	Charges int64 `json:"charges"`
	// Rejects are the delivery's lines that could not be read, on its first
	// segment; RejectCost what they would have cost, unblended, by currency, of
	// those whose amount could be read, RejectsUnpriced how many could not.
	Rejects         int64                       `json:"rejects"`
	RejectCost      map[string]showback.Decimal `json:"reject_cost,omitempty"`
	RejectsUnpriced int64                       `json:"rejects_unpriced,omitempty"`
	Totals          []Totals                    `json:"totals"` // one for each currency, sorted

	AmountScale   int              `json:"amount_scale"`
	QuantityScale int              `json:"quantity_scale"`
	Bases         []showback.Basis `json:"bases"` // those that the delivery carries
	CallerColumn  bool             `json:"caller_column"`
	AccountColumn bool             `json:"account_column"`
	InvoiceColumn bool             `json:"invoice_column"`
	// Open lists the invoicing entities that have a non-zero Anniversary charge
	// without invoice; the month is closed when there is none.
	Open []string `json:"open,omitempty"`
	// Accounts is the number of usage accounts, Outside whether one of them is
	// not the payer: without, the delivery can't be a whole organisation's bill.
	Accounts int  `json:"accounts"`
	Outside  bool `json:"outside_payer"`
	// FirstDay and LastDay are the first and last day, inclusive, on which
	// usage counts (YYYY-MM-DD); empty when there is none.
	FirstDay string `json:"first_day,omitempty"`
	LastDay  string `json:"last_day,omitempty"`
	Hourly   bool   `json:"hourly"` // some usage is shorter than a day
	// Monthly says that there is usage with a start and an end, and none of it is
	// as short as a day. Absent from what earlier programs wrote.
	Monthly bool `json:"monthly,omitempty"`
	// Late is how many usage charges count on another day than their own,
	// which lies outside the month.
	Late int64 `json:"late_charges,omitempty"`
	// UnknownTypes are line item types that the data dictionary does not have.
	UnknownTypes []string `json:"unknown_line_types,omitempty"`
	// TagKeys maps a tag key, iamPrincipal/team, to the first day that has it.
	TagKeys  map[string]string `json:"tag_keys,omitempty"`
	WideKeys []string          `json:"wide_keys,omitempty"` // too many values: not kept
	// Rollups maps each rollup that the file has to its number of rows.
	Rollups map[string]int64 `json:"rollups,omitempty"`
	// Rest is what the file has as sums; nil where every charge is a fact.
	Rest *Rest `json:"rest,omitempty"`
}

// DeliveryInfo says where a segment came from.
type DeliveryInfo struct {
	ID       string     `json:"id"`
	ARN      string     `json:"arn,omitempty"`
	Manifest string     `json:"manifest,omitempty"`
	Listed   bool       `json:"listed,omitempty"` // no manifest says which files it is of
	Made     time.Time  `json:"made"`
	MadeFrom string     `json:"made_from"`
	Loaded   time.Time  `json:"loaded"`
	Files    []FileInfo `json:"files"`
	Rounded  int64      `json:"rounded"`            // amounts with digits past the 19th decimal
	BlankNet int64      `json:"blank_net"`          // charges whose blank net amount counted as 0
	Unused   []string   `json:"unused_columns"`     // columns of the files that nothing reads, sorted
	Notes    []string   `json:"notes,omitempty"`    // of the source
	Previous string     `json:"previous,omitempty"` // id of the delivery that this one replaced
	// Parts is how many segments the delivery came to: one for each payer and
	// month in its files.
	Parts int `json:"parts"`
}

// FileInfo is one delivered file, enough to find it again and to know it.
type FileInfo struct {
	// Path is absolute; relative to the store, raw/…, for a file that was
	// fetched from a bucket and kept; empty for one that was not kept.
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	// Object is the address that the file was fetched from, s3://bucket/key,
	// and ETag what the bucket calls its content; empty for a local file.
	Object string `json:"object,omitempty"`
	ETag   string `json:"etag,omitempty"`
}

// Totals are the exact sums of one currency on each basis carried. List holds
// the charges that have a list price.
type Totals struct {
	Currency string                              `json:"currency"`
	Charges  int64                               `json:"charges"`
	Amounts  map[showback.Basis]showback.Decimal `json:"amounts"`
}

// Key identifies a segment: what a newer delivery replaces.
type Key struct {
	Payer  string
	Export string
	Month  showback.Month
}

// Key returns what the segment is known by.
func (s *Segment) Key() Key { return Key{s.Payer, s.Export, s.Month} }

// Digest names the content of a delivery: the digests of its files, sorted, so
// that their order does not matter.
func (d *DeliveryInfo) Digest() string {
	parts := make([]string, len(d.Files))
	for i, f := range d.Files {
		parts[i] = f.SHA256
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// All returns what counts and what is aside, ordered by payer, export and month.
func (m *Manifest) All() []Segment {
	all := slices.Concat(m.Segments, m.Aside)
	slices.SortFunc(all, byKey)
	return all
}

// Find returns the segment of the key, whether it counts or not, or nil.
func (m *Manifest) Find(k Key) *Segment {
	for _, list := range [][]Segment{m.Segments, m.Aside} {
		for i := range list {
			if list[i].Key() == k {
				return &list[i]
			}
		}
	}
	return nil
}

// counts reports whether the segment of the key is there and counts.
func (m *Manifest) counts(k Key) bool {
	s := m.Find(k)
	return s != nil && s.AsideFor == ""
}

// drop takes the segment of the key out.
func (m *Manifest) drop(k Key) {
	is := func(s Segment) bool { return s.Key() == k }
	m.Segments, m.Aside = slices.DeleteFunc(m.Segments, is), slices.DeleteFunc(m.Aside, is)
}

func (m *Manifest) sort() {
	slices.SortFunc(m.Segments, byKey)
	slices.SortFunc(m.Aside, byKey)
}

func byKey(a, b Segment) int {
	return cmp.Or(cmp.Compare(a.Payer, b.Payer), cmp.Compare(a.Export, b.Export), cmp.Compare(a.Month, b.Month))
}

// readManifest reads the manifest of the store; a store without one is empty,
// version 0.
func readManifest(dir string) (*Manifest, error) {
	text, sealed, err := readSealed(dir, manifestName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Manifest{Format: Format, Segments: []Segment{}}, nil
	case showback.KindOf(err) == showback.KindCorrupt:
		return nil, damagedManifest(err)
	case err != nil:
		return nil, showback.Errorf(showback.KindUnavailable, "read manifest: %w", err)
	}
	return decodeManifest(dir, text, sealed)
}

// decodeManifest reads the text of the manifest of the store in dir. sealed
// reports that its seal was found and fits.
func decodeManifest(dir string, text []byte, sealed bool) (*Manifest, error) {
	path := filepath.Join(dir, manifestName)
	var head struct {
		Format *int   `json:"format"`
		Seal   string `json:"seal"`
	}
	if err := json.Unmarshal(text, &head); err != nil || head.Format == nil {
		return nil, showback.WithHint(showback.Errorf(showback.KindCorrupt, "read manifest %s: not a showback manifest", path),
			"name the folder of a store with --store, or see what is left of this one: showback check")
	}
	if head.Seal != "" && !sealed { // what stands there is no digest
		return nil, damagedManifest(brokenSeal(path))
	}
	if *head.Format != Format {
		return nil, showback.WithHint(showback.Errorf(showback.KindInvalid,
			"open store %s: its format is %d, this program reads %d", dir, *head.Format, Format),
			"use the version of showback that wrote it, or import the bills into a new store")
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, damagedManifest(showback.Errorf(showback.KindCorrupt, "read manifest %s: %w", path, err))
	}
	m.Seal = ""
	return m, nil
}

func damagedManifest(err error) error {
	return showback.WithHint(err, "restore the file from a copy of the store, or see what else helps: showback check")
}

// write replaces the manifest atomically. inForce reports that the new version
// is: an error after that says only that a loss of power could still undo it.
func (m *Manifest) write(dir string) (inForce bool, err error) {
	m.sort()
	return writeSealed(dir, manifestName, m)
}

// syncPath flushes a file or a folder to the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return showback.Errorf(showback.KindUnavailable, "sync %s: %w", path, err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return showback.Errorf(showback.KindUnavailable, "sync %s: %w", path, err)
	}
	return nil
}
