#!/bin/sh
# Says what to try after the demo: next.sh FOLDER, with the demo's store in it.
set -eu

cat <<TEXT

Next, with the demo's store:

  export SHOWBACK_STORE=$1/store
  bin/showback explore --by person
  bin/showback explore --by tag:team,model --from last-month --measure cost,tokens
  bin/showback explore --scope all --by service,charge-type --granularity month --from 12m
  bin/showback reconcile
  bin/showback import $1/exports      # again: nothing changes

Your own bill, into a store of its own: bin/showback import FOLDER (see README.md)
TEXT
