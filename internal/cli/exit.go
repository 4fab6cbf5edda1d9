package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"showback"
)

// The exit codes. They are part of what scripts rely on.
const (
	exitDone        = 0
	exitFailed      = 1
	exitInvalid     = 2
	exitUnchecked   = 3
	exitHolds       = 3 // a condition of explore --fail-if
	exitNotFound    = 4
	exitConflict    = 5
	exitInterrupted = 130 // 128 + SIGINT, as shells count
)

// exitCodes gives each kind of error its exit code.
var exitCodes = map[showback.Kind]int{
	showback.KindInvalid:     exitInvalid,
	showback.KindNotFound:    exitNotFound,
	showback.KindConflict:    exitConflict,
	showback.KindDenied:      exitUnchecked,
	showback.KindThrottled:   exitUnchecked,
	showback.KindUnavailable: exitUnchecked,
	showback.KindCorrupt:     exitUnchecked,
	showback.KindInternal:    exitFailed,
}

// exitDocs says what each code means, for help.
var exitDocs = []struct {
	code int
	text string
}{
	{exitDone, "done; reconcile: bill and store are equal"},
	{exitFailed, "a fault of showback; reconcile: bill and store differ; delivery remove: not confirmed"},
	{exitInvalid, "the command, the question or a bill's content is invalid"},
	{exitUnchecked, "a file is damaged or could not be read, or the result not written; reconcile: some bills could not be checked; explore: a condition of --fail-if holds"},
	{exitNotFound, "what was named is not there: a file, a delivery, a bill of that period; explore --fail-if: a charge that passes the filter"},
	{exitConflict, "it contradicts what the store has: an older delivery, a second export, another import at work"},
	{exitInterrupted, "interrupted"},
}

func exitOf(err error) int {
	code, ok := exitCodes[showback.KindOf(err)]
	if !ok {
		return exitFailed
	}
	return code
}

// verdict ends a command with an exit code and without a message: what there
// is to say is in its result.
type verdict int

func (v verdict) Error() string { return fmt.Sprintf("exit code %d", int(v)) }

func newExitCodes() *cobra.Command {
	var text strings.Builder
	text.WriteString("The exit codes of showback:\n\n")
	for _, d := range exitDocs {
		fmt.Fprintf(&text, "%5d  %s\n", d.code, d.text)
	}
	return &cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: strings.TrimRight(text.String(), "\n")}
}
