package cli

import (
	"encoding/json"

	"showback"
)

// writeJSON prints a value as indented JSON, with <, > and & as they are.
func (sh *shell) writeJSON(value any) error {
	enc := json.NewEncoder(sh.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return showback.Errorf(showback.KindUnavailable, "write result: %w", err)
	}
	return nil
}
