#!/usr/bin/env python3
"""prepare.py ML-100K OUT: fold u1 as one file with a column "part", users with the first character of their zip code, items with their genres in one column."""
import os, sys

source, out = sys.argv[1:3]
os.makedirs(out, exist_ok=True)
genres = [line.split("|")[0] for line in open(os.path.join(source, "u.genre")) if "|" in line]
with open(os.path.join(out, "ratings.tsv"), "w") as f:
    f.write("user\titem\trating\ttime\tpart\n")
    for name, part in (("u1.base", "train"), ("u1.test", "test")):
        for line in open(os.path.join(source, name)):
            f.write(line.rstrip("\n") + f"\t{part}\n")
with open(os.path.join(out, "users.tsv"), "w") as f:
    f.write("user\tage\toccupation\tzip\n")
    for line in open(os.path.join(source, "u.user")):
        user, age, _, occupation, code = line.rstrip("\n").split("|")
        f.write(f"{user}\t{age}\t{occupation}\t{code[0]}\n")
with open(os.path.join(out, "items.tsv"), "w") as f:
    f.write("item\ttitle\tdate\tgenres\n")
    for line in open(os.path.join(source, "u.item"), encoding="latin-1"):
        c = line.rstrip("\n").split("|")
        f.write(f"{c[0]}\t{c[1]}\t{c[2][-4:]}\t{'|'.join(g for g, x in zip(genres, c[5:]) if x == '1')}\n")
