#!/bin/sh
# Names what is missing to build showback, and what to install for it.
# DuckDB is linked in as a static C++ library: that takes cgo, gcc, and a g++
# whose libstdc++ is of GCC 12 or newer.
set -u

want_go=1.26
want_gxx=12
missing=0

lacks() {
	echo "showback: $1" >&2
	echo "          $2" >&2
	missing=1
}

# older A B: A is an older dotted version than B.
older() {
	[ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

if ! command -v go >/dev/null 2>&1; then
	lacks "go is not installed" "install Go $want_go or newer: https://go.dev/doc/install"
else
	have=$(GOTOOLCHAIN=local go env GOVERSION | sed 's/^go//; s/[^0-9.].*//')
	if older "$have" "$want_go"; then
		lacks "go is $have, wanted $want_go or newer" "install a newer one: https://go.dev/doc/install"
	fi
	if [ "$(go env CGO_ENABLED)" != 1 ] && command -v gcc >/dev/null 2>&1; then
		lacks "cgo is off" "unset CGO_ENABLED or set it to 1; DuckDB needs it"
	fi
fi

compilers="Debian, Ubuntu: apt-get install gcc g++; Fedora: dnf install gcc gcc-c++; macOS: xcode-select --install"
if ! command -v "${CC:-gcc}" >/dev/null 2>&1; then
	lacks "gcc is not installed" "$compilers"
fi
if ! command -v "${CXX:-g++}" >/dev/null 2>&1; then
	lacks "g++ is not installed" "$compilers"
elif [ "$(uname -s)" = Linux ]; then
	# clang has version numbers of its own and uses GCC's libstdc++.
	have=$("${CXX:-g++}" -dumpfullversion 2>/dev/null || "${CXX:-g++}" -dumpversion)
	if ! "${CXX:-g++}" --version | grep -qi clang && older "$have" "$want_gxx"; then
		lacks "g++ is $have, wanted $want_gxx or newer" "install a newer one, for instance apt-get install g++-$want_gxx, and set CC and CXX"
	fi
fi
exit $missing
