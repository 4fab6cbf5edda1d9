package ledger

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"showback"
)

// Repair is what loads again, in one import, all that is damaged. Files that
// share a fate are named together: dimensions need every delivery, and rivals
// are read to see what they share.
type Repair struct {
	// Places are for showback import --replace; none where nothing has to be
	// loaded again.
	Places []string `json:"places"`
	// Gone are places on the disk where nothing is any more.
	Gone []string `json:"gone"`
	// AllowRejects is the share of lines, 0 to 1, that could not be read of a
	// delivery among them.
	AllowRejects showback.Decimal `json:"allow_rejects"`
	// Anew reports that the ledger begins anew: the manifest is damaged, and what
	// is said here was read from what is left of it. Prefer and Disjoint are the
	// choices that it remembered then, as Choice has them.
	Anew     bool     `json:"anew"`
	Prefer   []string `json:"prefer"`
	Disjoint bool     `json:"disjoint"`
}

// repair says how to load again what is damaged of a ledger.
func (c *checkup) repair(m *Manifest) {
	damaged := map[Key]bool{}
	for _, d := range c.out.Damaged {
		for _, x := range d.Deliveries {
			damaged[Key(x)] = true
		}
	}
	for _, s := range m.All() {
		if damaged[s.Key()] {
			c.again(m, &s)
		}
	}
}

// again adds the delivery of a segment to what is to be loaded again.
func (c *checkup) again(m *Manifest, s *Segment) {
	r := &c.out.Repair
	for _, place := range s.Delivery.places() {
		list := &r.Places
		if filepath.IsAbs(place) {
			if _, err := os.Stat(place); errors.Is(err, fs.ErrNotExist) {
				list = &r.Gone
			}
		}
		if at, found := slices.BinarySearch(*list, place); !found {
			*list = slices.Insert(*list, at, place)
		}
	}
	if share := rejected(m, s); share.Cmp(r.AllowRejects) > 0 {
		r.AllowRejects = share
	}
}

// rejected is the share of the lines of a segment's delivery that were set
// aside, rounded up.
func rejected(m *Manifest, of *Segment) showback.Decimal {
	var rejects, lines int64
	for _, s := range m.All() {
		if s.Export == of.Export && s.Delivery.ID == of.Delivery.ID && s.Delivery.Digest() == of.Delivery.Digest() {
			rejects, lines = rejects+s.Rejects, lines+s.Rejects+s.Charges
		}
	}
	if rejects == 0 {
		return showback.Decimal{}
	}
	const decimals = 6
	up := showback.MustDecimal("0.000001")
	share := showback.DecimalFromInt(rejects).Quo(showback.DecimalFromInt(lines), decimals).Add(up)
	if one := showback.DecimalFromInt(1); share.Cmp(one) > 0 {
		return one
	}
	return share
}

// places are from where the delivery can be imported again.
func (d *DeliveryInfo) places() []string {
	var all []string
	for _, f := range d.Files {
		if f.Object == "" {
			continue
		}
		// The export's root: the data alone would hide its manifests.
		root := f.Object[:max(0, strings.LastIndexByte(f.Object, '/'))]
		if at := strings.Index(f.Object, "/BILLING_PERIOD="); at >= 0 {
			root = strings.TrimSuffix(f.Object[:at], "/data")
		}
		all = append(all, root)
	}
	switch {
	case len(all) > 0:
		return all
	case d.Manifest != "":
		return []string{d.Manifest}
	}
	for _, f := range d.Files {
		all = append(all, f.Path)
	}
	return all
}

// salvage says how to load the whole ledger anew, from what is left of the
// manifest and from the sources.
func (c *checkup) salvage() error {
	r := &c.out.Repair
	r.Anew = true
	text, err := os.ReadFile(filepath.Join(c.store.dir, manifestName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return showback.Errorf(showback.KindUnavailable, "check manifest: %w", err)
	}
	m := &Manifest{}
	if json.Unmarshal(text, m) != nil {
		m = salvaged(text)
	}
	for _, s := range m.All() {
		c.again(m, &s)
	}
	for _, p := range m.Rules.Prefer {
		r.Prefer = append(r.Prefer, p.typed())
	}
	r.Disjoint = len(m.Rules.Disjoint) > 0
	if len(r.Places) > 0 {
		return nil
	}
	sources, err := c.store.Sources()
	if err != nil { // they are damaged too, which is said
		return nil
	}
	for _, s := range sources {
		r.Places = append(r.Places, s.Location)
	}
	return nil
}

// typed writes a preference as Choice has it, for its first and last month.
func (p *Preference) typed() string {
	text := p.Payer + "/" + p.Export
	if n := len(p.Months); n > 0 {
		text += ":" + string(p.Months[0]) + ".." + string(p.Months[n-1])
	}
	return text
}

// salvaged reads what it can of a manifest's text that is no JSON any more: each
// segment and the rules by themselves, as writeSealed sets them.
func salvaged(text []byte) *Manifest {
	m := &Manifest{}
	const rules = ` "rules": {`
	var part []string // of the lines that are read
	for line := range strings.Lines(string(text)) {
		bare := strings.TrimRight(line, "\n")
		switch {
		case bare == "  {" || bare == rules:
			m.salvage(part)
			part = []string{line}
		case strings.TrimSuffix(bare, ",") == "  }":
			m.salvage(append(part, "}"))
			part = nil
		case strings.TrimSuffix(bare, ",") == " }" && len(part) > 0 && strings.HasPrefix(part[0], rules):
			_ = json.Unmarshal([]byte("{"+strings.TrimPrefix(strings.Join(part, ""), rules)+"}"), &m.Rules) // or it is lost
			part = nil
		default:
			part = append(part, line)
		}
	}
	m.salvage(part)
	return m
}

// salvage adds the segment that a part of a text holds, or at least what names
// the files of its deliveries.
func (m *Manifest) salvage(part []string) {
	text := strings.Join(part, "")
	var s Segment
	if json.Unmarshal([]byte(text), &s) == nil {
		m.Segments = append(m.Segments, s)
		return
	}
	for i, delivery := range deliveryMember.Split(text, -1) {
		if i > 0 { // before the first there is none
			m.Segments = append(m.Segments, namedFiles(delivery))
		}
	}
}

var (
	deliveryMember = regexp.MustCompile(`"delivery": \{`)
	textMember     = regexp.MustCompile(`"(manifest|path|object)": ("(?:[^"\\\n]|\\.)*")`)
)

// namedFiles reads the names of a delivery's files out of a damaged text.
func namedFiles(text string) Segment {
	var s Segment
	for _, member := range textMember.FindAllStringSubmatch(text, -1) {
		var value string
		if json.Unmarshal([]byte(member[2]), &value) != nil {
			continue
		}
		files := &s.Delivery.Files
		switch member[1] {
		case "manifest":
			s.Delivery.Manifest = value
		case "path":
			*files = append(*files, FileInfo{Path: value})
		case "object":
			if n := len(*files); n > 0 {
				(*files)[n-1].Object = value
			}
		}
	}
	return s
}

// holdsLedger reports whether the store holds files that a manifest named.
func (c *checkup) holdsLedger() bool {
	inside := os.DirFS(c.store.dir)
	for _, pattern := range []string{dimsPattern, segFolder + "/*/*"} {
		if found, err := fs.Glob(inside, pattern); err == nil && len(found) > 0 {
			return true
		}
	}
	return false
}
