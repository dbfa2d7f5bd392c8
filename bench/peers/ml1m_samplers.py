#!/usr/bin/env python3
"""Seconds per sweep of Gibbs sampling and ALS on MovieLens-1M, Facto beside libFM and myFM in one run, interleaved.

ml1m_samplers.py DATA --facto BENCH [--libfm PROGRAM] [--myfm] [--rounds 2] [--k 16]
DATA holds ml1m.libfm.*, ml1m.meta and the ml1m-rich files; BENCH is the built Facto.Benchmarks. myFM is imported by this Python. Every program uses one thread,
Facto also two; reading files is left out, Facto's and myFM's figures are medians over sweeps, libFM's the median of its own learning times (processor time).
"""
import argparse, os, re, statistics, subprocess, sys, tempfile, time


def facto(a, data, solver, threads, epochs):
    d = os.path.join(a.data, data)
    out = subprocess.run([a.facto, "sampler", f"{d}.libfm.train", f"{d}.libfm.test", "--groups", f"{d}.meta", "--solver", solver, "--k", str(a.k), "--threads", str(threads),
                          "--epochs", str(epochs), "--every", "1000", *(["--reg-linear", "1", "--reg-factors", "14"] if solver == "als" else [])], capture_output=True, text=True, check=True).stdout
    m = re.search(r"median sweep ([0-9.]+) ms \(min ([0-9.]+)\)", out)
    return float(m[1]) / 1000, float(m[2]) / 1000


def libfm(a, data, method, epochs):
    d, log = os.path.join(a.data, data), tempfile.mktemp()
    extra = ["-meta", f"{d}.meta"] if method == "mcmc" else ["-regular", "0,1,10"]
    subprocess.run([a.libfm, "-task", "r", "-train", f"{d}.libfm.train", "-test", f"{d}.libfm.test", "-method", method, "-dim", f"1,1,{a.k}", "-iter", str(epochs), "-init_stdev", "0.1",
                    "-seed", "1", "-rlog", log, *extra], capture_output=True, check=True)
    lines = [line.rstrip("\n").split("\t") for line in open(log)]
    os.remove(log)
    times = [float(r[lines[0].index("time_learn")]) for r in lines[1:] if len(r) == len(lines[0])]
    return statistics.median(times), min(times)


def myfm(a, data, blocks, epochs):
    code = r"""
import sys, time, numpy as np, myfm
from sklearn.datasets import load_svmlight_file
path, k, epochs, blocks = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "blocks"
meta = np.loadtxt(path + ".meta", dtype=int)
X, y = load_svmlight_file(path + ".libfm.train", n_features=len(meta), zero_based=True)
relations, order = [], np.arange(len(meta))
if blocks:  # the user's and the item's columns as one relation each: a group that follows from the user id is the user's
    ids = [X[:, np.flatnonzero(meta == g)].indices for g in (0, 1)]
    first = [np.unique(i, return_index=True) for i in ids]
    sides = [[0, 2, 3, 4], [1, 5]] if meta.max() == 5 else [[0], [1]]
    columns = [np.flatnonzero(np.isin(meta, s)) for s in sides]
    relations = [myfm.RelationBlock(np.searchsorted(first[s][0], ids[s]), X[first[s][1]][:, columns[s]]) for s in (0, 1)]
    order = np.concatenate(columns)
stamps = []
def note(i, fm, hyper, history):
    stamps.append(time.time())
    return False, None
myfm.MyFMRegressor(rank=k, random_seed=42).fit(None if blocks else X, y, X_rel=relations, grouping=list(meta[order]), n_iter=epochs, n_kept_samples=1, callback=note)
print(np.median(np.diff(stamps)), np.min(np.diff(stamps)))
"""
    out = subprocess.run([sys.executable, "-c", code, os.path.join(a.data, data), str(a.k), str(epochs), "blocks" if blocks else "flat"], capture_output=True, text=True, check=True).stdout
    return tuple(float(x) for x in out.split()[-2:])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("data")
    p.add_argument("--facto", required=True)
    p.add_argument("--libfm")
    p.add_argument("--myfm", action="store_true")
    p.add_argument("--rounds", type=int, default=2)
    p.add_argument("--k", type=int, default=16)
    p.add_argument("--only", choices=["gibbs", "rich", "als"])
    a = p.parse_args()
    runs = {}
    if a.only in (None, "gibbs"):
        runs["Facto Gibbs, ids, 1 thread"] = lambda: facto(a, "ml1m", "gibbs", 1, 25)
        runs["Facto Gibbs, ids, 2 threads"] = lambda: facto(a, "ml1m", "gibbs", 2, 25)
        if a.libfm: runs["libFM MCMC grouped, ids"] = lambda: libfm(a, "ml1m", "mcmc", 4)
        if a.myfm: runs["myFM grouped, ids, flat"] = lambda: myfm(a, "ml1m", False, 5)
    if a.only in (None, "rich"):
        runs["Facto Gibbs, rich, 1 thread"] = lambda: facto(a, "ml1m-rich", "gibbs", 1, 25)
        runs["Facto Gibbs, rich, 2 threads"] = lambda: facto(a, "ml1m-rich", "gibbs", 2, 25)
        if a.myfm: runs["myFM grouped, rich, flat"] = lambda: myfm(a, "ml1m-rich", False, 4)
        if a.myfm: runs["myFM grouped, rich, relation blocks"] = lambda: myfm(a, "ml1m-rich", True, 5)
    if a.only in (None, "als"):
        runs["Facto ALS, ids, 1 thread"] = lambda: facto(a, "ml1m", "als", 1, 25)
        runs["Facto ALS, ids, 2 threads"] = lambda: facto(a, "ml1m", "als", 2, 25)
        if a.libfm: runs["libFM ALS, ids"] = lambda: libfm(a, "ml1m", "als", 4)
    found = {name: [] for name in runs}
    for _ in range(a.rounds):
        for name, run in runs.items():
            found[name].append(run())
    print(f"| k = {a.k} | median s/sweep, each round | best s/sweep |\n|---|---|---|")
    for name, times in found.items():
        print(f"| {name} | {' / '.join(f'{m:.4f}' for m, _ in times)} | {min(b for _, b in times):.4f} |", flush=True)


main()
