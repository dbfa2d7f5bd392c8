#!/usr/bin/env python3
"""prepare.py ML-1M-LIBFM OUT: the split of the libFM files as user, item, rating, part: with a tenth of the training rows for validation (select), and with all of them to learn from (final)."""
import os, random, sys

source, out = sys.argv[1:3]
coin = random.Random(0)
for name in ("select", "final"):
    os.makedirs(os.path.join(out, name), exist_ok=True)
files = {name: open(os.path.join(out, name, "ratings.tsv"), "w") for name in ("select", "final")}
for f in files.values():
    f.write("user\titem\trating\tpart\n")
for part in ("train", "test"):
    with open(os.path.join(source, f"ml1m.libfm.{part}")) as lines:
        for line in lines:
            rating, user, item = line.split()
            row = f"{user.split(':')[0]}\t{item.split(':')[0]}\t{rating}\t"
            files["final"].write(row + part + "\n")
            if part == "train":
                files["select"].write(row + ("validation" if coin.random() < 0.1 else "train") + "\n")
