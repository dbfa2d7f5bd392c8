#!/usr/bin/env python3
"""run.py FLAT [PROGRAM [NAME …]]: every data set of prepare.py, solver and k with no option but these, as tab-separated lines. Validation after 4, 20 and 50 passes and at best,
test after 20 passes and with --holdout 0.1. Metric: log loss, or RMSE of ratings; the last column is that of one number for everyone, on the test part."""
import json, math, re, shlex, subprocess, sys

flat, program = sys.argv[1], shlex.split(sys.argv[2] if len(sys.argv) > 2 else "dotnet ../../artifacts/bin/Facto.Cli/release/Facto.Cli.dll")
DATA = {"frappe": 50, "ml1m-bin": 50, "ml1m": 50, "ml1m-rich": 20, "ml100k": 50, "criteo10k": 50, "ipinyou": 50, "wide": 20}
names = sys.argv[3:] or list(DATA)


def run(*args):
    return subprocess.run([*program, "train", *args, "--seed", "1"], capture_output=True, text=True)


def labels(path, binary):
    values = [float(line.split(" ", 1)[0]) for line in open(path)]
    return [1.0 if v > 0.5 else 0.0 for v in values] if binary else values


def constant(name, binary):
    train, test = (labels(f"{flat}/{name}.{part}", binary) for part in ("train", "test"))
    mean = sum(train) / len(train)
    if not binary:
        return math.sqrt(sum((y - mean) ** 2 for y in test) / len(test))
    return -sum(math.log(mean if y else 1 - mean) for y in test) / len(test)


def judged(metric, *args):
    done = run(*args, "--json")
    return f"{json.loads(done.stdout)['metrics']['test'][metric]:.4f}" if done.returncode == 0 else "fails"


print("data", "solver", "k", "pass 4", "pass 20", "pass 50", "best", "test, 20 passes", "test, --holdout 0.1", "one number", sep="\t")
for name in names:
    binary = name not in ("ml1m", "ml1m-rich", "ml100k")
    metric, whole = ("logloss" if binary else "rmse"), constant(name, binary)
    files = ["--train", f"{flat}/{name}.train"]
    for solver in ("sgd", "adagrad", "adam"):
        for k in (0, 16, 64):
            how = ["--task", "binary" if binary else "regression", "--solver", solver, "--factors", str(k)]
            epochs = 20 if name in ("wide", "ml1m-rich") else DATA[name]
            done = run(*files, "--validation", f"{flat}/{name}.validation", "--patience", "0", "--epochs", str(epochs), *how)
            curve = [float(x) for x in re.findall(rf"pass \d+/\d+.*?{metric} ([0-9.]+)", done.stderr)]
            at = [f"{curve[p - 1]:.4f}" if len(curve) >= p else "fails" if done.returncode else "" for p in (4, 20, 50)]
            best = f"{min(curve):.4f} @{curve.index(min(curve)) + 1}" if curve else ""
            test = [*files, "--test", f"{flat}/{name}.test", "--epochs", "20", *how]
            print(name, solver, k, *at, best, judged(metric, *test), judged(metric, *test, "--holdout", "0.1"), f"{whole:.4f}", sep="\t", flush=True)
