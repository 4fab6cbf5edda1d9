#!/bin/sh
# Runs every fuzz target of the module for a short time each: the go command
# takes one target of one package at a time. FUZZTIME=10s sets how long.
set -eu

time=${FUZZTIME:-10s}
found=0
failed=0
for file in $(grep -rl --include='*_test.go' '^func Fuzz' . | sort); do
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(f \*testing\.F).*/\1/p' "$file"); do
		found=$((found + 1))
		if out=$(go test "$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "$time" 2>&1); then
			echo "$out" | sed -n "s/^ok/ok $target/p"
		else
			failed=$((failed + 1))
			echo "$out"
			echo "fuzz: $target in $file failed"
		fi
	done
done
[ "$found" -gt 0 ] || { echo "fuzz: no target found" >&2; exit 1; }
echo "fuzz: $found targets, $time each, $failed failed"
[ "$failed" -eq 0 ]
