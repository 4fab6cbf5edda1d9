package directory

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"showback"
	"showback/internal/iamrule"
	"showback/internal/tag"
)

// TestMain makes the test binary a process that changes a directory, where the
// environment asks for it.
func TestMain(m *testing.M) {
	if dir := os.Getenv("DIRECTORY_WRITER"); dir != "" {
		if err := writer(dir, os.Getenv("DIRECTORY_NAME"), os.Getenv("DIRECTORY_COUNT")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// writer tags a user of its own over and over, imports one now and then, and
// says on standard output what was acknowledged. count is how often; empty is
// for ever.
func writer(dir, name, count string) error {
	d := Open(dir, func() time.Time { return moment("2026-10-05T12:00:00Z") })
	defer d.Close()
	ctx := context.Background()
	me := Ref{account, iamrule.User, name}
	if _, err := d.Create(ctx, root, New{Account: account, Kind: iamrule.User, Name: name}); err != nil && showback.KindOf(err) != showback.KindConflict {
		return err
	}
	last, err := strconv.Atoi(count)
	for i := 1; err != nil || i <= last; i++ {
		var entities []iamrule.Entity
		for k := range 5 {
			id := fmt.Sprintf("%s-%d-%d", name, i, k)
			entities = append(entities, iamrule.Entity{Partition: "aws", Account: account, Kind: iamrule.Role, Path: "/", Name: id, ID: id,
				Created: moment("2026-10-01T00:00:00Z"), Tags: []tag.Pair{{Key: "n", Value: strconv.Itoa(i)}}})
		}
		if _, err := d.Import(ctx, root, Intake{Entities: entities}); err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, "imported", i)
		// Two keys in one request: never one without the other.
		v := strconv.Itoa(i)
		if err := d.Tag(ctx, root, me, []tag.Pair{{Key: "a", Value: v}, {Key: "b", Value: v}}, time.Time{}); err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, "tagged", i)
	}
	return nil
}

func start(t *testing.T, dir, name, count string) (*exec.Cmd, io.ReadCloser) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "DIRECTORY_WRITER="+dir, "DIRECTORY_NAME="+name, "DIRECTORY_COUNT="+count)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	ok(t, err)
	ok(t, cmd.Start())
	return cmd, out
}

func TestProcessesAtOnce(t *testing.T) {
	d, _ := openNew(t)
	const processes, changes = 3, 25
	var running sync.WaitGroup
	for i := range processes {
		cmd, out := start(t, d.dir, fmt.Sprint("user", i), strconv.Itoa(changes))
		running.Go(func() {
			io.Copy(io.Discard, out)
			if err := cmd.Wait(); err != nil {
				t.Errorf("process %d: %v", i, err)
			}
		})
	}
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }()
	// A reader beside them sees whole changes and a version that only rises.
	for version := int64(0); ; {
		select {
		case <-done:
			for i := range processes {
				p := must[Principal](t)(d.Get(t.Context(), user(fmt.Sprint("user", i))))
				if v, _ := tag.Value(p.Tags, "a"); v != strconv.Itoa(changes) {
					t.Errorf("%s has tags %v, want those of its last change", p.Name, p.Tags)
				}
			}
			if got, want := must[int64](t)(d.Version(t.Context())), int64(processes*(2*changes+1)); got != want {
				t.Errorf("version is %d after %d changes", got, want)
			}
			return
		default:
		}
		now := must[int64](t)(d.Version(t.Context()))
		if now < version {
			t.Fatalf("version went from %d to %d", version, now)
		}
		version = now
		whole(t, d)
	}
}

// One directory is used by many at once, as a server does.
func TestUsersAtOnce(t *testing.T) {
	d, _ := openNew(t)
	const each = 20
	var running sync.WaitGroup
	for i := range 4 {
		name := fmt.Sprint("user", i)
		create(t, d, iamrule.User, name)
		running.Go(func() {
			for n := range each {
				if err := d.Tag(t.Context(), root, user(name), []tag.Pair{{Key: "a", Value: strconv.Itoa(n)}}, time.Time{}); err != nil {
					t.Error(err)
				}
			}
		})
		running.Go(func() {
			for range each {
				if _, _, err := d.Histories(t.Context()); err != nil {
					t.Error(err)
				}
				if _, _, err := d.List(t.Context(), Listing{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	if got, want := must[int64](t)(d.Version(t.Context())), int64(4*(each+1)); got != want {
		t.Errorf("version is %d after %d changes", got, want)
	}
}

// whole fails where a change is there in part.
func whole(t *testing.T, d *Directory) {
	t.Helper()
	all, _, err := d.List(t.Context(), Listing{})
	ok(t, err)
	roles := 0
	for _, p := range all {
		a, _ := tag.Value(p.Tags, "a")
		b, _ := tag.Value(p.Tags, "b")
		if a != b {
			t.Fatalf("%s has tags %v: half of a request", p.Name, p.Tags)
		}
		if p.Kind == iamrule.Role {
			roles++
		}
	}
	if roles%5 != 0 {
		t.Fatalf("%d roles, imported by fives", roles)
	}
}

// kills is how often a writer is killed; SHOWBACK_TEST_KILLS sets another number.
func kills() int {
	if n, err := strconv.Atoi(os.Getenv("SHOWBACK_TEST_KILLS")); err == nil {
		return n
	}
	return 10
}

// Whatever a process has acknowledged is there after it was killed, and what it
// had not is there whole or not at all.
func TestKilledWriter(t *testing.T) {
	d, _ := openNew(t)
	name := "alice"
	events := 0
	for round := range kills() {
		cmd, out := start(t, d.dir, name+strconv.Itoa(round), "")
		lines := bufio.NewScanner(out)
		var acknowledged []string
		for lines.Scan() {
			if acknowledged = append(acknowledged, lines.Text()); len(acknowledged) == 1+round*3%17 {
				ok(t, cmd.Process.Kill()) // what it says until it is dead counts, too
			}
		}
		cmd.Wait()
		ok(t, d.Check(t.Context()))
		whole(t, d)
		imported := slices.DeleteFunc(slices.Clone(acknowledged), func(s string) bool { return strings.HasPrefix(s, "tagged") })
		tagged := len(acknowledged) - len(imported)
		p := must[Principal](t)(d.Get(t.Context(), user(name+strconv.Itoa(round))))
		v, _ := tag.Value(p.Tags, "a")
		if n, _ := strconv.Atoi(v); n < tagged || n > tagged+1 {
			t.Fatalf("round %d: %d changes were acknowledged, the tag is of change %q", round, tagged, v)
		}
		for i := range len(imported) {
			must[Principal](t)(d.Get(t.Context(), Ref{account, iamrule.Role, fmt.Sprintf("%s%d-%d-0", name, round, i+1)}))
		}
		page := must[EventPage](t)(d.Events(t.Context(), EventQuery{Limit: 1_000_000}))
		if want := events + 1 + 5*len(imported) + tagged; len(page.Events) < want {
			t.Fatalf("round %d: %d events, want at least %d", round, len(page.Events), want)
		}
		events = len(page.Events)
	}
}
