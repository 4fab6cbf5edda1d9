#!/usr/bin/env python3
"""Sums what explore answers and compares it with what the bill says.

    sum_csv.py SHOWBACK STORE

For each basis it asks SHOWBACK for the whole bill of the store in STORE, cut
by team, model and day, as CSV, adds the cost column up in decimals, and
compares each currency's sum with what reconcile has read from the delivered
files. Nothing here is shared with the program: it is another language, another
CSV reader and another decimal. Exits 1 when a sum differs.
"""

import csv
import decimal
import io
import json
import os
import subprocess
import sys

# Enough digits that no sum is ever rounded; one that would be is an error.
decimal.setcontext(decimal.Context(prec=200, traps=[decimal.Inexact, decimal.InvalidOperation]))

BY = "tag:team,model"


def run(showback, store, *args):
    """Runs the program and returns what it printed."""
    done = subprocess.run([showback, "--store", store, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"sum_csv: {' '.join(args)}: exit code {done.returncode}\n{done.stderr}{done.stdout[:2000]}")
    return done.stdout


def sums(text):
    """Returns by currency: the sum of the cost column, rows added, rows without amount."""
    totals = {}
    for row in csv.DictReader(io.StringIO(text)):
        amount, rows, without = totals.get(row["currency"], (decimal.Decimal(0), 0, 0))
        if row["cost"].startswith("("):  # a cause in parentheses: no amount on this basis
            without += 1
        else:
            amount, rows = amount + decimal.Decimal(row["cost"]), rows + 1
        totals[row["currency"]] = (amount, rows, without)
    return totals


def main(showback, store):
    report = json.loads(run(showback, store, "reconcile", "--json"))
    months = sorted(d["month"] for d in report["deliveries"])
    delivered = {}  # by basis and currency
    for total in report["totals"]:
        delivered.setdefault(total["basis"], {})[total["currency"]] = total
    if not delivered:
        sys.exit("sum_csv: reconcile has no total: is the store empty?")

    wrong = 0
    print(f"{'basis':<15}{'currency':<10}{'CSV rows':>10}  sum of the CSV = delivered")
    for basis, currencies in delivered.items():
        answer = sums(run(showback, store, "explore", "--scope", "all", "--by", BY, "--granularity", "day",
                          "--basis", basis, "--from", months[0], "--to", months[-1], "--format", "csv"))
        for currency in sorted(set(currencies) | set(answer)):
            total = currencies.get(currency)
            amount, rows, without = answer.get(currency, (decimal.Decimal(0), 0, 0))
            # What lies past the 19th decimal is cut off on import; the report names its sum.
            want = decimal.Decimal(total["delivered"]) - decimal.Decimal(total["cut"]["sum"]) if total else decimal.Decimal(0)
            note = f"  ({without} rows without amount)" if without else ""
            if amount == want:
                print(f"{basis:<15}{currency:<10}{rows:>10}  {amount:f}{note}")
                continue
            wrong += 1
            print(f"{basis:<15}{currency:<10}{rows:>10}  {amount:f}, but delivered {want:f}{note}")
    if wrong:
        sys.exit(f"sum_csv: {wrong} sums differ")


if __name__ == "__main__":
    if len(sys.argv) != 3 or not os.path.exists(sys.argv[1]):
        sys.exit("usage: sum_csv.py SHOWBACK STORE")
    main(*sys.argv[1:])
