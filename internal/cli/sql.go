package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/engine/sqldoor"
)

// sqlFlags are the flags of sql, as typed.
type sqlFlags struct {
	file, format, output string
	from, to             string
	memory, timeout      string
	maxRows              int
	schema, asJSON       bool
	maxRowsGiven         bool
}

// tableRows is how many rows a table has at most, where no one says.
const tableRows = 200

// formatParquet is the format of an answer that only sql writes.
const formatParquet = "parquet"

func newSQL(sh *shell) *cobra.Command {
	var f sqlFlags
	cmd := &cobra.Command{
		Use:   "sql [QUERY]",
		Short: "Ask in SQL: one SELECT over views of the store",
		Long: `Asks the store in SQL (DuckDB's), over the views charges, callers, tags, meters,
deliveries and accounts. showback sql --schema says what each column means.

Amounts are exact: DECIMAL(38,19), with every digit in all formats. charges.cost
is unblended; sum(cost) over all charges is what explore --scope all shows, and
WHERE ai is its scope ai. An average (avg) and a quotient (/) are binary
fractions in DuckDB, and rounded.

A query is one SELECT. It reads the views and nothing else, writes nothing, and
ends at its memory and its time.`,
		Example: `  showback sql "SELECT tags['tag:team'] AS team, sum(cost) FROM charges WHERE ai GROUP BY 1"
  showback sql --file spend.sql --format csv --output spend.csv
  showback sql --schema`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.asJSON && !cmd.Flags().Changed("format") {
				f.format = formatJSON
			}
			f.maxRowsGiven = cmd.Flags().Changed("max-rows")
			return sh.sql(cmd, &f, args)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.file, "file", "", "a file with the query; - for standard input")
	fl.StringVar(&f.format, "format", formatTable, "table, csv, json or parquet")
	fl.BoolVar(&f.asJSON, "json", false, "the same as --format json")
	fl.StringVar(&f.output, "output", "", "a file to write the result to, instead of printing it")
	fl.BoolVar(&f.schema, "schema", false, "say what the views and their columns are, and ask nothing")
	fl.StringVar(&f.from, "from", "", "first billing month to read, YYYY-MM")
	fl.StringVar(&f.to, "to", "", "last billing month to read, included")
	fl.StringVar(&f.timeout, "timeout", "2m", "how long the query may take, such as 30s or 10m")
	fl.StringVar(&f.memory, "memory", "2GB", "how much memory it may take")
	fl.IntVar(&f.maxRows, "max-rows", 0, fmt.Sprintf("rows to write at most; 0 for all (%d in a table)", tableRows))
	fl.SortFlags = false
	return cmd
}

func (sh *shell) sql(cmd *cobra.Command, f *sqlFlags, args []string) error {
	if err := f.check(args); err != nil {
		return err
	}
	if f.schema {
		return sh.writeSchema(f.format)
	}
	opts, err := f.options()
	if err != nil {
		return err
	}
	query, err := sh.query(f, args)
	if err != nil {
		return err
	}
	store, err := sh.store()
	if err != nil {
		return err
	}
	snapshot, err := store.Snapshot()
	if err != nil {
		return err
	}
	defer snapshot.Close()
	if len(snapshot.Segments) == 0 {
		return showback.WithHint(showback.Errorf(showback.KindNotFound, "sql: the store has no bills yet"), howToBegin)
	}
	door, err := sqldoor.Open(cmd.Context(), snapshot, opts)
	if err != nil {
		return err
	}
	defer door.Close()
	rows, err := door.Query(cmd.Context(), query)
	if err != nil {
		return err
	}
	defer rows.Close()
	if most := f.most(); most > 0 {
		rows.Limit(most)
	}
	return sh.writeRows(cmd.Context(), f, rows)
}

