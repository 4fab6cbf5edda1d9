"""Compares an answer of `aws ce get-cost-and-usage` with the CSV of `showback
explore` by the same key: the sums of each span and group must be equal to the
last digit. Groups without a value are one in Cost Explorer's answer.

usage: compare_ce.py AWS.json EXPLORE.csv METRIC
"""

import collections
import csv
import decimal
import json
import sys

decimal.getcontext().prec = 100
explored, metric = csv.DictReader(open(sys.argv[2])), sys.argv[3]


def pages(text):
    """The answer's pages, one after the other in the file."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        page, at = decoder.raw_decode(text, at)
        yield page
        while at < len(text) and text[at].isspace():
            at += 1


theirs = collections.defaultdict(decimal.Decimal)
for answer in pages(open(sys.argv[1]).read()):
    definition = answer["GroupDefinitions"][0]
    for result in answer["ResultsByTime"]:
        for group in result["Groups"]:
            key = group["Keys"][0]
            if definition["Type"] == "TAG":
                key = key[len(definition["Key"]) + 1 :]
            elif key.startswith("No"):
                key = ""
            theirs[result["TimePeriod"]["Start"], key] += decimal.Decimal(group["Metrics"][metric]["Amount"])

ours = collections.defaultdict(decimal.Decimal)
for row in explored:
    key = list(row.values())[2]
    ours[row["start"], "" if key.startswith("(") else key] += decimal.Decimal(row["cost"])

for key in sorted(theirs.keys() | ours.keys()):
    if theirs[key] != ours[key]:
        sys.exit(f"compare_ce: {metric} of {key}: AWS API {theirs[key]}, explore {ours[key]}")
if not ours:
    sys.exit("compare_ce: nothing was compared")
