#!/usr/bin/env bash
# Proves that the random comparison finds faults: plants each fault of
# internal/engine/enginetest/testdata/mutants in a copy of the tree, and fails
# when a comparison with it does not. Names without .patch choose some of them.
set -euo pipefail

cd "$(dirname "$0")/.."
# What is compiled is shared between the tree and its copy.
export GOFLAGS=${GOFLAGS:--trimpath}
mutants=internal/engine/enginetest/testdata/mutants
names=("$@")
if [ ${#names[@]} = 0 ]; then
	for patch in "$mutants"/*.patch; do
		names+=("$(basename "$patch" .patch)")
	done
fi

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
# The tree as it stands, with what is not committed yet; git apply passes by
# files of a repository that it finds above, so that none must be found.
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
	[ ! -f "$file" ] || printf '%s\0' "$file"
done | tar -cf - --null -T - | tar -xf - -C "$copy"
export GIT_CEILING_DIRECTORIES=${copy%/*}

# compares builds the comparison in the copy and runs it to its first failure,
# which it does not shrink.
compares() {
	go test -C "$copy" -c -o "$copy/compare.test" ./internal/engine/duckdb || exit 2
	(cd "$copy/internal/engine/duckdb" && SHOWBACK_TEST_QUESTIONS=2000 "$copy/compare.test" -test.run '^TestRandom$' -test.short) >"$copy/out" 2>&1
}

failed=()
for name in "${names[@]}"; do
	began=$SECONDS
	patch=$PWD/$mutants/$name.patch
	if ! git -C "$copy" apply -C1 "$patch"; then
		echo "$name: does not apply any more; $mutants/README.md says how to make it anew"
		failed+=("$name")
		continue
	fi
	if compares; then
		echo "$name: SURVIVES: $(head -n 1 "$patch")"
		failed+=("$name")
	elif ! grep -q 'showback explore --' "$copy/out"; then
		echo "$name: fails, but by no comparison:"
		tail -n 20 "$copy/out"
		failed+=("$name")
	else
		echo "$name: found in $((SECONDS - began)) s: $(head -n 1 "$patch")"
	fi
	git -C "$copy" apply -R -C1 "$patch"
done
if [ ${#failed[@]} -gt 0 ]; then
	echo "not found: ${failed[*]}"
	exit 1
fi
echo "all ${#names[@]} mutants found in $SECONDS s"
