#!/usr/bin/env python3
"""myfm_flipped.py RATINGS-WITH-PART K SWEEPS: the same features in myFM's relation blocks; the mean of the clipped predictions of all sweeps after the tenth."""
import sys, time
import numpy as np
import myfm
from myfm import RelationBlock
from scipy import sparse

rows = [line.rstrip("\n").split("\t") for line in open(sys.argv[1])][1:]
k, sweeps, burn_in = int(sys.argv[2]), int(sys.argv[3]), 10
part = np.array([r[3] == "test" for r in rows])
rating = np.array([float(r[2]) for r in rows])
names = [np.array([int(r[c]) for r in rows]) for c in (0, 1)]
known = [np.unique(n[~part]) for n in names]                       # vocabularies from the training part
index = [{v: i for i, v in enumerate(u)} for u in known]
train = [np.array([index[c][v] for v in names[c][~part]]) for c in (0, 1)]
test = [np.array([index[c].get(v, len(known[c])) for v in names[c][part]]) for c in (0, 1)]   # the last row is an unknown id: no features


def table(own, other, own_count, other_count):
    """[id | bag of the other side's ids, each 1/sqrt(bag)] of every row, and one empty row."""
    bag = sparse.csr_matrix((np.ones(len(own)), (own, other)), shape=(own_count, other_count))
    sizes = np.asarray(bag.sum(axis=1)).ravel()
    whole = sparse.hstack([sparse.identity(own_count), sparse.diags(1 / np.sqrt(np.maximum(sizes, 1))) @ bag])
    return sparse.vstack([whole, sparse.csr_matrix((1, own_count + other_count))], format="csr")


n = [len(u) for u in known]
tables = [table(train[0], train[1], n[0], n[1]), table(train[1], train[0], n[1], n[0])]
blocks = [[RelationBlock(side[c], tables[c]) for c in (0, 1)] for side in (train, test)]
groups = [0] * n[0] + [1] * n[1] + [2] * n[1] + [3] * n[0]
low, high, truth = rating[~part].min(), rating[~part].max(), rating[part]
mean, times, none = np.zeros(len(truth)), [], sparse.csr_matrix((len(truth), 0))



def after_sweep(i, fm, hyper, history):
    global mean
    times.append(time.time())
    if i >= burn_in:
        mean += np.clip(fm.predict_score(none, blocks[1]), low, high)
    if (i + 1) % 10 == 0 and i >= burn_in:
        rmse = np.sqrt(np.mean((mean / (i + 1 - burn_in) - truth) ** 2))
        print(f"myFM k={k} sweep {i + 1}: rmse {rmse:.5f}, median s/sweep {np.median(np.diff(times)):.3f}", flush=True)
    return False, None


myfm.MyFMRegressor(rank=k, random_seed=42).fit(None, rating[~part], X_rel=blocks[0], grouping=groups, n_iter=sweeps, n_kept_samples=1, callback=after_sweep)
