package parquetcheck

import (
	"bytes"
	"errors"
	"io"

	"showback"
)

// seam is where one Parquet file ends and another begins.
const seam = "PAR1PAR1"

// checkJoined refuses files that were written one behind the other. A reader
// goes by the last footer, whose offsets count from the beginning of its own
// file: it reads the first file's pages where both are built alike, and never
// all of the rows. Between the last page and the footer lie indexes only.
func (f *Footer) checkJoined(r io.ReaderAt, end int64) error {
	at := int64(magicBytes)
	for _, g := range f.groups {
		for i := range g.chunks {
			at = max(at, g.chunks[i].start()+g.chunks[i].compressed)
		}
	}
	in := section(r, at, end-at)
	buffer, kept := make([]byte, pieceSize), 0
	for {
		n, err := io.ReadFull(in, buffer[kept:])
		seen := buffer[:kept+n]
		if bytes.Contains(seen, []byte(seam)) {
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "there are several Parquet files in it, one behind the other"),
				"import each as a file of its own: rows of Parquet files cannot be joined by joining the files")
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
		kept = copy(buffer, seen[max(0, len(seen)-len(seam)+1):])
	}
}
