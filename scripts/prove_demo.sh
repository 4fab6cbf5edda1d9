#!/usr/bin/env bash
# Proves the demo from the outside: imported a second time it changes nothing,
# reconcile finds it equal, and a program of another language sums the answers
# to what was delivered. Expects bin/showback.
set -euo pipefail

showback=$PWD/bin/showback
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# All files of the store: a no-op adds none, removes none and changes none.
digests() { (cd "$dir/store" && find . -type f -print0 | sort -z | xargs -0 sha256sum); }

"$showback" demo --seed 1 --exports "$dir/bills" --store "$dir/store" >"$dir/first.txt" 2>&1 || { cat "$dir/first.txt"; exit 1; }
echo "demo: $(wc -l <"$dir/first.txt") lines of output, $(find "$dir/bills" -type f | wc -l) files delivered"
before=$(digests)
"$showback" --store "$dir/store" import --json "$dir/bills/exports" >"$dir/second.json"
after=$(digests)
if [ "$before" != "$after" ]; then
	echo "prove_demo: the second import changed the store:"
	diff <(echo "$before") <(echo "$after")
	exit 1
fi
echo "second import: manifest and $(wc -l <<<"$before") digests unchanged"
"$showback" --store "$dir/store" reconcile >"$dir/reconcile.txt" || { cat "$dir/reconcile.txt"; exit 1; }
echo "reconcile: equal"
python3 scripts/sum_csv.py "$showback" "$dir/store"
