#!/usr/bin/env bash
# Imports a million generated rows that nothing here wrote and lets an
# independent reader add them up. Takes the generator beside the checkout,
# ../shared/perfgen, and says so when it is absent. Expects bin/showback.
set -euo pipefail

rows=${ROWS:-1030000} # the generator takes it for an estimate
showback=$PWD/bin/showback
generator=$PWD/../shared/perfgen
if [ ! -d "$generator" ]; then
	echo "prove_million: skipped: there is no ../shared/perfgen beside the checkout"
	exit 0
fi
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT

python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check -r scripts/requirements.txt
cp -r "$generator" "$dir/perfgen"
chmod -R u+w "$dir/perfgen"
(cd "$dir/perfgen" && CGO_ENABLED=0 go build -o "$dir/gencur" ./cmd/gencur)
"$dir/gencur" -out "$dir/bill" -rows "$rows" -months 3 >"$dir/gencur.txt" 2>&1 || { tail -n 5 "$dir/gencur.txt"; exit 1; }
"$showback" --store "$dir/store" import "$dir/bill" >"$dir/import.txt" 2>&1 || { tail -n 20 "$dir/import.txt"; exit 1; }
"$dir/venv/bin/python" scripts/sum_parquet.py "$showback" "$dir/store" "$dir/bill"
"$showback" --store "$dir/store" reconcile >"$dir/reconcile.txt" || { tail -n 20 "$dir/reconcile.txt"; exit 1; }
echo "reconcile: equal"
