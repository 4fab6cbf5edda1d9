package cli

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
	"showback/internal/explore"
)

func TestMoneyText(t *testing.T) {
	f := func(amount, currency, want string) {
		t.Helper()
		if got := explore.MoneyText(showback.MustDecimal(amount), currency); got != want {
			t.Errorf("explore.MoneyText(%s, %s): got %q, want %q", amount, currency, got, want)
		}
	}
	f("1234.56", "USD", "$1,234.56")
	f("-1234567.891", "USD", "-$1,234,567.89")
	f("0", "USD", "$0.00")
	f("0.00000048", "USD", "$0.00000048")
	f("-0.0000000001", "EUR", "-€0.0000000001")
	f("0.009999", "USD", "$0.0100")
	f("1000000", "KRW", "₩1,000,000")
	f("12000.4", "JPY", "¥12,000")
	f("1234.5", "CHF", "1,234.50 CHF")
	f("-0.5", "GBP", "-£0.50")
}

func TestRateText(t *testing.T) {
	f := func(price, currency, want string) {
		t.Helper()
		if got := rateText(showback.MustDecimal(price), currency); got != want {
			t.Errorf("rateText(%s, %s): got %q, want %q", price, currency, got, want)
		}
	}
	f("3", "USD", "$3.00")
	f("0.0375", "USD", "$0.0375")
	f("0.4252909319", "USD", "$0.4253")
	f("1234.99996", "USD", "$1,235.00")
	f("0.0000012", "USD", "$0.0000012")
	f("1.234", "CHF", "1.234 CHF")
	f("20000.5", "KRW", "₩20,001")
}

func TestNumberText(t *testing.T) {
	f := func(number string, decimals int32, want string) {
		t.Helper()
		if got := numberText(showback.MustDecimal(number), decimals); got != want {
			t.Errorf("numberText(%s, %d): got %q, want %q", number, decimals, got, want)
		}
	}
	f("0", 2, "0")
	f("999", 2, "999")
	f("1000", 2, "1,000")
	f("-1234567.891", 2, "-1,234,567.89")
	f("0.0004", 2, "0.0004")
	f("50000000000000", 0, "50,000,000,000,000")
}

func TestBytesText(t *testing.T) {
	f := func(n int64, want string) {
		t.Helper()
		if got := bytesText(n); got != want {
			t.Errorf("bytesText(%d): got %q, want %q", n, got, want)
		}
	}
	f(0, "0 B")
	f(999, "999 B")
	f(1500, "1.5 kB")
	f(7_800_000, "7.8 MB")
}

func TestElapsedText(t *testing.T) {
	f := func(elapsed time.Duration, done, all int64, want string) {
		t.Helper()
		if got := elapsedText(elapsed, done, all); got != want {
			t.Errorf("elapsedText(%v, %d, %d): got %q, want %q", elapsed, done, all, got, want)
		}
	}
	f(0, 0, 1000, "0s")
	f(65*time.Second, 0, 1000, "1m5s") // nothing is done: nothing says how long it takes
	f(65500*time.Millisecond, 500, 1000, "1m5s, 1m5s left")
	f(24*time.Hour, 6e12, 7e12, "24h0m0s, 4h0m0s left")
	f(10*time.Second, 99, 100, "10s")
	f(10*time.Second, 100, 100, "10s")
}

// Up to the end of the first file a bar says what it reads, not that it read
// nothing.
func TestBarText(t *testing.T) {
	b := &bar{}
	f := func(want string) {
		t.Helper()
		b.say()
		if got := *b.text.Load(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	b.read.begin(2, 1_234_000_000)
	f("reading 2 files, 1.2 GB")
	b.read.file(1_000_000_000, 1000, map[string]showback.Decimal{"USD": showback.MustDecimal("2.5")})
	f("1,000 rows, $2.50")
}

func TestShorten(t *testing.T) {
	f := func(value string, width int, want string) {
		t.Helper()
		if got := shorten(value, width); got != want {
			t.Errorf("shorten(%q, %d): got %q, want %q", value, width, got, want)
		}
	}
	f("short", 5, "short")
	f("arn:aws:iam::111122223333:user/alice", 16, "arn:aw…ser/alice")
	f("日本語日本語日本語", 9, "日本…本語") // two columns each
	f("abcdef", 2, "a…")
}

func TestFit(t *testing.T) {
	g := &grid{
		columns: []column{{name: "key", shrinks: true}, {name: "other", shrinks: true}, {name: "cost", right: true}},
		rows:    [][]string{{"a key of thirty characters, yes", "another of twenty-two", "$1.00"}},
	}
	f := func(width int, want ...int) {
		t.Helper()
		if diff := cmp.Diff(want, g.fit(width)); diff != "" {
			t.Errorf("fit(%d): got other than want (-want +got):\n%s", width, diff)
		}
	}
	f(100, 31, 21, 5)
	f(60, 30, 21, 5)
	f(49, 20, 20, 5)
	f(10, narrowest, narrowest, 5) // too narrow for what may shrink: it runs over
}

// A value that is cleaned is not one that was cut.
func TestGridShortened(t *testing.T) {
	f := func(value string, want bool, text string) {
		t.Helper()
		g := &grid{columns: []column{{name: "key", shrinks: true}}, rows: [][]string{{value}}, footer: [][]string{{"Total\x07"}}}
		var b strings.Builder
		if got := g.write(&b, 20, ""); got != want || !strings.Contains(b.String(), text) || !strings.Contains(b.String(), "Total\ufffd") {
			t.Errorf("%q: got shortened %t, want %t, and %q in:\n%s", value, got, want, text, b.String())
		}
	}
	f("alice\x1b[31m", false, "alice\ufffd[31m")
	f("a value of twenty-four..", true, "…")
	f("alice", false, "alice")
}

func TestClean(t *testing.T) {
	if got, want := clean("a\x1b[31mb\u202ec\n", ""), "a\ufffd[31mb\ufffdc\ufffd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := clean("a\nb\x07", "\n"), "a\nb\ufffd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestExitOf(t *testing.T) {
	for kind := range exitCodes {
		if kind == showback.KindInternal {
			continue
		}
		if got := exitOf(showback.Errorf(kind, "x")); got == exitDone || got == exitFailed {
			t.Errorf("%s: got exit code %d, want one that says more", kind, got)
		}
	}
	if got := exitOf(errors.New("x")); got != exitFailed {
		t.Errorf("an error without kind: got %d, want %d", got, exitFailed)
	}
}
