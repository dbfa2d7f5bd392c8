#!/usr/bin/env python3
"""
Makes the table of results from the committed ones: `experiments/table.py` prints it, --write puts all of it into docs/results.md and ten rows into
README.md, --check fails when a page differs.
"""
import json, os, re, sys

HERE = os.path.dirname(os.path.abspath(__file__))
README, RESULTS = os.path.join(HERE, "..", "README.md"), os.path.join(HERE, "..", "docs", "results.md")
BEGIN, END = "<!-- results: written by experiments/table.py -->", "<!-- end of results -->"


def tsv(name):
    lines = [line.rstrip("\n").split("\t") for line in open(os.path.join(HERE, name, "results.tsv"))]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def last(name, file, *metrics):
    text = open(os.path.join(HERE, name, file)).read()
    return [re.findall(re.escape(m) + r" ([0-9.]+)", text)[-1] for m in metrics]


def gibbs(k, sweeps):
    text = open(os.path.join(HERE, "ml-1m-bayes", "result.txt")).read()
    return re.search(rf"gibbs k={k} .*?rmse ([0-9.]+)@{sweeps}\b", text, re.S).group(1)


def speed(program, k, threads, data="ml-1m"):
    for line in open(os.path.join(HERE, f"../bench/results/{data}-speed.md")):
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if cells[:3] == [program, str(k), str(threads)]:
            return cells[3].split()[0], cells[7]
    raise SystemExit(f"no row {program} {k} {threads}")


def warp(begin):
    line = next(l for l in open(os.path.join(HERE, "ml-1m-warp", "result.txt")) if l.startswith(begin))
    return re.search(r"ndcg@10 ([0-9.]+)", line).group(1) + ", " + re.search(r"(?:processor|cpu) ([0-9.]+)", line).group(1)


def rows():
    for r, target in zip(tsv("ml-1m-rating"), ("0.8415", "0.8382", "0.8353")):
        yield "ml-1m-rating", f"MovieLens-1M, k = {r['k']}, AdaGrad: test RMSE", r["test RMSE"], f"{target} xLearn, tuned on test"
    ctr = tsv("frappe-ctr")
    for r, target in zip(ctr[:2], ("0.9770 / 0.1683 xLearn", "0.9833 / 0.1346 xLearn")):
        yield "frappe-ctr", f"Frappe, k = {r['k']}: AUC / log loss", f"{r['AUC']} / {r['logloss']}", target
    clicks = {r["model"]: f"{r['AUC']} / {r['logloss']}" for r in reversed(tsv("ml-1m-ctr"))}   # the first split of each
    fm, mf, linear = clicks["FM, all features"], clicks["MF, ids only"], clicks["logistic regression, all features"]
    yield "ml-1m-ctr", "MovieLens-1M clicks with side features, k = 16: AUC / log loss", fm, f"{mf} ids only; {linear} logistic regression"
    vectors = {(r["data"], r["objective"], r["vectors"]): f"{r['Recall@20']} / {r['NDCG@20']}" for r in tsv("match-naive-pooled")}
    match, naive, popular = vectors["ml-1m", "icd", "match"], vectors["ml-1m", "icd", "naive"], vectors["ml-1m", "-", "popularity"]
    yield "match-naive-pooled", "MovieLens-1M, last positive, full FM as vectors: Recall@20 / NDCG@20", match, f"{naive} without the item's bias; {popular} popularity"
    shop = {line.split()[0]: line.split() for line in reversed(open(os.path.join(HERE, "online-retail", "result.txt")).readlines()) if line.startswith(("  match ", "  popularity ", "  item-knn "))}   # of the first table
    fm, best, knn = (f"{shop[w][3]} / {shop[w][5]}" for w in ("match", "popularity", "item-knn"))
    yield "online-retail", "Online Retail from the raw csv, whole catalogue: Recall@20 / NDCG@20", fm, f"{best} popularity; {knn} item neighbours"
    yield "ml-1m-als", "MovieLens-1M, k = 16, ALS: test RMSE", f"{float(tsv('ml-1m-als')[-1]['test RMSE']):.4f}", "0.8418 libFM"
    yield "ml-1m-bayes", "MovieLens-1M, k = 16, Gibbs, 100 sweeps: test RMSE", gibbs(16, 100), "0.8335 myFM; our prior's start was chosen with sight of test"
    yield "ml-1m-bayes", "MovieLens-1M, k = 32, Gibbs, 300 sweeps: test RMSE", gibbs(32, 300), "0.8297 libFM; our prior's start was chosen with sight of test"
    yield "ml-1m-warp", "MovieLens-1M positives, WARP, k = 32: NDCG@10, processor seconds", warp("pass"), f"{warp('LightFM')} LightFM, 30 passes, same session"
    yield "yelp2018-d64", "Yelp2018, ids, d = 64, BSL: Recall@20 / NDCG@20", " / ".join(last("yelp2018-d64", "result.txt", "recall@20", "ndcg@20")), "0.0725 / 0.0599 BSL, pass chosen on test; ours the last of 200"
    u1 = tsv("ml-100k-u1")
    for task, target in (("regression", "0.8833 myFM"), ("ordinal", "0.8808 myFM")):
        yield "ml-100k-u1", f"MovieLens 100K fold u1, all features, k = 10, Gibbs, {'ordered probit' if task == 'ordinal' else task}: test RMSE by seed", " / ".join(f"{float(r['test RMSE']):.4f}" for r in u1 if r["task"] == task), target
    flipped = json.load(open(os.path.join(HERE, "ml-1m-flipped", "result.json")))["metrics"]["test"]["rmse"]
    yield "ml-1m-flipped", "MovieLens-1M 90/10, SVD++ flipped, k = 16, Gibbs, 200 sweeps: test RMSE", f"{flipped:.4f}", f"{float(last('ml-1m-flipped', 'result-myfm.txt', 'rmse')[0]):.4f} myFM, same rows and features"
    probit = json.load(open(os.path.join(HERE, "frappe-ctr", "result-gibbs.json")))["metrics"]["test"]
    yield "frappe-ctr", "Frappe, k = 16, probit by Gibbs: AUC / log loss", f"{probit['auc']:.4f} / {probit['logloss']:.4f}", "0.9709 / 0.2024 libFM"
    yield "gowalla-d64", "Gowalla, ids, d = 64, BSL: Recall@20 / NDCG@20", " / ".join(last("gowalla-d64", "result.txt", "recall@20", "ndcg@20")), "0.1882 / 0.1584 BSL; both settings chosen on test"
    yield "gowalla-d64", "Gowalla, ids, d = 256, BSL: Recall@20 / NDCG@20", " / ".join(last("gowalla-d64", "result-d256.txt", "recall@20", "ndcg@20")), "0.1882 / 0.1584 BSL of 64; ours the last of 100 passes"
    yield "gowalla-icd", "Gowalla, ids, d = 256, whole-catalogue: Recall@20 / NDCG@20", " / ".join(last("gowalla-icd", "result-d256.txt", "R@20", "N@20")), "0.1711 / 0.1444 iALS; both chose the pass on test"
    yield "frappe-topn", "Frappe top-n with contexts, whole-catalogue: HR@10", last("frappe-topn", "result-icd.txt", "hr@10")[0], f"{max(re.findall(r'hr@10 ([0-9.]+)', open(os.path.join(HERE, 'frappe-topn', 'result-logistic.txt')).read()))} logistic FM, untuned"
    new = {r["history of new users"]: r for r in tsv("new-users")}
    yield "new-users", "MovieLens-1M, users never learnt from, served by their history: recall@20", new["softmax, own vectors"]["recall@20"], f"{new['popularity']['recall@20']} popularity"
    for program, rival, k in (("Facto SGD", "libFM SGD", 16), ("Facto SGD", "libFM SGD", 64), ("Facto AdaGrad", "xLearn AdaGrad", 16), ("Facto AdaGrad", "xLearn AdaGrad", 64)):
        ours, ratio = speed(program, k, 1)
        yield "speed", f"MovieLens-1M, {program[6:]}, k = {k}, one thread: M examples/s", f"{ours} ({ratio})", f"{speed(rival, k, 1)[0]} {rival.split()[0]}, same run"
    for threads, word in ((1, "one thread"), (2, "two threads")):
        ours, ratio = speed("Facto AdaGrad", 16, threads, "synth-ctr")
        yield "wide", f"39 fields, 930 k features, AdaGrad, k = 16, {word}: M examples/s", f"{ours} ({ratio})", f"{speed('xLearn AdaGrad', 16, threads, 'synth-ctr')[0]} xLearn, same run"
    yield "exact", "A million generated items, the exact best 100, one thread: µs a query", *exact()


