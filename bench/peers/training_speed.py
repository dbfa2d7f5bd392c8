#!/usr/bin/env python3
"""Training speed beside libFM and xLearn: interleaved rounds on one machine, medians, one table, with the peak memory of every process.

    FACTO_DATA=... LIBFM=/path/to/libFM XLEARN=/path/to/xlearn_train bench/peers/training_speed.py [ml-1m|ml-1m-rich|synth-ctr] [--rounds 3] > bench/results/NAME-speed.md

FACTO names the command (the built tool by default). A rival that is not named is left out. Training passes only: Facto's seconds are its own timer around
the passes, libFM's the learn column of its -rlog (its user CPU), xLearn's its total time less its reading time over its epochs, which includes its validation pass.
"""
import json, os, re, statistics, subprocess, sys, tempfile, time

SETS = {
    "ml-1m": dict(
        title="MovieLens-1M, two fields", train="ml-1m-libfm/ml1m.libfm.train", test="ml-1m-libfm/ml1m.libfm.test", rows=900_183, task="regression", metric="rmse", factors=(16, 64),
        facto=["--epochs", "20"], libfm=["-learn_rate", "0.01", "-regular", "0,0.005,0.055", "-init_stdev", "0.1"], libfm_passes=10, xlearn=["-r", "0.2", "-b", "0.01"], xlearn_passes=11,
        said="Facto: its defaults, 20 passes, which is past its best"),
    "ml-1m-rich": dict(
        title="MovieLens-1M with age, gender, occupation and genres", train="ml-1m-libfm/ml1m-rich.libfm.train", test="ml-1m-libfm/ml1m-rich.libfm.test", rows=900_183, task="regression",
        metric="rmse", factors=(16, 64), facto=["--epochs", "10"], libfm=["-learn_rate", "0.005", "-regular", "0,0.005,0.04", "-init_stdev", "0.05"], libfm_passes=4,
        xlearn=["-r", "0.5", "-b", "0.001"], xlearn_passes=5, said="Facto: its defaults, 10 passes; the rivals are far from their best after so few"),
    "synth-ctr": dict(
        title="generated clicks, 39 fields, 929,686 features", train="synth-ctr/synth.libfm.train", test="synth-ctr/synth.libfm.test", rows=900_000, task="binary", metric="logloss", factors=(16,),
        facto=["--epochs", "4", "--learning-rate", "0.02", "--init-stdev", "0.01", "--reg-factors", "0.01"], libfm=None, libfm_passes=0, xlearn=["-r", "0.1", "-b", "0.00002"], xlearn_passes=4,
        said="4 passes each; Facto's rates were chosen with sight of this test part"),
}


def option(name, otherwise):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else otherwise


NAME = next((a for a in sys.argv[1:] if a in SETS), "ml-1m")
SET, ROUNDS = SETS[NAME], int(option("--rounds", "3"))
HERE = os.path.dirname(os.path.abspath(__file__))
FACTO = os.environ.get("FACTO", "dotnet " + os.path.join(HERE, "../../artifacts/bin/Facto.Cli/release/Facto.Cli.dll")).split()
DATA = os.environ.get("FACTO_DATA") or sys.exit("training_speed: set FACTO_DATA to the folder of data sets")
TRAIN, TEST = os.path.join(DATA, SET["train"]), os.path.join(DATA, SET["test"])


