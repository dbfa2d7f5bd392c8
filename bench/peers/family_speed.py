#!/usr/bin/env python3
"""Seconds per epoch of FFM: Facto beside LIBFFM and xLearn on one libFFM file, interleaved, best and median of the repeats.

    bench/peers/family_speed.py TRAIN.ffm --facto PATH [--libffm FOLDER] [--xlearn FOLDER] [--k 4] [--repeats 5] [--threads 1]

An epoch is the difference of a long and a short run by the epochs between them, so that start, reading and conversion drop out. On one thread the figure is user CPU,
which a busy machine disturbs less than the wall; on more it is the wall.
"""
import argparse, os, resource, statistics, subprocess, tempfile, time

parser = argparse.ArgumentParser()
parser.add_argument("train")
for name in ("--facto", "--libffm", "--xlearn"): parser.add_argument(name)
for name, default in (("--k", 4), ("--repeats", 5), ("--threads", 1), ("--short", 2), ("--long", 22)): parser.add_argument(name, type=int, default=default)
o = parser.parse_args()
train, scratch = os.path.abspath(o.train), tempfile.mkdtemp()
rows = sum(1 for _ in open(train))


def facto(epochs, family="ffm"):
    return [o.facto, "train", "--train", train, "--task", "binary", "--family", family, "-k", str(o.k), "--epochs", str(epochs), "--threads", str(o.threads), "--quiet"]


def libffm(epochs): return [f"{o.libffm}/ffm-train", "-k", str(o.k), "-t", str(epochs), "-s", str(o.threads), "--quiet", train, f"{scratch}/m"]


def xlearn(epochs): return [f"{o.xlearn}/xlearn_train", train, "-s", "2", "-k", str(o.k), "-e", str(epochs), "-nthread", str(o.threads), "--dis-es", "-m", "none"]


def seconds(command):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, time.monotonic()
    subprocess.run(command, check=True, capture_output=True, cwd=scratch, env=dict(os.environ, USER="bench"))
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before if o.threads == 1 else time.monotonic() - start


# .NET compiles while it runs: its short run is long enough to have compiled everything.
tools = [("Facto ffm", facto, 10)] if o.facto else []
tools += [("LIBFFM", libffm, 1)] if o.libffm else []
tools += [("xLearn", xlearn, 1)] if o.xlearn else []
per_epoch = {name: [] for name, _, _ in tools}
for _ in range(o.repeats):
    for name, command, scale in tools:
        short, long = o.short * scale, o.long * scale
        per_epoch[name].append((seconds(command(long)) - seconds(command(short))) / (long - short))
print(f"{rows} rows, k = {o.k}, {o.threads} thread(s), {'user CPU' if o.threads == 1 else 'wall'}, load {os.getloadavg()[0]:.1f}")
print("| tool | best s/epoch | median | rows/s (best) | against Facto (best, median) |\n|---|---|---|---|---|")
own = per_epoch.get("Facto ffm")
for name, values in per_epoch.items():
    best, middle = min(values), statistics.median(values)
    ratio = f"{best / min(own):.1f}×, {middle / statistics.median(own):.1f}×" if own else ""
    print(f"| {name} | {best:.4f} | {middle:.4f} | {rows / best / 1e6:.2f} M | {ratio} |")
