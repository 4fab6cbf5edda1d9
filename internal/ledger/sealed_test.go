package ledger

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
)

// written writes a manifest into a new store and returns its folder and text.
func written(t *testing.T, m *Manifest) (dir string, text []byte) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, tmpFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	if inForce, err := m.write(dir); err != nil || !inForce {
		t.Fatalf("write: in force %t, error %v", inForce, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		t.Fatal(err)
	}
	return dir, text
}

func someManifest() *Manifest {
	day := time.Date(2026, 10, 3, 4, 0, 0, 0, time.UTC)
	return &Manifest{Format: Format, Version: 3, Dims: "dims.v3.duckdb", DimsSHA: strings.Repeat("ab", 32), Segments: []Segment{{
		Payer: "111122223333", PayerName: "Example", Export: "bills", Month: "2026-09", File: "seg/2026-09/111122223333-bills.v3.duckdb",
		SHA256: strings.Repeat("cd", 32), Charges: 12, Bases: []showback.Basis{showback.Unblended}, CallerColumn: true,
		Delivery: DeliveryInfo{ID: "1111", Made: day, MadeFrom: "execution", Loaded: day, Unused: []string{}, Parts: 1,
			Files: []FileInfo{{Path: "/bills/bills-00001.csv", SHA256: strings.Repeat("ef", 32), Size: 1234}}},
		Totals: []Totals{{Currency: "USD", Charges: 12, Amounts: map[showback.Basis]showback.Decimal{showback.Unblended: showback.MustDecimal("12.5")}}},
	}}}
}

func TestManifestIsSealed(t *testing.T) {
	m := someManifest()
	dir, text := written(t, m)
	if sealed, fits := checkSeal(text); !sealed || !fits {
		t.Errorf("sealed %t, fits %t, want both", sealed, fits)
	}
	if second := strings.Split(string(text), "\n")[2]; !strings.HasPrefix(second, ` "seal": "`) {
		t.Errorf("the second member is %s, want the seal", second)
	}
	got, err := readManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got); diff != "" {
		t.Errorf("read other than written:\n%s", diff)
	}
}

// An older program wrote no seal.
func TestManifestWithoutSeal(t *testing.T) {
	dir, text := written(t, someManifest())
	lines := bytes.SplitAfter(text, []byte("\n"))
	bare := bytes.Join(append(lines[:2:2], lines[3:]...), nil)
	if err := os.WriteFile(filepath.Join(dir, manifestName), bare, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := readManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(someManifest(), got); diff != "" {
		t.Errorf("read other than written:\n%s", diff)
	}
}

// TestFlippedBits flips every bit of a manifest. Readers notice each, but for
// those in the name of the seal, which make it one without seal.
func TestFlippedBits(t *testing.T) {
	dir, text := written(t, someManifest())
	name := bytes.Index(text, []byte(`"seal"`)) + 1
	for i := range text {
		for bit := range 8 {
			flipped := bytes.Clone(text)
			flipped[i] ^= 1 << bit
			sealed, fits := checkSeal(flipped)
			if sealed && fits {
				t.Fatalf("byte %d, bit %d: the seal fits", i, bit)
			}
			if sealed { // what readSealed refuses
				continue
			}
			m, err := decodeManifest(dir, flipped, false)
			inName := i >= name && i < name+len("seal")
			switch {
			case err == nil && !inName:
				t.Errorf("byte %d, bit %d: nothing noticed", i, bit)
			case err == nil && !cmp.Equal(m, someManifest()):
				t.Errorf("byte %d, bit %d: another manifest was read", i, bit)
			case err != nil && (showback.KindOf(err) != showback.KindCorrupt || showback.HintOf(err) == ""):
				t.Errorf("byte %d, bit %d: error %v of kind %s, hint %q", i, bit, err, showback.KindOf(err), showback.HintOf(err))
			}
		}
	}
}

func TestDamagedManifest(t *testing.T) {
	dir, text := written(t, someManifest())
	f := func(name string, text []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, manifestName), text, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(dir).Snapshot()
		if showback.KindOf(err) != showback.KindCorrupt || !strings.Contains(showback.HintOf(err), "showback check") {
			t.Errorf("%s: error %v of kind %s, hint %q", name, err, showback.KindOf(err), showback.HintOf(err))
		}
	}
	f("another figure", bytes.Replace(text, []byte("12.5"), []byte("12.6"), 1))
	f("cut short", text[:len(text)/2])
	f("empty", nil)
	f("a seal that is none", bytes.Replace(text, []byte(`"seal": "`), []byte(`"seal": "x`), 1))
}
