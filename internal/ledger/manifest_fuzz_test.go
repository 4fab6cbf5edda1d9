package ledger

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"showback"
)

// FuzzManifest: any bytes as manifest are refused as damaged or of another
// format, or are a version that is the same again when it is written and read.
func FuzzManifest(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, manifestName)
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := readManifest(dir)
		if err != nil {
			if kind := showback.KindOf(err); m != nil || kind != showback.KindCorrupt && kind != showback.KindInvalid || showback.HintOf(err) == "" {
				t.Fatalf("got %v and an error of kind %s with hint %q: %v", m, kind, showback.HintOf(err), err)
			}
			return
		}
		m.sort()
		written, err := json.MarshalIndent(m, "", " ")
		if err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		again, err := decodeManifest(dir, written, false)
		if err != nil {
			t.Fatalf("what was written can't be read: %v\n%s", err, written)
		}
		again.sort()
		if rewritten, err := json.MarshalIndent(again, "", " "); err != nil || !bytes.Equal(rewritten, written) {
			t.Errorf("written and read it is another, error %v\n%s\n%s", err, written, rewritten)
		}
		for _, s := range m.All() {
			if found := m.Find(s.Key()); found == nil || found.Key() != s.Key() {
				t.Errorf("%v is not found", s.Key())
			}
		}
	})
}