// check checks what of the flags needs no store.
func (f *sqlFlags) check(args []string) error {
	f.format = strings.ToLower(f.format)
	invalid := func(format string, args ...any) error {
		return showback.WithHint(showback.Errorf(showback.KindInvalid, format, args...), "see showback sql --help")
	}
	switch {
	case !slices.Contains([]string{formatTable, formatCSV, formatJSON, formatParquet}, f.format):
		return invalid("parse --format %q: want table, csv, json or parquet", f.format)
	case f.asJSON && f.format != formatJSON:
		return invalid("parse --format %s: --json says otherwise; give one of them", f.format)
	case f.schema && (len(args) > 0 || f.file != ""):
		return invalid("sql: --schema takes no query")
	case f.schema && (f.output != "" || f.format != formatTable && f.format != formatJSON):
		return invalid("sql: --schema is printed as table or json")
	case f.schema:
		return nil
	case len(args) > 1:
		return invalid("sql: takes one query, found %d arguments; put the query in quotes", len(args))
	case len(args) == 1 && f.file != "":
		return invalid("sql: found a query and --file; give one of them")
	case len(args) == 0 && f.file == "":
		return invalid("sql: found no query")
	case f.format == formatParquet && f.output == "":
		return invalid("sql: --format parquet needs --output FILE")
	case f.maxRows < 0:
		return invalid("parse --max-rows %d: want 0 or more", f.maxRows)
	}
	return nil
}

// most is how many rows are written at most; 0 for all.
func (f *sqlFlags) most() int {
	if f.format == formatTable && !f.maxRowsGiven {
		return tableRows
	}
	return f.maxRows
}

// options are the bounds of the query.
func (f *sqlFlags) options() (opts sqldoor.Options, err error) {
	opts.Timeout, err = time.ParseDuration(f.timeout)
	if err != nil || opts.Timeout <= 0 {
		return opts, showback.Errorf(showback.KindInvalid, "parse --timeout %q: want a time such as 30s or 10m", f.timeout)
	}
	if opts.Memory, err = parseMemory(f.memory); err != nil {
		return opts, err
	}
	for _, bound := range []struct {
		text string
		to   *showback.Month
	}{{f.from, &opts.From}, {f.to, &opts.To}} {
		if bound.text == "" {
			continue
		}
		if *bound.to, err = showback.ParseMonth(bound.text); err != nil {
			return opts, err
		}
	}
	if opts.From != "" && opts.To != "" && opts.From > opts.To {
		return opts, showback.Errorf(showback.KindInvalid, "parse period: --from %s is after --to %s", opts.From, opts.To)
	}
	return opts, nil
}

// memoryUnits are those of --memory, as the engine's own messages count.
var memoryUnits = []struct {
	name  string
	bytes int64
}{{"GB", 1 << 30}, {"MB", 1 << 20}}

// leastMemory and mostMemory are what --memory may be.
const (
	leastMemory = 64 << 20
	mostMemory  = 1 << 50
)

// parseMemory reads "512MB" or "4GB".
func parseMemory(text string) (int64, error) {
	for _, u := range memoryUnits {
		digits, ok := strings.CutSuffix(strings.ToUpper(strings.TrimSpace(text)), u.name)
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if !ok || err != nil || n < 0 || n > mostMemory/u.bytes {
			continue
		}
		if n *= u.bytes; n >= leastMemory {
			return n, nil
		}
	}
	return 0, showback.Errorf(showback.KindInvalid, "parse --memory %q: want at least 64MB, such as 512MB or 4GB", text)
}

// longestQuery is how much of a file is read: more than a query may have.
const longestQuery = 1 << 20

// query returns the text of the query.
func (sh *shell) query(f *sqlFlags, args []string) (string, error) {
	if f.file == "" {
		return args[0], nil
	}
	from, name := sh.In, "standard input"
	if f.file != "-" {
		file, err := os.Open(f.file)
		if err != nil {
			return "", showback.Errorf(showback.KindNotFound, "read query: %w", err)
		}
		defer file.Close()
		from, name = file, f.file
	}
	text, err := io.ReadAll(io.LimitReader(from, longestQuery))
	if err != nil {
		return "", showback.Errorf(showback.KindUnavailable, "read query from %s: %w", name, err)
	}
	return string(text), nil
}
