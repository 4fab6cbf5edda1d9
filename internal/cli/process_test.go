package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/app"
	"showback/internal/cli"
	"showback/internal/ledger"
)

// program returns a command that runs the program as a process of its own, on
// a store: TestMain has put it on the path.
func program(store string, args ...string) *exec.Cmd {
	cmd := exec.Command("showback", args...)
	cmd.Env = append(os.Environ(), "SHOWBACK_STORE="+store, "COLUMNS=400", "CLOCK=")
	return cmd
}

// ended is what a process left.
type ended struct {
	code     int
	out, err string
}

// finish runs a command to its end.
func finish(t *testing.T, cmd *exec.Cmd) ended {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ended{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// output runs a command line in this process and returns its standard output.
// Any goroutine may call it.
func output(store string, args ...string) (string, error) {
	var out, errs bytes.Buffer
	p := &cli.Program{
		In: strings.NewReader(""), Out: &out, Err: &errs, Now: time.Now, Open: app.Open,
		Getenv: func(name string) string { return map[string]string{"SHOWBACK_STORE": store}[name] },
	}
	if code := p.Run(context.Background(), args); code != 0 {
		return "", fmt.Errorf("%s: exit code %d, %s", args, code, &errs)
	}
	return out.String(), nil
}

// must is output that must succeed.
func must(t *testing.T, store string, args ...string) string {
	t.Helper()
	out, err := output(store, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// refused checks that a process failed with an exit code and the messages,
// each a line of standard error without the program's name.
func refused(t *testing.T, what string, e ended, code int, messages ...string) {
	t.Helper()
	if e.code != code {
		t.Errorf("%s: got exit code %d, want %d; it said\n%s", what, e.code, code, e.err)
	}
	for _, m := range messages {
		if !strings.Contains(e.err, "showback: "+m+"\n") {
			t.Errorf("%s: got\n%swant the line\nshowback: %s", what, e.err, m)
		}
	}
}

// started is a process that has said that it is at work: it holds the lock of
// the store, and nothing is committed yet.
type started struct {
	*exec.Cmd
	errs *bytes.Buffer
	rest chan error // of reading standard error to its end
}

func startImport(t *testing.T, store, folder string) *started {
	t.Helper()
	s := &started{Cmd: program(store, "import", folder), errs: &bytes.Buffer{}, rest: make(chan error, 1)}
	pipe, err := s.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Process.Kill() })
	for !strings.Contains(s.errs.String(), "showback: reading 1 file, ") {
		if n, err := io.CopyN(s.errs, pipe, 1); n == 0 {
			t.Fatalf("the import ended (%v) before it read: %s", err, s.errs)
		}
	}
	go func() {
		_, err := io.Copy(s.errs, pipe)
		s.rest <- err
	}()
	return s
}

// end waits for the process.
func (s *started) end(t *testing.T) ended {
	t.Helper()
	if err := <-s.rest; err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err != nil && s.ProcessState == nil {
		t.Fatal(err)
	}
	return ended{code: s.ProcessState.ExitCode(), err: s.errs.String()}
}

// writeBill writes a month of the export "bill" below a folder, as lines
// charges of AI usage of one cost each, and returns what they add up to.
func writeBill(t *testing.T, folder string, month showback.Month, lines int, cost string) showback.Decimal {
	t.Helper()
	var b strings.Builder
	b.WriteString("bill_payer_account_id,bill_billing_period_start_date,line_item_usage_account_id,line_item_line_item_type," +
		"line_item_usage_start_date,line_item_usage_end_date,line_item_product_code,line_item_usage_type,line_item_iam_principal," +
		"line_item_currency_code,line_item_unblended_cost,line_item_usage_amount,pricing_unit\n")
	for i := range lines {
		at := month.Start().Add(time.Duration(i%672) * time.Hour)
		fmt.Fprintf(&b, "111122223333,%s,444455556666,Usage,%s,%s,AmazonBedrock,USE1-NovaLite-input-tokens,"+
			"arn:aws:sts::444455556666:assumed-role/app/session-%d,USD,%s,%d,1K tokens\n",
			month.Start().Format(time.RFC3339), at.Format(time.RFC3339), at.Add(time.Hour).Format(time.RFC3339), i%997, cost, i)
	}
	file := filepath.Join(folder, "bill", "data", "BILLING_PERIOD="+string(month), "bill-00001.csv")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return showback.MustDecimal(cost).Mul(showback.DecimalFromInt(int64(lines)))
}

// totals is what a store holds: the unblended cost of each month.
type totals map[showback.Month]string

func (m totals) String() string {
	var parts []string
	for _, month := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, string(month)+" "+m[month])
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// listed reads the JSON of delivery list.
func listed(text string) (totals, error) {
	var list struct {
		Deliveries []struct {
			Month  showback.Month
			Totals []struct{ Amounts map[showback.Basis]string }
		}
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, err
	}
	held := totals{}
	for _, d := range list.Deliveries {
		held[d.Month] = d.Totals[0].Amounts[showback.Unblended]
	}
	return held, nil
}

// allMonths are the flags of a question whose answer asked reads.
var allMonths = []string{"explore", "--from", "2026-01", "--to", "2026-12", "--by", "month", "--json"}

// asked reads the answer to allMonths, as JSON.
func asked(text string) (totals, error) {
	var answer struct {
		Blocks []struct {
			Total struct {
				Cost struct{ Value showback.Decimal }
			}
			Rows []struct {
				Keys []struct{ Value showback.Month }
				Cost struct{ Value showback.Decimal }
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return nil, err
	}
	held := totals{}
	for _, b := range answer.Blocks {
		var sum showback.Decimal
		for _, r := range b.Rows {
			held[r.Keys[0].Value] = r.Cost.Value.String()
			sum = sum.Add(r.Cost.Value)
		}
		if !sum.Equal(b.Total.Cost.Value) {
			return nil, fmt.Errorf("the months of an answer add up to %s, its total is %s", sum, b.Total.Cost.Value)
		}
	}
	return held, nil
}

// holds checks what a store holds, by its list and by its charges.
func holds(t *testing.T, store string, want totals) {
	t.Helper()
	if got, err := readList(store); err != nil || !maps.Equal(got, want) {
		t.Errorf("the store lists %v, want %v, error %v", got, want, err)
	}
	if len(want) == 0 {
		return // an empty store has no answer
	}
	if got, err := readAnswer(store); err != nil || !maps.Equal(got, want) {
		t.Errorf("the store answers %v, want %v, error %v", got, want, err)
	}
}

// surplus names what is in a store beside the files that its manifest names,
// and what is missing of them.
func surplus(t *testing.T, store string) []string {
	t.Helper()
	snapshot, err := ledger.Open(store).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	named := map[string]bool{"manifest.json": true, "import.lock": true, "readers.lock": true, snapshot.Dims: true}
	if _, err := os.Stat(filepath.Join(store, "sources.json")); err == nil {
		named["sources.json"] = true
	}
	folders := map[string]bool{".": true, "seg": true, "tmp": true}
	name := func(file string) {
		named[file] = true
		for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
			folders[dir] = true
		}
	}
	for _, s := range snapshot.All() {
		name(s.File)
		for _, f := range s.Delivery.Files {
			if f.Object != "" && f.Path != "" { // fetched and kept
				name(f.Path)
			}
		}
	}
	var odd []string
	err = fs.WalkDir(os.DirFS(store), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !named[file] && !(d.IsDir() && folders[file]) {
			odd = append(odd, "too many: "+file)
		}
		delete(named, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	delete(named, "") // the dimensions of version 0
	for file := range named {
		odd = append(odd, "missing: "+file)
	}
	return odd
}

// readList reads what the store holds from its list, in this process.
func readList(store string) (totals, error) {
	out, err := output(store, "delivery", "list", "--json")
	if err != nil {
		return nil, err
	}
	return listed(out)
}

// readAnswer reads what the store holds from its charges, in this process.
func readAnswer(store string) (totals, error) {
	out, err := output(store, allMonths...)
	if err != nil {
		return nil, err
	}
	return asked(out)
}
