#!/usr/bin/env python3
"""prepare.py FACTO_DATA OUT: goodbooks and movietweetings as libFM files train, validation and test (by coin, 80/10/10; of a repeated pair the last rating; ids of the training part), and the RMSE of the item mean."""
import os, random, sys

source, out = sys.argv[1:3]


def goodbooks():
    with open(os.path.join(source, "goodbooks-10k-v1", "ratings.csv")) as f:
        next(f)
        for line in f:
            item, user, rating = line.strip().split(",")
            yield user, item, float(rating)


def movietweetings():
    with open(os.path.join(source, "movietweetings-100k", "ratings.dat")) as f:
        for line in f:
            user, item, rating, _ = line.strip().split("::")
            yield user, item, float(rating)


for name, rows in (("goodbooks", goodbooks()), ("movietweetings", movietweetings())):
    coin, last, sums, squares = random.Random(0), {(u, i): r for u, i, r in rows}, {}, 0.0
    os.makedirs(out, exist_ok=True)
    parts = {"train": [], "validation": [], "test": []}
    for (u, i), r in last.items():
        c = coin.random()
        parts["test" if c < 0.1 else "validation" if c < 0.2 else "train"].append((u, i, r))
    users = {u: n for n, u in enumerate(dict.fromkeys(u for u, _, _ in parts["train"]))}
    items = {i: n + len(users) for n, i in enumerate(dict.fromkeys(i for _, i, _ in parts["train"]))}
    for part, rows in parts.items():
        with open(os.path.join(out, f"{name}.{part}"), "w") as f:
            for u, i, r in rows:
                known = [str(table[x]) + ":1" for table, x in ((users, u), (items, i)) if x in table]
                f.write(" ".join([f"{r:g}", *known]) + "\n")
    with open(os.path.join(out, f"{name}.meta"), "w") as f:
        f.write("0\n" * len(users) + "1\n" * len(items))
    for _, i, r in parts["train"]:
        s, n = sums.get(i, (0.0, 0))
        sums[i] = (s + r, n + 1)
    tests, count = [(i, r) for _, i, r in parts["test"]], len(parts["train"])
    mean = sum(s for s, _ in sums.values()) / count
    for i, r in tests:
        s, n = sums.get(i, (0.0, 0))
        squares += (r - (s + 5 * mean) / (n + 5)) ** 2    # five ratings at the overall mean beside an item's own
    print(f"{name}\titem mean\t5 ratings at the mean\t{(squares / len(tests)) ** 0.5:.4f}\t")
