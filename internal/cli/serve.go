package cli

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"showback"
)

// ServeOptions say how to serve a store.
type ServeOptions struct {
	Dir    string // of the store
	Listen string // HOST:PORT
	// SyncEvery is how long after the end of a sync the next begins; 0 for none.
	SyncEvery time.Duration
	// StrictAWS sets the limits that protect AWS alone.
	StrictAWS bool
	Now       func() time.Time
	Log       *slog.Logger
	// Listening is told the address once the server listens.
	Listening func(addr string)
}

// Serve serves a store until the context ends, which is no error.
type Serve func(ctx context.Context, opt ServeOptions) error

func newServe(sh *shell) *cobra.Command {
	var opt ServeOptions
	var format string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the store on one port, in step with its sources",
		Long: `Serves the store until it is interrupted. The AWS command line and SDKs work on
it with --endpoint-url http://127.0.0.1:8080 and a key of showback key create:

  ce    GetCostAndUsage, GetCostAndUsageWithResources, GetDimensionValues,
        GetTags, GetCostCategories
  sts   GetCallerIdentity, AssumeRole

/healthz and /readyz are for probes, /metrics is for Prometheus. It takes what is
new from all sources at the start, then every hour, and says in /readyz how fresh
the store is. Other commands work on the store meanwhile.

It listens on this machine alone unless --listen names another address. What is
answered is logged to standard error, without what stands after the ? of an
address.`,
		Example: `  showback serve
  showback serve --listen 127.0.0.1:9000 --sync-every 15m --log-format json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if opt.Dir, err = sh.storeDir(); err != nil {
				return err
			}
			if opt.SyncEvery < 0 {
				return showback.Errorf(showback.KindInvalid, "serve: --sync-every %s: want a time such as 1h, or 0 for never", opt.SyncEvery)
			}
			host, port, ok := cutLast(opt.Listen, ":")
			if !ok || port == "" {
				return showback.WithHint(showback.Errorf(showback.KindInvalid, "serve: --listen %q: want HOST:PORT", opt.Listen), "for example --listen 127.0.0.1:8080")
			}
			switch format {
			case "text":
				opt.Log = slog.New(slog.NewTextHandler(sh.Err, nil))
			case "json":
				opt.Log = slog.New(slog.NewJSONHandler(sh.Err, nil))
			default:
				return showback.Errorf(showback.KindInvalid, "serve: --log-format %q: want text or json", format)
			}
			opt.Now = sh.Now
			opt.Listening = func(addr string) {
				fmt.Fprintf(sh.Out, "serving %s on http://%s\n", clean(opt.Dir, ""), addr)
				if host != "localhost" && host != "[::1]" && !strings.HasPrefix(host, "127.") {
					opt.Log.Warn("other machines can reach this address, and what /readyz and /metrics tell needs no login", "listen", opt.Listen)
				}
			}
			return sh.Serve(cmd.Context(), opt)
		},
	}
	f := cmd.Flags()
	f.StringVar(&opt.Listen, "listen", "127.0.0.1:8080", "the address to listen on, HOST:PORT; port 0 takes a free one")
	f.DurationVar(&opt.SyncEvery, "sync-every", time.Hour, "how often to take what is new from the sources; 0 for never")
	f.BoolVar(&opt.StrictAWS, "strict-aws", false, "refuse what AWS refuses to protect itself: more than two groups, more than 14 days of hours")
	f.StringVar(&format, "log-format", "text", "text or json")
	return cmd
}

// cutLast cuts a text at the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}
