#!/usr/bin/env bash
# Proves the AWS API from the outside: the real AWS CLI asks showback serve, with
# keys of showback key create, and what it gets equals showback explore to the
# last digit; a wrong secret is refused. Expects bin/showback.
set -euo pipefail

showback=$PWD/bin/showback
scripts=$PWD/scripts
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
fail() { echo "prove_account: $*" >&2; exit 1; }

python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check -r scripts/bucket-requirements.txt
export SHOWBACK_STORE=$dir/store
"$showback" demo --seed 1 --exports "$dir/bills" --store "$dir/store" >"$dir/demo.txt" 2>&1 || { tail -n 5 "$dir/demo.txt"; exit 1; }
"$showback" serve --listen 127.0.0.1:0 --sync-every 0 >"$dir/serve.txt" 2>"$dir/serve.log" &
server=$!
for _ in $(seq 100); do
	grep -q http "$dir/serve.txt" && break
	sleep 0.2
done
AWS_ENDPOINT_URL=$(grep -o 'http://.*' "$dir/serve.txt") || fail "it does not serve: $(tail -n 2 "$dir/serve.log")"
"$showback" key create --json >"$dir/key.json" 2>/dev/null
key() { python3 -c "import json, sys; print(json.load(open(sys.argv[1]))['AccessKey'][sys.argv[2]])" "$dir/key.json" "$1"; }
AWS_ACCESS_KEY_ID=$(key AccessKeyId) AWS_SECRET_ACCESS_KEY=$(key SecretAccessKey)
export AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true AWS_PAGER=
aws() { "$dir/venv/bin/aws" "$@"; }

account=$(aws sts get-caller-identity --query Account --output text)
period=Start=2026-07-01,End=2026-10-01
payer=111122223333
filter='{"Dimensions":{"Key":"PAYER_ACCOUNT","Values":["'$payer'"]}}'
asked=0
pages=0
# equal GRANULARITY METRIC BASIS TYPE KEY EXPLORE-KEY
equal() {
	local token=
	: >"$dir/aws.json"
	while
		aws ce get-cost-and-usage --time-period "$period" --granularity "$1" --metrics "$2" --filter "$filter" --group-by "Type=$4,Key=$5" \
			${token:+--next-page-token "$token"} >"$dir/page.json"
		cat "$dir/page.json" >>"$dir/aws.json"
		pages=$((pages + 1))
		token=$(python3 -c 'import json, sys; print(json.load(sys.stdin).get("NextPageToken", ""))' <"$dir/page.json")
		[ -n "$token" ]
	do :; done
	"$showback" explore --scope all --from 2026-07 --to 2026-09 --granularity "$1" --basis "$3" --by "$6" --where "payer = $payer" --format csv >"$dir/explore.csv" 2>/dev/null
	python3 "$scripts/compare_ce.py" "$dir/aws.json" "$dir/explore.csv" "$2"
	"$showback" reconcile --against "$dir/aws.json" --payer $payer >"$dir/against.txt" || { tail -n 20 "$dir/against.txt"; fail "$*: reconcile finds a difference"; }
	asked=$((asked + 1))
}
equal MONTHLY UnblendedCost unblended TAG iamPrincipal/team tag:team
equal DAILY UnblendedCost unblended TAG iamPrincipal/cost-center tag:cost-center
equal MONTHLY NetAmortizedCost net-amortized DIMENSION LINKED_ACCOUNT account
equal DAILY AmortizedCost amortized DIMENSION USAGE_TYPE usage-type
equal MONTHLY BlendedCost blended DIMENSION RECORD_TYPE charge-type

aws ce get-tags --time-period "$period" --tag-key iamPrincipal/team --query 'Tags' --output json >"$dir/tags.json"
grep -q '"platform"' "$dir/tags.json" || fail "get-tags has not the team platform: $(cat "$dir/tags.json")"
AWS_SECRET_ACCESS_KEY=wrong aws sts get-caller-identity >"$dir/wrong.txt" 2>&1 && fail "a wrong secret was taken"
grep -q SignatureDoesNotMatch "$dir/wrong.txt" || fail "a wrong secret: $(cat "$dir/wrong.txt")"
aws ce list-anomalies >/dev/null 2>&1 && fail "an operation that is not there was answered"
kill -TERM "$server"
wait "$server" || fail "the server ended with code $?: $(tail -n 2 "$dir/serve.log")"
server=
grep -q "$AWS_SECRET_ACCESS_KEY" "$dir/serve.log" && fail "the secret is in the log"
echo "the AWS CLI as account $account: $asked questions, $pages pages, equal explore and reconcile to the last digit; a wrong secret refused"
