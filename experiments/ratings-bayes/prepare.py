#!/usr/bin/env python3
"""prepare.py FACTO_DATA OUT: goodbooks and movietweetings as user, item, rating, part (train, validation or test by coin, 80/10/10; of a repeated pair the last rating), and the RMSE of the item mean."""
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
    coin, last = random.Random(0), {(u, i): r for u, i, r in rows}
    sums, count, squares, tests = {}, 0, 0.0, []
    os.makedirs(os.path.join(out, name), exist_ok=True)
    with open(os.path.join(out, name, "ratings.tsv"), "w") as f:
        f.write("user\titem\trating\tpart\n")
        for (u, i), r in last.items():
            c = coin.random()
            part = "test" if c < 0.1 else "validation" if c < 0.2 else "train"
            f.write(f"{u}\t{i}\t{r:g}\t{part}\n")
            if part == "test":
                tests.append((i, r))
            elif part == "train":
                s, n = sums.get(i, (0.0, 0))
                sums[i] = (s + r, n + 1)
                count += 1
    mean = sum(s for s, _ in sums.values()) / count
    for i, r in tests:
        s, n = sums.get(i, (0.0, 0))
        squares += (r - (s + 5 * mean) / (n + 5)) ** 2    # five ratings at the overall mean beside an item's own
    print(f"{name}\titem mean\t{(squares / len(tests)) ** 0.5:.4f}\t\t\t{count} train, {len(tests)} test")
