#!/usr/bin/env python3
"""Sums the Parquet files of a folder and compares with what showback answers.

    sum_parquet.py SHOWBACK STORE FOLDER

Reads the cost columns with Apache Arrow, takes each double for the shortest
decimal that reads back as it (what repr writes), rounds it half away from zero
to 19 decimals as the store does, and adds up by currency. Compares the sums
with explore's answers over all months of the store. Exits 1 when one differs.
"""

import collections
import csv
import decimal
import io
import pathlib
import subprocess
import sys

import pyarrow.compute
import pyarrow.parquet

COLUMNS = {
    "unblended": "line_item_unblended_cost",
    "net-unblended": "line_item_net_unblended_cost",
    "blended": "line_item_blended_cost",
    "list": "pricing_public_on_demand_cost",
}
CURRENCY = "line_item_currency_code"
LAST = decimal.Decimal("1e-19")

context = decimal.Context(prec=200, rounding=decimal.ROUND_HALF_UP, traps=[decimal.InvalidOperation])
decimal.setcontext(context)


def sums(folder):
    """Returns by basis and currency the exact sum, and the number of rows read."""
    totals = {basis: collections.defaultdict(decimal.Decimal) for basis in COLUMNS}
    rows = 0
    for path in sorted(folder.rglob("*.parquet")):
        file = pyarrow.parquet.ParquetFile(path)
        have = {b: c for b, c in COLUMNS.items() if c in file.schema_arrow.names}
        for batch in file.iter_batches(columns=[CURRENCY, *have.values()], batch_size=200_000):
            rows += batch.num_rows
            currencies = batch.column(CURRENCY).to_pylist()
            for basis, column in have.items():
                for currency, value in zip(currencies, batch.column(column).to_pylist()):
                    if value is not None:
                        totals[basis][currency] += decimal.Decimal(repr(value)).quantize(LAST)
    return totals, rows


def answers(showback, store, basis, months):
    """Returns by currency what the program answers for the whole bill."""
    done = subprocess.run([showback, "--store", store, "explore", "--scope", "all", "--by", "charge-type", "--basis", basis,
                           "--from", months[0], "--to", months[-1], "--format", "csv"],
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found = collections.defaultdict(decimal.Decimal)
    for row in csv.DictReader(io.StringIO(done.stdout)):
        if not row["cost"].startswith("("):
            found[row["currency"]] += decimal.Decimal(row["cost"])
    return found


def main(showback, store, folder):
    folder = pathlib.Path(folder)
    months = sorted(p.name.removeprefix("BILLING_PERIOD=") for p in folder.rglob("BILLING_PERIOD=*"))
    totals, rows = sums(folder)
    print(f"{rows} rows of {len(months)} months read with Arrow {pyarrow.__version__}")
    wrong = 0
    for basis, by_currency in totals.items():
        found = answers(showback, store, basis, months)
        for currency in sorted(set(by_currency) | set(found)):
            want, got = by_currency[currency], found[currency]
            if want == got:
                print(f"{basis:<15}{currency:<5}{got:f}")
                continue
            wrong += 1
            print(f"{basis:<15}{currency:<5}{got:f}, but the files add up to {want:f}")
    if wrong or rows == 0:
        sys.exit(f"sum_parquet: {wrong} sums differ over {rows} rows")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: sum_parquet.py SHOWBACK STORE FOLDER")
    main(*sys.argv[1:])
