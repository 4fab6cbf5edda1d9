// Package cli is the command line: it turns arguments into questions and
// flows, and what comes back into tables, CSV and JSON. Results go to standard
// output, everything else (progress, remarks, errors) to standard error.
//
// It must never compute money: sums and shares of a bill come from the packages
// below, and all that a renderer may work out is the difference of two figures
// that it shows side by side. It must never read a clock, the environment or the terminal but through its Program.
package cli
