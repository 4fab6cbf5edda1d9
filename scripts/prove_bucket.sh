#!/usr/bin/env bash
# Proves buckets from the outside: the demo's exports, put into a real S3 server
# by the real AWS CLI, come in with the same answers as from the disk; the same
# again fetches no data; a delivery that AWS restates is fetched alone; an import
# that is killed goes on where it was. Expects bin/showback.
set -euo pipefail

showback=$PWD/bin/showback
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT

python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check -r scripts/bucket-requirements.txt
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$dir/venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$dir/server.log" 2>&1 &
server=$!
export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing \
	AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true SHOWBACK_STORE=$dir/store
for _ in $(seq 100); do
	curl -fsS "$AWS_ENDPOINT_URL/" >/dev/null 2>&1 && break
	sleep 0.2
done
aws() { "$dir/venv/bin/aws" "$@"; }
fetched() { grep -c 'GET /bills/exports/[^ ]*/data/' "$dir/server.log" || true; }
fail() { echo "prove_bucket: $*" >&2; exit 1; }

"$showback" demo --seed 1 --exports "$dir/bills" --store "$dir/demo" >"$dir/demo.txt" 2>&1 || { tail -n 5 "$dir/demo.txt"; exit 1; }
aws s3 mb s3://bills >/dev/null
aws s3 cp --recursive --quiet "$dir/bills/exports" s3://bills/exports
files=$(find "$dir/bills/exports" -type f | wc -l)

"$showback" source add s3://bills/exports >/dev/null
"$showback" source sync >"$dir/first.txt" 2>&1 || { tail -n 5 "$dir/first.txt"; exit 1; }
first=$(fetched)
question=(explore --scope all --from 12m --by payer,service,caller --granularity day --format csv)
"$showback" "${question[@]}" >"$dir/bucket.csv" 2>/dev/null
"$showback" --store "$dir/demo" "${question[@]}" >"$dir/disk.csv" 2>/dev/null
cmp "$dir/bucket.csv" "$dir/disk.csv" || fail "the answers differ from those of the disk"
"$showback" reconcile >"$dir/reconcile.txt" || { tail -n 5 "$dir/reconcile.txt"; exit 1; }
"$showback" check >/dev/null
echo "$files objects put by the AWS CLI; $first data files fetched; $(wc -l <"$dir/disk.csv") lines of answer equal to the disk's; reconcile: equal"

"$showback" source sync >/dev/null 2>&1
[ "$(fetched)" = "$first" ] || fail "the same again fetched $(($(fetched) - first)) data files"
echo "the same again: 0 data files fetched"

# AWS restates a month: one object and its manifest are written again.
key=$(cd "$dir/bills/exports" && find . -path '*labs-cur2/data/*2026*' -name '*.csv.gz' | sort | sed -n 1p | cut -c3-)
manifest=$(cd "$dir/bills/exports" && find . -path "*labs-cur2/metadata/$(sed 's|.*/data/\([^/]*\)/.*|\1|' <<<"$key")/*" -name '*Manifest.json' | sed -n 1p | cut -c3-)
gzip -dc "$dir/bills/exports/$key" | gzip -1 >"$dir/again.csv.gz"
aws s3 cp --quiet "$dir/again.csv.gz" "s3://bills/exports/$key"
aws s3 cp --quiet "$dir/bills/exports/$manifest" "s3://bills/exports/$manifest"
"$showback" source sync >"$dir/third.txt" 2>&1 || { tail -n 5 "$dir/third.txt"; exit 1; }
[ "$(fetched)" = "$((first + 1))" ] || fail "a month written again fetched $(($(fetched) - first)) data files, want 1"
"$showback" "${question[@]}" 2>/dev/null | cmp - "$dir/disk.csv" || fail "the answers differ after the month was written again"
echo "a month written again: 1 data file fetched"

# The library's own test against a real server.
SHOWBACK_TEST_S3=$AWS_ENDPOINT_URL go test ./internal/blob -run RealServer -count 1 -v >"$dir/real.txt" 2>&1 || { tail -n 20 "$dir/real.txt"; exit 1; }
grep -q -- '--- PASS: TestRealServer' "$dir/real.txt" || fail "TestRealServer did not run"

# An upload in parts has an ETag that is no MD5.
head -c 20000000 /dev/urandom >"$dir/noise"
cat "$dir/noise" >"$dir/big.csv" # unreadable as a bill, but it has to be fetched whole
aws s3 cp --quiet "$dir/big.csv" s3://parts/exports/big.csv 2>/dev/null || { aws s3 mb s3://parts >/dev/null; aws s3 cp --quiet "$dir/big.csv" s3://parts/exports/big.csv; }
if "$showback" --store "$dir/parts" import s3://parts/exports >/dev/null 2>"$dir/parts.txt"; then
	fail "noise was taken for a bill"
fi
kept=$(find "$dir/parts/raw" -name '*-big.csv')
cmp "$kept" "$dir/big.csv" || fail "an object uploaded in parts was not fetched whole"
echo "an object uploaded in parts: fetched whole and checked, then refused as no bill"
