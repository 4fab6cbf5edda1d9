// Package estate is a synthetic company and its bills: three payers with
// accounts, people, roles and applications that call models for a year, and
// their billing exports as AWS delivers CUR 2.0, in four sizes and two shapes.
// One seed gives the same bytes every time.
//
// The estate knows every charge before it writes it, so tests can hold what
// the product answers against what was billed. It writes with parquet-go and
// encoding/csv, so that it shares no code with the reader of the ledger.
//
// It is for the demo, tests and benchmarks and must never be imported by
// anything else. It must never read a clock or anything but its Config, and
// never range over a map to decide an order.
package estate
