package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"showback"
)

// The small files of a store that change, manifest.json and sources.json, are
// sealed: their member "seal" is the SHA-256, in hex, of the file's text with
// an empty seal. A flipped bit anywhere in them is found when they are read.
var sealMember = regexp.MustCompile(`"seal": "([0-9a-f]*)"`)

// writeSealed replaces the file name of the folder dir with v as JSON, in one
// step and durably; v has a string member "seal" that is empty. inForce reports
// that the new text is: an error after that says only that a loss of power
// could still undo it.
func writeSealed(dir, name string, v any) (inForce bool, err error) {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return false, showback.Errorf(showback.KindInternal, "encode %s: %w", name, err)
	}
	text = append(text, '\n')
	at := sealMember.FindIndex(text)
	if at == nil {
		panic("BUG: " + name + " has no seal")
	}
	sealed := bytes.Join([][]byte{text[:at[0]], []byte(`"seal": "` + sealOf(text) + `"`), text[at[1]:]}, nil)
	tmp := filepath.Join(dir, tmpFolder, name)
	if err := os.WriteFile(tmp, sealed, 0o644); err != nil {
		return false, withRoom(showback.Errorf(showback.KindUnavailable, "write %s: %w", name, err))
	}
	if err := syncPath(tmp); err != nil {
		return false, err
	}
	if err := os.Rename(tmp, filepath.Join(dir, name)); err != nil {
		return false, withRoom(showback.Errorf(showback.KindUnavailable, "replace %s: %w", name, err))
	}
	return true, syncPath(dir)
}

func sealOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// readSealed returns the text of a sealed file. sealed is false for a file
// without seal, as older versions wrote it. A file whose seal does not fit is
// an error of KindCorrupt; one that is not there fs.ErrNotExist.
func readSealed(dir, name string) (text []byte, sealed bool, err error) {
	text, err = fs.ReadFile(os.DirFS(dir), name)
	if err != nil {
		return nil, false, err
	}
	sealed, fits := checkSeal(text)
	if sealed && !fits {
		return nil, true, brokenSeal(filepath.Join(dir, name))
	}
	return text, sealed, nil
}

// checkSeal reports whether a text has a seal and whether the seal fits.
func checkSeal(text []byte) (sealed, fits bool) {
	at := sealMember.FindSubmatchIndex(text)
	if at == nil {
		return false, false
	}
	bare := bytes.Join([][]byte{text[:at[2]], text[at[3]:]}, nil)
	return true, sealOf(bare) == string(text[at[2]:at[3]])
}

func brokenSeal(path string) error {
	return showback.Errorf(showback.KindCorrupt, "read %s: its seal does not fit: the file is damaged or was edited", path)
}
