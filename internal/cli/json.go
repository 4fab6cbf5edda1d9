package cli

import "encoding/json"

// writeJSON prints a value as indented JSON, with <, > and & as they are.
func (sh *shell) writeJSON(value any) error {
	enc := json.NewEncoder(sh.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}
