#!/usr/bin/env python3
"""results.tsv → means over seeds with 95 % intervals (Student's t): python3 summary.py < results.tsv"""
import sys

t = {1: 12.71, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571}
rows = [line.rstrip("\n").split("\t") for line in sys.stdin][1:]
groups = {}
for r in rows:
    if r[3] != "failed": groups.setdefault((r[0], r[1]), []).append((float(r[3]), float(r[4])))


def mean(values):
    m = sum(values) / len(values)
    if len(values) == 1: return f"{m:.4f}"
    s = (sum((v - m) ** 2 for v in values) / (len(values) - 1)) ** 0.5
    return f"{m:.4f} ± {t.get(len(values) - 1, 2) * s / len(values) ** 0.5:.4f}"


print("| data | model | seeds | test log loss | test AUC |\n|---|---|---|---|---|")
for (data, model), values in groups.items(): print(f"| {data} | {model} | {len(values)} | {mean([v[0] for v in values])} | {mean([v[1] for v in values])} |")
