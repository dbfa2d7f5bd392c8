#!/usr/bin/env python3
"""Every member of the family, and xLearn and LIBFFM where their paths are given, on four click logs: same rows, same epochs' choice, five seeds.

    FACTO_DATA=… [SEEDS=5] [MODELS=part of a name] [XLEARN=…/build] [LIBFFM=…] experiments/family/run.py [data set …] > experiments/family/results.tsv

The epoch is chosen by log loss on the validation rows, the model judged once on the test rows. A seed fixes initial factors and visiting order (Facto), the order of
the training rows (rivals, which have no seed for it) and, for ml-1m and criteo-10k, which have no published split, the split 80 : 10 : 10.
"""
import json, math, os, random, re, subprocess, sys, tempfile

data_folder = os.environ["FACTO_DATA"]
facto = os.environ.get("FACTO", os.path.join(os.path.dirname(__file__), "../../artifacts/bin/Facto.Cli/release/Facto.Cli"))
xlearn, libffm = os.environ.get("XLEARN"), os.environ.get("LIBFFM")
seeds = range(1, int(os.environ.get("SEEDS", "5")) + 1)
scratch = tempfile.mkdtemp()

# Settings by data set, chosen on validation rows of seed 1 (README); what is not named is the default that follows the data.
settings = {
    "frappe": {
        "FM k=16": "-k 16", "FwFM k=16": "-k 16 --family fwfm", "FvFM k=16": "-k 16 --family fvfm", "FM3 k=16": "-k 16 --family fm3",
        "FFM k=4": "-k 4 --family ffm", "FFM k=16": "-k 16 --family ffm --patience 2 --epochs 25",
        "FM k=64": "-k 64", "FwFM k=64": "-k 64 --family fwfm --epochs 4 --schedule Cosine", "FwFM k=128": "-k 128 --family fwfm --epochs 4 --schedule Cosine", "FwFM k=32": "-k 32 --family fwfm --epochs 6 --schedule Cosine",
        "FvFM k=32": "-k 32 --family fvfm --epochs 4 --schedule Cosine",
        "FvFM k=64": "-k 64 --family fvfm --epochs 4 --schedule Cosine", "FvFM k=128": "-k 128 --family fvfm --epochs 4 --schedule Cosine",
        "FM3 k=64": "-k 64 --family fm3 --epochs 20 --patience 2 --learning-rate 0.3 --reg-factors 0.006 --reg-linear 0.0006",
    },
    "default": {"FM k=8": "-k 8", "FwFM k=8": "-k 8 --family fwfm", "FvFM k=8": "-k 8 --family fvfm", "FmFM k=8": "-k 8 --family fmfm", "FM3 k=8": "-k 8 --family fm3", "FFM k=4": "-k 4 --family ffm"},
}
rivals = [("xLearn FFM k=4", "0.2", "0.00002", True), ("xLearn FFM k=4, no norm", "0.1", "0.00002", False), ("LIBFFM k=4", "0.2", "0.00002", True), ("LIBFFM k=4, no norm", "0.1", "0.00002", False)]


def frappe(seed):
    def rows(part):
        for line in open(f"{data_folder}/frappe/frappe.{part}.libfm"):
            words = line.split()
            yield int(float(words[0]) > 0), [(f, int(w.split(":")[0])) for f, w in enumerate(words[1:])]
    return [list(rows(part)) for part in ("train", "validation", "test")]


