package sqldoor

import (
	"bytes"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
)

// Cell is a value of a result.
type Cell struct {
	value driver.Value
	kind  string // the type, as DuckDB writes it
}

// Null reports whether the cell has no value.
func (c Cell) Null() bool { return c.value == nil }

// Text writes the value: a decimal with all its digits and without trailing
// zeros, a time in UTC, a list as [a, b], a map as {a=b}. NULL is "".
func (c Cell) Text() string {
	if c.value == nil {
		return ""
	}
	return plain(c.value, c.kind)
}

// IsNumber reports whether values of the type are numbers.
func IsNumber(kind string) bool {
	switch kind {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
		"BIGNUM", "FLOAT", "DOUBLE":
		return true
	}
	return isDecimal(kind)
}

func isDecimal(kind string) bool {
	return strings.HasPrefix(kind, "DECIMAL(") && strings.HasSuffix(kind, ")")
}

// MarshalJSON writes the value. Whole numbers of up to 64 bits are numbers;
// decimals and larger ones are strings with every digit, since most readers
// make a binary fraction of a number.
func (c Cell) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	err := writeJSON(&b, c.value, c.kind)
	return b.Bytes(), err
}

// plain writes a value as text. kind tells apart what has one Go type.
func plain(value any, kind string) string {
	switch v := value.(type) {
	case nil:
		return "NULL"
	case string:
		return v
	case duckdb.Decimal:
		return showback.NewDecimal(v.Value, int32(v.Scale)).String()
	case *big.Int:
		return v.String()
	case time.Time:
		return timeText(v, kind)
	case []byte:
		return bytesText(v, kind)
	case duckdb.Interval:
		return intervalText(v)
	case duckdb.Union:
		return plain(v.Value, "")
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = plain(item, elementOf(kind))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case duckdb.OrderedMap:
		return pairsText(v.Keys(), v.Values(), "=", kind)
	case map[string]any:
		keys, values := sorted(v)
		return pairsText(keys, values, ": ", "")
	}
	if text, ok := fractionText(value); ok {
		return text
	}
	return fmt.Sprint(value)
}

func pairsText(keys, values []any, between, kind string) string {
	keyKind, valueKind := partsOf(kind)
	parts := make([]string, len(keys))
	for i := range keys {
		parts[i] = plain(keys[i], keyKind) + between + plain(values[i], valueKind)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func sorted(m map[string]any) (keys, values []any) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		keys, values = append(keys, k), append(values, m[k])
	}
	return keys, values
}

// fractionText writes a binary fraction, as short as reads back the same.
func fractionText(value any) (text string, ok bool) {
	v := reflect.ValueOf(value)
	if !v.CanFloat() {
		return "", false
	}
	return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()), true
}

// timeText writes a point in time as its type has it.
func timeText(t time.Time, kind string) string {
	switch kind {
	case "DATE":
		return t.UTC().Format(time.DateOnly)
	case "TIME":
		return t.UTC().Format("15:04:05.999999")
	case "TIMETZ", "TIME WITH TIME ZONE":
		return t.Format("15:04:05.999999Z07:00")
	case "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE":
		return t.UTC().Format("2006-01-02 15:04:05.999999999+00")
	}
	return t.UTC().Format("2006-01-02 15:04:05.999999999")
}

// bytesText writes 16 bytes of a UUID as one, others as hexadecimal.
func bytesText(b []byte, kind string) string {
	if kind == "UUID" && len(b) == 16 {
		return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	}
	return `\x` + hex.EncodeToString(b)
}

// intervalText writes a span of time with the units that it has.
func intervalText(v duckdb.Interval) string {
	var parts []string
	add := func(n int64, unit string) {
		if n != 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit))
		}
	}
	add(int64(v.Months), "months")
	add(int64(v.Days), "days")
	if v.Micros != 0 || len(parts) == 0 {
		parts = append(parts, (time.Duration(v.Micros) * time.Microsecond).String())
	}
	return strings.Join(parts, " ")
}

// elementOf returns the type of the elements of a list.
func elementOf(kind string) string {
	if i := strings.LastIndexByte(kind, '['); i > 0 && strings.HasSuffix(kind, "]") {
		return kind[:i]
	}
	return ""
}

// partsOf returns the types of the keys and the values of a map. The key's own
// type may have commas in parentheses.
func partsOf(kind string) (key, value string) {
	inner, ok := strings.CutPrefix(kind, "MAP(")
	if !ok {
		return "", ""
	}
	inner = strings.TrimSuffix(inner, ")")
	depth := 0
	for i := range len(inner) {
		switch inner[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				return inner[:i], strings.TrimSpace(inner[i+1:])
			}
		}
	}
	return "", ""
}

func writeJSON(b *bytes.Buffer, value any, kind string) error {
	switch v := value.(type) {
	case nil:
		b.WriteString("null")
		return nil
	case bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, int:
		fmt.Fprint(b, v)
		return nil
	case duckdb.Union:
		return writeJSON(b, v.Value, "")
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeJSON(b, item, elementOf(kind)); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	case duckdb.OrderedMap:
		return writeObject(b, v.Keys(), v.Values(), kind)
	case map[string]any:
		keys, values := sorted(v)
		return writeObject(b, keys, values, "")
	}
	text := plain(value, kind)
	if v := reflect.ValueOf(value); v.CanFloat() && !math.IsNaN(v.Float()) && !math.IsInf(v.Float(), 0) {
		b.WriteString(text)
		return nil
	}
	return quoteJSON(b, text)
}

func writeObject(b *bytes.Buffer, keys, values []any, kind string) error {
	keyKind, valueKind := partsOf(kind)
	b.WriteByte('{')
	for i := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := quoteJSON(b, plain(keys[i], keyKind)); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := writeJSON(b, values[i], valueKind); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

// quoteJSON writes a text as a JSON string, with <, > and & as they are.
func quoteJSON(b *bytes.Buffer, text string) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder ends with a line feed
	return nil
}