def exact():
    cells = {line.split("|")[1].strip(): [c.strip() for c in line.split("|")] for line in open(os.path.join(HERE, "../bench/results/exact-1m.md")) if line.startswith("|")}
    ours, flat = cells["bounded int8"], cells["Faiss IndexFlatIP"]
    return f"{ours[2]} ({ours[3]}×)", f"{flat[2]} Faiss flat, AVX-512, same run"


SHORT = (   # the rows of the README, by how they begin: one claim of each kind
    "MovieLens-1M, k = 64, AdaGrad", "Frappe, k = 64:", "MovieLens-1M, k = 32, Gibbs", "MovieLens-1M, last positive",
    "Online Retail", "Gowalla, ids, d = 256, BSL", "Frappe top-n", "MovieLens-1M, SGD, k = 64",
    "39 fields, 930 k features, AdaGrad, k = 16, two threads", "A million generated items")
LINKS = {"speed": "bench/results/ml-1m-speed.md", "wide": "bench/results/synth-ctr-speed.md", "exact": "bench/results/exact-1m.md"}


def table(up, wanted=lambda what: True):
    """`up` is the way from the page to the root of the repository."""
    out = ["| what | Facto | beside |", "|---|---|---|"]
    for folder, what, ours, beside in rows():
        if wanted(what):
            out.append(f"| [{what}]({up}{LINKS.get(folder, f'experiments/{folder}/README.md')}) | {ours} | {beside} |")
    return "\n".join(out)


def pages():
    short = table("", lambda what: what.startswith(SHORT))
    if short.count("\n") != len(SHORT) + 1:
        raise SystemExit("a row of the README's table is not among the results any more: change SHORT in experiments/table.py")
    yield README, short
    yield RESULTS, table("../")


def main():
    if len(sys.argv) == 1:
        print(table(""))
        return
    for path, wanted in pages():
        text = open(path).read()
        before, rest = text.split(BEGIN)
        whole = f"{before}{BEGIN}\n{wanted}\n{END}{rest.split(END)[1]}"
        if sys.argv[1] == "--write":
            open(path, "w").write(whole)
        elif whole != text:
            sys.exit(f"{os.path.basename(path)}'s results differ from the committed ones: run experiments/table.py --write")


main()
