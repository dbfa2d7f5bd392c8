#!/usr/bin/env python3
"""split.py RATINGS OUT: a column "part" (train, or test for a tenth by coin) beside the ratings, so that both programs learn from the same rows."""
import random, sys

coin = random.Random(0)
with open(sys.argv[1]) as source, open(sys.argv[2], "w") as out:
    next(source)
    out.write("user\titem\trating\tpart\n")
    for line in source:
        user, item, rating = line.rstrip("\n").split("\t")[:3]
        out.write(f"{user}\t{item}\t{rating}\t{'test' if coin.random() < 0.1 else 'train'}\n")
