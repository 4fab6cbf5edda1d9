package wire

import (
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// timeText writes a time as text: iso is 2006-01-02T15:04:05Z, with a fraction
// where there is one.
func timeText(t time.Time, form string) string {
	t = t.UTC()
	switch form {
	case "unix":
		return epochText(t)
	case "http":
		return t.Format(http.TimeFormat)
	}
	return t.Format("2006-01-02T15:04:05.999Z")
}

// epochText writes a time as seconds since 1970, to the millisecond.
func epochText(t time.Time) string {
	ms := t.UnixMilli()
	if ms%1000 == 0 {
		return strconv.FormatInt(ms/1000, 10)
	}
	sign := ""
	if ms < 0 {
		sign, ms = "-", -ms
	}
	return strings.TrimRight(fmt.Sprintf("%s%d.%03d", sign, ms/1000, ms%1000), "0")
}

// maxEpoch is the last second of year 9999, past which no form has a time.
const maxEpoch = 253402300799

// parseEpoch reads seconds since 1970, to the millisecond, in any form that JSON
// has for numbers.
func parseEpoch(text string) (time.Time, bool) {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(math.Abs(seconds) <= maxEpoch) {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC(), true
}

// parseTime reads a time in any form that clients send.
func parseTime(text string) (time.Time, bool) {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z", "2006-01-02"} {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC(), true
		}
	}
	if t, err := http.ParseTime(text); err == nil {
		return t.UTC(), true
	}
	return parseEpoch(text)
}

// scalarText writes a string, number, truth, time or bytes as XML has it.
func scalarText(v reflect.Value, o options) string {
	switch v.Type() {
	case timeType:
		return timeText(v.Interface().(time.Time), o.time)
	case bytesType:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Float32, reflect.Float64:
		return numberText(v)
	}
	return v.String()
}

// numberText writes a float in the shortest form that reads back as it.
func numberText(v reflect.Value) string {
	f := v.Float()
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(f, 'g', -1, v.Type().Bits())
}

// setNumber reads a float, by its names those that JSON has no number for.
func setNumber(v reflect.Value, text string) bool {
	f, err := strconv.ParseFloat(text, v.Type().Bits())
	if err != nil || strings.ContainsAny(text, "xX_") {
		return false
	}
	if math.IsNaN(f) && text != "NaN" || math.IsInf(f, 0) && text != "Infinity" && text != "-Infinity" {
		return false
	}
	v.SetFloat(f)
	return true
}

// setScalar reads what scalarText writes.
func setScalar(v reflect.Value, text string) bool {
	switch v.Type() {
	case timeType:
		t, ok := parseTime(text)
		v.Set(reflect.ValueOf(t))
		return ok
	case bytesType:
		b, err := base64.StdEncoding.DecodeString(text)
		v.SetBytes(b)
		return err == nil
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(strings.EqualFold(text, "true"))
		return strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
	case reflect.Int, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
		return err == nil
	case reflect.Float32, reflect.Float64:
		return setNumber(v, text)
	case reflect.String:
		v.SetString(text)
		return true
	}
	return false
}
