#!/usr/bin/env python3
"""prepare.py DATA OUT [WIDE]: flat files NAME.train, NAME.validation and NAME.test of every data set here; a tenth of what is given for training becomes the validation part, but for Frappe's own."""
import math, os, random, sys

data, out = sys.argv[1:3]
wide = sys.argv[3] if len(sys.argv) > 3 else None


def write(name, train, test, validation=None):
    coin = random.Random(0)
    files = {part: open(os.path.join(out, f"{name}.{part}"), "w") for part in ("train", "validation", "test")}
    for line in train:
        files["validation" if validation is None and coin.random() < 0.1 else "train"].write(line)
    for line in validation or []:
        files["validation"].write(line)
    for line in test:
        files["test"].write(line)


def lines(*path):
    return open(os.path.join(data, *path))


def clicks(rows):
    for row in rows:
        rating, rest = row.split(" ", 1)
        yield f"{1 if float(rating) >= 4 else 0} {rest}"


def ratings(rows, users=943):
    for row in rows:
        user, item, rating, _ = row.split()
        yield f"{rating} {user}:1 {users + int(item)}:1\n"


def criteo(rows):
    ids = {}
    for row in rows:
        label, *cells = row.rstrip("\n").split("\t")
        for field, cell in enumerate(cells):
            if field < 13 and cell:
                number = int(cell)
                cell = str(int(math.log(number) ** 2)) if number > 2 else str(number)
            cells[field] = ids.setdefault((field, cell), len(ids))
        yield label + "".join(f" {i}:1" for i in cells) + "\n"


os.makedirs(out, exist_ok=True)
write("frappe", lines("frappe", "frappe.train.libfm"), lines("frappe", "frappe.test.libfm"), lines("frappe", "frappe.validation.libfm"))
for name in ("ml1m", "ml1m-rich"):
    write(name, lines("ml-1m-libfm", f"{name}.libfm.train"), lines("ml-1m-libfm", f"{name}.libfm.test"))
write("ml1m-bin", clicks(lines("ml-1m-libfm", "ml1m.libfm.train")), clicks(lines("ml-1m-libfm", "ml1m.libfm.test")))
write("ml100k", ratings(lines("ml-100k", "u1.base")), ratings(lines("ml-100k", "u1.test")))
write("ipinyou", lines("ipinyou-demo", "train.fm.txt"), lines("ipinyou-demo", "test.fm.txt"))
rows = list(criteo(lines("criteo-10k", "train_examples.txt")))
random.Random(0).shuffle(rows)
write("criteo10k", rows[2000:], rows[:2000])
if wide:
    write("wide", open(wide + ".libfm.train"), open(wide + ".libfm.test"))
