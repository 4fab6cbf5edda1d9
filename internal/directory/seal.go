package directory

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"showback"
)

// A secret that signs requests must be known to check them, so it is kept, but
// sealed with a key that is not in the database: AES-256-GCM, with what it
// belongs to as associated data, so that no sealed secret can take another's
// place.

const sealLen = 32 // bytes of an AES-256 key

// seal returns the secret sealed. It makes the key where there is none.
func (d *Directory) seal(secret, owner string) ([]byte, error) {
	key, err := d.sealKey()
	if errors.Is(err, fs.ErrNotExist) {
		key, err = d.makeSealKey()
	}
	if err != nil {
		return nil, d.failed("seal a secret with "+sealName+" for", err)
	}
	aead, err := gcm(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce) // never fails; see crypto/rand
	return aead.Seal(nonce, nonce, []byte(secret), []byte(owner)), nil
}

// open returns what seal sealed. A key that is gone or another one, and damage,
// are errors of KindCorrupt.
func (d *Directory) open(sealed []byte, owner string) (string, error) {
	key, err := d.sealKey()
	if errors.Is(err, fs.ErrNotExist) {
		return "", lostSeal(owner, sealName+" is gone")
	}
	if err != nil {
		return "", d.failed("open a secret with "+sealName+" of", err)
	}
	aead, err := gcm(key)
	if err != nil {
		return "", err
	}
	if len(sealed) < aead.NonceSize() {
		return "", lostSeal(owner, "it is damaged")
	}
	secret, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(owner))
	if err != nil {
		return "", lostSeal(owner, sealName+" is not the one it was sealed with, or it is damaged")
	}
	return string(secret), nil
}

func lostSeal(owner, why string) error {
	return showback.WithHint(showback.Errorf(showback.KindCorrupt, "open the secret of %s: %s", owner, why),
		"put "+sealName+" back, or make a new key with showback key create and revoke this one")
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, showback.Errorf(showback.KindInternal, "seal: %w", err)
	}
	return cipher.NewGCM(block)
}

func (d *Directory) sealKey() ([]byte, error) {
	path := filepath.Join(d.dir, sealName)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != sealLen {
		return nil, showback.Errorf(showback.KindCorrupt, "read %s: want %d bytes in hex", path, sealLen)
	}
	return key, nil
}

// makeSealKey makes the key, durably, or returns the one that another process
// made meanwhile.
func (d *Directory) makeSealKey() ([]byte, error) {
	key := make([]byte, sealLen)
	rand.Read(key)
	f, err := os.CreateTemp(d.dir, sealName+".*") // with rights 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = fmt.Fprintf(f, "%x\n", key)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	// Unlike a rename, a link never takes the place of a file.
	if err := os.Link(f.Name(), filepath.Join(d.dir, sealName)); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err := syncFolder(d.dir); err != nil {
		return nil, err
	}
	return d.sealKey()
}
