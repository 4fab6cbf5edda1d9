#!/bin/sh
# Runs every fuzz target of the module for a short time each, and prints how
# often each was executed: the go command takes one target of one package at a
# time. FUZZTIME=10s sets how long, FUZZ=Amount takes the targets whose name has
# that in it. What crashes is printed and kept in the package's testdata/fuzz.
set -eu

time=${FUZZTIME:-10s}
only=${FUZZ:-}
out=$(mktemp)
trap 'rm -f "$out"' EXIT
found=0
failed=0
printf '%-28s %-28s %12s %8s  %s\n' package target executions seconds result
for file in $(grep -rl --include='*_test.go' '^func Fuzz' . | sort); do
	package=$(dirname "$file")
	for target in $(sed -n "s/^func \(Fuzz[A-Za-z0-9_]*$only[A-Za-z0-9_]*\)(f \*testing\.F).*/\1/p" "$file"); do
		found=$((found + 1))
		began=$(date +%s)
		result=ok
		# Left alone, go spends up to a minute to shorten each input that reaches
		# new code, and all of a short run; what it then executes it does not count.
		go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 100x -timeout 0 >"$out" 2>&1 || result=FAILED
		# The end of the time may come out as a failure, without an input that
		# failed: golang/go#75804, mended in Go 1.27.
		if [ "$result" = FAILED ] && grep -q '^ *context deadline exceeded$' "$out" && ! grep -Eq 'Failing input|panic|fuzzing process|seed corpus' "$out"; then
			result=ok
		fi
		# The last line of progress has them all: "fuzz: elapsed: 10s, execs: 631730 (…".
		count=$(sed -n 's/^fuzz: elapsed: .*, execs: \([0-9]*\) .*/\1/p' "$out" | tail -n 1)
		[ "$result" = FAILED ] || [ "${count:-0}" -gt 0 ] || result='too short to run'
		printf '%-28s %-28s %12s %8s  %s\n' "${package#./}" "$target" "${count:-0}" "$(($(date +%s) - began))" "$result"
		if [ "$result" = FAILED ]; then
			failed=$((failed + 1))
			cat "$out"
		fi
	done
done
[ "$found" -gt 0 ] || { echo "fuzz: no target found" >&2; exit 1; }
echo "fuzz: $found targets, $time each, $failed failed"
[ "$failed" -eq 0 ]
