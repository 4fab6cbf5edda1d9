package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// served is a server as a process of its own.
type served struct {
	*ended
	url  string
	stop func(os.Signal)
}

func serveStore(t *testing.T, store string, args ...string) *served {
	t.Helper()
	cmd := program(store, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	at := strings.LastIndex(line, "http://")
	if err != nil || at < 0 || !strings.HasPrefix(line, "serving "+store+" on ") {
		t.Fatalf("it said %q, %v", line, err)
	}
	s := &served{ended: &ended{}, url: strings.TrimSpace(line[at:])}
	s.stop = func(signal os.Signal) {
		t.Helper()
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		s.code, s.err = cmd.ProcessState.ExitCode(), errs.String()
	}
	return s
}

// readyState is what /readyz tells.
type readyState struct {
	Ready bool
	Store struct {
		Version  int
		BilledTo string `json:"billed_to"`
	}
	Sync struct {
		Every           string
		Running, Failed bool
		Ended           string
	}
}

func (s *served) ready(t *testing.T) (state readyState) {
	t.Helper()
	resp, err := http.Get(s.url + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return state
}

// until waits for what other processes do.
func (s *served) until(t *testing.T, what string, holds func(readyState) bool) {
	t.Helper()
	var state readyState
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if state = s.ready(t); holds(state) {
			return
		}
	}
	t.Fatalf("not %s within a minute: %+v", what, state)
}

// A server begins on an empty store, sees what others import, takes what its
// sources have, and ends without a failure when it is told to.
func TestServe(t *testing.T) {
	store, bills := filepath.Join(t.TempDir(), "store"), t.TempDir()
	s := serveStore(t, store, "--sync-every", "0")
	if state := s.ready(t); !state.Ready || state.Store.Version != 0 || state.Sync.Every != "" {
		t.Errorf("an empty store: %+v", state)
	}
	writeBill(t, bills, "2026-09", 3, "1")
	must(t, store, "import", bills)
	s.until(t, "imported", func(r readyState) bool { return r.Store.Version > 0 && r.Store.BilledTo != "" })
	s.stop(syscall.SIGTERM)
	if s.code != 0 || !strings.Contains(s.err, "path=/readyz status=200") {
		t.Errorf("exit code %d, it said\n%s", s.code, s.err)
	}

	must(t, store, "source", "add", bills)
	writeBill(t, bills, "2026-10", 2, "1")
	s = serveStore(t, store, "--log-format", "json")
	s.until(t, "synced", func(r readyState) bool { return r.Sync.Ended != "" && !r.Sync.Running })
	state := s.ready(t)
	if state.Sync.Failed || state.Sync.Every != "1h0m0s" || !strings.HasPrefix(state.Store.BilledTo, "2026-10") {
		t.Errorf("after a sync: %+v", state)
	}
	s.stop(os.Interrupt)
	if s.code != 0 || !strings.Contains(s.err, `"msg":"synced"`) {
		t.Errorf("exit code %d, it said\n%s", s.code, s.err)
	}
	if list := must(t, store, "delivery", "list", "--json"); strings.Count(list, `"export": "bill"`) != 2 {
		t.Errorf("the store has %s", list)
	}
}

func TestServeRefuses(t *testing.T) {
	f := func(message string, args ...string) {
		t.Helper()
		refused(t, strings.Join(args, " "), finish(t, program(t.TempDir(), append([]string{"serve"}, args...)...)), 2, message)
	}
	f(`serve: --listen "8080": want HOST:PORT`, "--listen", "8080")
	f(`serve: --log-format "xml": want text or json`, "--log-format", "xml")
	f(`serve: --sync-every -1h0m0s: want a time such as 1h, or 0 for never`, "--sync-every", "-1h")
	f(`serve: takes no argument, found "now"`, "now")
}