def ipinyou(seed):
    def rows(part):
        for line in open(f"{data_folder}/ipinyou-demo/{part}.fm.txt"):
            words = line.split()
            yield int(float(words[0]) > 0), [(f, int(w.split(":")[0])) for f, w in enumerate(words[1:])]
    train, test = list(rows("train")), list(rows("test"))
    random.Random(seed).shuffle(train)
    return [train[len(train) // 10:], train[:len(train) // 10], test]


def tenths(rows, seed):
    random.Random(seed).shuffle(rows)
    tenth = len(rows) // 10
    return [rows[2 * tenth:], rows[:tenth], rows[tenth:2 * tenth]]


def numbered(rows, least=1):
    """Values → feature numbers, field after field; what training has less than `least` times shares one feature of its field."""
    counts = {}
    for _, values in rows[0]:
        for key in enumerate(values): counts[key] = counts.get(key, 0) + 1
    fields = len(rows[0][0][1])
    known = sorted(k for k, n in counts.items() if n >= least)
    number, offset = {}, []
    for f in range(fields):
        offset.append(len(number) + f)                      # the rare and unknown ones of the field
        for key in (k for k in known if k[0] == f): number[key] = len(number) + f + 1
    return [[(y, [(f, number.get((f, v), offset[f])) for f, v in enumerate(values)]) for y, values in part] for part in rows]


def criteo(seed):
    def bucket(text):
        if text == "": return ""
        x = int(text)
        return str(int(math.log(x) ** 2)) if x > 2 else str(x)
    rows = []
    for line in open(f"{data_folder}/criteo-10k/train_examples.txt"):
        words = line.rstrip("\n").split("\t")
        rows.append((int(words[0]), [bucket(w) for w in words[1:14]] + words[14:40]))
    return numbered(tenths(rows, seed), least=4)


def movielens(seed):
    users, movies = {}, {}
    for line in open(f"{data_folder}/ml-1m-full/users.dat", encoding="latin-1"):
        u, gender, age, job, _ = line.split("::")
        users[u] = [gender, age, job]
    for line in open(f"{data_folder}/ml-1m-full/movies.dat", encoding="latin-1"):
        i, _, genres = line.rstrip("\n").split("::")
        movies[i] = [genres]
    rows = []
    for line in open(f"{data_folder}/ml-1m-full/ratings.tsv"):
        u, i, rating = line.split("\t")[:3]
        if u != "user" and rating != "3": rows.append((int(rating >= "4"), [u, i, *users[u], *movies[i]]))
    return numbered(tenths(rows, seed))


loaders = {"frappe": frappe, "ipinyou-demo": ipinyou, "criteo-10k": criteo, "ml-1m": movielens}


def write(parts, seed):
    names = []
    for part, rows in zip(("train", "validation", "test"), parts):
        names.append(f"{scratch}/{part}.ffm")
        if part == "train": rows = random.Random(seed).sample(rows, len(rows))
        with open(names[-1], "w") as out:
            for y, features in rows: out.write(f"{y} " + " ".join(f"{f}:{j}:1" for f, j in features) + "\n")
    return names


def judge(labels, predictions):
    loss = -sum(math.log(min(max(p if y else 1 - p, 1e-7), 1)) for y, p in zip(labels, predictions)) / len(labels)
    order = sorted(range(len(labels)), key=lambda i: predictions[i])
    ranks, i = 0.0, 0
    while i < len(order):
        j = i
        while j < len(order) and predictions[order[j]] == predictions[order[i]]: j += 1
        ranks += (i + j + 1) / 2 * sum(labels[k] for k in order[i:j])
        i = j
    positives = sum(labels)
    return loss, (ranks - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))


def floats(path): return [float(line.split()[-1]) for line in open(path)]


def run_facto(options, files, seed, labels):
    if "--epochs" not in options: options += " --epochs 40"
    run = subprocess.run([facto, "train", "--train", files[0], "--validation", files[1], "--test", files[2], "--task", "binary", "--seed", str(seed),
                          "--predictions", f"{scratch}/p.txt", "--json", *options.split()], capture_output=True, text=True, check=True)
    report = json.loads(run.stdout)["train"]
    return judge(labels, floats(f"{scratch}/p.txt")), report["best_pass"], report["seconds"] / report["passes"]


def run_libffm(rate, penalty, norm, files, labels):
    flags = [] if norm else ["--no-norm"]
    subprocess.run([f"{libffm}/ffm-train", "-k", "4", "-t", "60", "-r", rate, "-l", penalty, "-s", "1", *flags, "--auto-stop", "-p", files[1], files[0], f"{scratch}/m"], capture_output=True, check=True, cwd=scratch)
    subprocess.run([f"{libffm}/ffm-predict", files[2], f"{scratch}/m", f"{scratch}/p.txt"], capture_output=True, check=True)
    return judge(labels, floats(f"{scratch}/p.txt")), "", ""


def run_xlearn(rate, penalty, norm, files, labels, seed):
    flags = [] if norm else ["--no-norm"]
    environment = dict(os.environ, USER="bench")
    for name in files: 
        if os.path.exists(name + ".bin"): os.remove(name + ".bin")
    subprocess.run([f"{xlearn}/xlearn_train", files[0], "-s", "2", "-v", files[1], "-k", "4", "-r", rate, "-b", penalty, "-e", "60", "-nthread", "1", "-seed", str(seed), "-m", f"{scratch}/x", *flags],
                   capture_output=True, check=True, env=environment, cwd=scratch)
    subprocess.run([f"{xlearn}/xlearn_predict", files[2], f"{scratch}/x", "-o", f"{scratch}/p.txt", "--sigmoid", *flags], capture_output=True, check=True, env=environment, cwd=scratch)
    return judge(labels, floats(f"{scratch}/p.txt")), "", ""


def main():
    print("data\tmodel\tseed\ttest logloss\ttest AUC\tbest epoch\tseconds per epoch", flush=True)
    for name in sys.argv[1:] or loaders:
        for seed in seeds:
            parts = loaders[name](seed)
            files, labels = write(parts, seed), [y for y, _ in parts[2]]
            runs = [(model, lambda o=o: run_facto(o, files, seed, labels)) for model, o in settings.get(name, settings["default"]).items()]
            runs += [(m, lambda r=(rate, l2, norm), m=m: (run_xlearn(*r, files, labels, seed) if m[0] == "x" else run_libffm(*r, files, labels))) for m, rate, l2, norm in rivals if (xlearn if m[0] == "x" else libffm)]
            for model, run in runs:
                if os.environ.get("MODELS", model) not in model: continue
                try:
                    (loss, auc), epoch, seconds = run()
                    print(name, model, seed, f"{loss:.5f}", f"{auc:.5f}", epoch, f"{seconds:.3f}" if seconds else "", sep="\t", flush=True)
                except (subprocess.CalledProcessError, FileNotFoundError) as e:
                    print(name, model, seed, "failed", str(getattr(e, "stderr", e))[-100:].replace("\n", " "), sep="\t", flush=True)


if __name__ == "__main__": main()
