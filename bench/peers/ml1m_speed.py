#!/usr/bin/env python3
"""Training speed on MovieLens-1M, two fields, beside libFM and xLearn: interleaved rounds on one machine, medians, one table.

    FACTO_DATA=... LIBFM=/path/to/libFM XLEARN=/path/to/xlearn_train bench/peers/ml1m_speed.py [--rounds 3] > bench/results/ml-1m-speed.md

FACTO names the command (the built tool by default). A rival that is not named is left out. Training passes only: Facto's seconds are its own timer around
the passes, libFM's the learn column of its -rlog, xLearn's its total time less its reading time over its epochs, which includes its validation pass.
"""
import json, os, re, statistics, subprocess, sys, tempfile, time

ROUNDS = int(sys.argv[sys.argv.index("--rounds") + 1]) if "--rounds" in sys.argv else 3
HERE = os.path.dirname(os.path.abspath(__file__))
FACTO = os.environ.get("FACTO", "dotnet " + os.path.join(HERE, "../../artifacts/bin/Facto.Cli/release/Facto.Cli.dll")).split()
DATA = os.path.join(os.environ.get("FACTO_DATA") or sys.exit("ml1m_speed: set FACTO_DATA to the folder of data sets"), "ml-1m-libfm")
TRAIN, TEST = os.path.join(DATA, "ml1m.libfm.train"), os.path.join(DATA, "ml1m.libfm.test")
ROWS = 900_183


def run(command, **kwargs):
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "USER": os.environ.get("USER", "bench")}, **kwargs)
    if done.returncode != 0:
        sys.exit(f"ml1m_speed: {' '.join(command[:2])} ended with {done.returncode}: {done.stderr[-300:]}")
    return done.stdout, time.perf_counter() - start


def facto(solver, k, threads):
    out, wall = run(FACTO + ["train", "--train", TRAIN, "--test", TEST, "--solver", solver, "-k", str(k), "--epochs", "20", "--threads", str(threads), "--quiet", "--json"])
    result = json.loads(out)
    return result["train"]["examples_per_second"], result["train"]["read_seconds"], result["metrics"]["test"]["rmse"], wall


def libfm(k):
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "rlog")
        start = time.perf_counter()
        run([os.environ["LIBFM"], "-task", "r", "-train", TRAIN, "-test", TEST, "-method", "sgd", "-dim", f"1,1,{k}", "-iter", "10", "-learn_rate", "0.01",
             "-regular", "0,0.005,0.055", "-init_stdev", "0.1", "-seed", "1", "-rlog", log])
        wall = time.perf_counter() - start
        lines = [line.split("\t") for line in open(log)]
    learn, rmse = lines[0].index("time_learn"), lines[0].index("rmse")
    return ROWS / statistics.median(float(line[learn]) for line in lines[1:]), float("nan"), float(lines[-1][rmse]), wall


def xlearn(k, threads):
    with tempfile.TemporaryDirectory() as folder:
        out, wall = run([os.environ["XLEARN"], TRAIN, "-s", "4", "-v", TEST, "-x", "rmse", "-p", "adagrad", "-k", str(k), "-r", "0.2", "-b", "0.01", "-e", "11",
                         "-nthread", str(threads), "-m", "none", "--no-bin", "--dis-es"], cwd=folder)
    text = re.sub(r"\x1b\[[0-9;]*m", "", out)
    read = float(re.search(r"reading problem: ([0-9.]+)", text).group(1))
    total = float(re.search(r"Total time cost: ([0-9.]+)", text).group(1))
    rmse = [float(row.split()[-2]) for row in text.splitlines() if re.match(r"\[ +\d+% +\]", row)]
    return 11 * ROWS / (total - read), read, rmse[-1], wall


jobs = {}
for k in (16, 64):
    if "LIBFM" in os.environ:
        jobs[f"libFM SGD|{k}|1"] = lambda k=k: libfm(k)
    jobs[f"Facto SGD|{k}|1"] = lambda k=k: facto("sgd", k, 1)
    for threads in (1, 2):
        if "XLEARN" in os.environ:
            jobs[f"xLearn AdaGrad|{k}|{threads}"] = lambda k=k, t=threads: xlearn(k, t)
        jobs[f"Facto AdaGrad|{k}|{threads}"] = lambda k=k, t=threads: facto("adagrad", k, t)

seen = {name: [] for name in jobs}
for _ in range(ROUNDS):
    for name, job in jobs.items():
        seen[name].append(job())

cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?") if os.path.exists("/proc/cpuinfo") else "?"
print("# Training speed on MovieLens-1M, two fields\n")
print(f"{time.strftime('%Y-%m-%d')}, {cpu}, {os.cpu_count()} cores, {ROWS} rows, {ROUNDS} interleaved rounds, median (min – max). Written by `bench/peers/ml1m_speed.py`, whose head says what")
print("is timed. The RMSE is that of the last pass at these settings (Facto: its defaults, 20 passes, which is past its best), to show that the work was done: quality is compared in experiments/.\n")
print("| program | k | threads | M examples/s | reading s | whole process s | test RMSE | ratio |\n|---|---|---|---|---|---|---|---|")
for name, rounds in seen.items():
    program, k, threads = name.split("|")
    speeds = [r[0] / 1e6 for r in rounds]
    rival = {"Facto SGD": "libFM SGD", "Facto AdaGrad": "xLearn AdaGrad"}.get(program)
    other = seen.get(f"{rival}|{k}|{threads}")
    read = statistics.median(r[1] for r in rounds)
    read = "–" if read != read else f"{read:.3f}"
    ratio = f"{statistics.median(speeds) / statistics.median(r[0] / 1e6 for r in other):.1f}×" if other else ""
    print(f"| {program} | {k} | {threads} | {statistics.median(speeds):.1f} ({min(speeds):.1f} – {max(speeds):.1f}) | {read} | {statistics.median(r[3] for r in rounds):.2f} | {rounds[-1][2]:.4f} | {ratio} |")