def run(command, **kwargs):
    """stdout, wall seconds and peak MB of a command."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, "USER": os.environ.get("USER", "bench")}, **kwargs)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        out.seek(0), err.seek(0)
        if process.returncode != 0:
            sys.exit(f"training_speed: {' '.join(command[:2])} ended with {process.returncode}: {err.read()[-300:]}")
        return out.read(), wall, usage.ru_maxrss / 1024


def facto(solver, k, threads):
    out, wall, peak = run(FACTO + ["train", "--train", TRAIN, "--test", TEST, "--task", SET["task"], "--solver", solver, "-k", str(k), *SET["facto"], "--threads", str(threads), "--quiet", "--json"])
    result = json.loads(out)
    return result["train"]["examples_per_second"], result["train"]["read_seconds"], result["metrics"]["test"][SET["metric"]], wall, peak


def libfm(k):
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "rlog")
        _, wall, peak = run([os.environ["LIBFM"], "-task", "r" if SET["task"] == "regression" else "c", "-train", TRAIN, "-test", TEST, "-method", "sgd", "-dim", f"1,1,{k}",
                             "-iter", str(SET["libfm_passes"]), *SET["libfm"], "-seed", "1", "-rlog", log])
        lines = [line.split("\t") for line in open(log)]
    learn, rmse = lines[0].index("time_learn"), lines[0].index("rmse")
    return SET["rows"] / statistics.median(float(line[learn]) for line in lines[1:]), float("nan"), float(lines[-1][rmse]), wall, peak


def xlearn(k, threads):
    metric = "rmse" if SET["task"] == "regression" else "auc"
    with tempfile.TemporaryDirectory() as folder:
        out, wall, peak = run([os.environ["XLEARN"], TRAIN, "-s", "4" if SET["task"] == "regression" else "1", "-v", TEST, "-x", metric, "-p", "adagrad", "-k", str(k), *SET["xlearn"],
                               "-e", str(SET["xlearn_passes"]), "-nthread", str(threads), "-m", "none", "--no-bin", "--dis-es"], cwd=folder)
    text = re.sub(r"\x1b\[[0-9;]*m", "", out)
    read = float(re.search(r"reading problem: ([0-9.]+)", text).group(1))
    total = float(re.search(r"Total time cost: ([0-9.]+)", text).group(1))
    # Pass, train loss, test loss, metric, seconds.
    passes = [row.split() for row in text.splitlines() if re.match(r"\[ +\d+% +\]", row)]
    return SET["xlearn_passes"] * SET["rows"] / (total - read), read, float(passes[-1][-2 if metric == "rmse" else -3]), wall, peak


jobs = {}
for k in SET["factors"]:
    if SET["libfm"]:
        if "LIBFM" in os.environ:
            jobs[f"libFM SGD|{k}|1"] = lambda k=k: libfm(k)
        for threads in (1, 2):
            jobs[f"Facto SGD|{k}|{threads}"] = lambda k=k, t=threads: facto("sgd", k, t)
    for threads in (1, 2):
        if "XLEARN" in os.environ:
            jobs[f"xLearn AdaGrad|{k}|{threads}"] = lambda k=k, t=threads: xlearn(k, t)
        jobs[f"Facto AdaGrad|{k}|{threads}"] = lambda k=k, t=threads: facto("adagrad", k, t)

seen = {name: [] for name in jobs}
for _ in range(ROUNDS):
    for name, job in jobs.items():
        seen[name].append(job())

cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?") if os.path.exists("/proc/cpuinfo") else "?"
metric = {"rmse": "RMSE", "logloss": "log loss"}[SET["metric"]]
print(f"# Training speed on {SET['title']}\n")
print(f"{time.strftime('%Y-%m-%d')}, {cpu}, {os.cpu_count()} cores, {SET['rows']} rows, {ROUNDS} interleaved rounds, median (min – max). Written by `bench/peers/training_speed.py {NAME}`, whose head says what")
print(f"is timed. The {metric} is that of the last pass at these settings ({SET['said']}), to show that the work was done: quality is compared in experiments/.")
print("Of one thread: the speed over that of the same program with one thread.\n")
print(f"| program | k | threads | M examples/s | reading s | whole process s | test {metric} | ratio | of one thread | peak MB |\n|---|---|---|---|---|---|---|---|---|---|")
for name, rounds in seen.items():
    program, k, threads = name.split("|")
    speeds = [r[0] / 1e6 for r in rounds]
    rival = {"Facto SGD": "libFM SGD", "Facto AdaGrad": "xLearn AdaGrad"}.get(program)
    other, one = seen.get(f"{rival}|{k}|{threads}"), seen.get(f"{program}|{k}|1")
    read = statistics.median(r[1] for r in rounds)
    read = "–" if read != read else f"{read:.3f}"
    digits = 1 if statistics.median(speeds) >= 10 else 2
    ratio = f"{statistics.median(speeds) / statistics.median(r[0] / 1e6 for r in other):.1f}×" if other else ""
    scaling = f"{statistics.median(speeds) / statistics.median(r[0] / 1e6 for r in one):.2f}×" if threads != "1" else ""
    print(f"| {program} | {k} | {threads} | {statistics.median(speeds):.{digits}f} ({min(speeds):.{digits}f} – {max(speeds):.{digits}f}) | {read} | {statistics.median(r[3] for r in rounds):.2f} "
          f"| {rounds[-1][2]:.4f} | {ratio} | {scaling} | {max(r[4] for r in rounds):.0f} |")
