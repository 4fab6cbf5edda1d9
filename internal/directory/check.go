package directory

import (
	"context"
	"os"

	"showback"
)

// File returns the name of the database in the folder of the store and its size
// in bytes, 0 where there is none.
func (d *Directory) File() (name string, size int64) {
	info, err := os.Stat(d.path())
	if err != nil {
		return databaseName, 0
	}
	return databaseName, info.Size()
}

// Check looks over the structure of the database. Damage that it finds is an
// error of KindCorrupt; a store without directory is whole. A value that
// was changed to another of its kind is not found.
func (d *Directory) Check(ctx context.Context) error {
	var faults []string
	err := d.look(ctx, func(q querier) error {
		return each(ctx, q, func(scan func(...any) error) error {
			var text string
			err := scan(&text)
			if text != "ok" {
				faults = append(faults, text)
			}
			return err
		}, "PRAGMA integrity_check(3)")
	})
	if err == nil && len(faults) > 0 {
		return showback.Errorf(showback.KindCorrupt, "check %s: %s", d.path(), faults[0])
	}
	return err
}
