#!/usr/bin/env bash
# Regenerates validation.tsv and results.tsv. FACTO_DATA: folder with ml-1m-full/ and goodbooks-10k-v1/. FACTO: the command, the built tool by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
facto=${FACTO:-"dotnet ../../artifacts/bin/Facto.Cli/release/Facto.Cli.dll"}
: "${FACTO_DATA:?set FACTO_DATA}"
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
python3 - "$FACTO_DATA/goodbooks-10k-v1/ratings.csv" "$scratch/shuffled.csv" <<'PY'
import random, sys
header, *rows = open(sys.argv[1]).read().splitlines()
random.Random(1).shuffle(rows)
open(sys.argv[2], "w").write("\n".join([header, *rows]) + "\n")
PY
printf 'data\tobjective\tsettings\tpass\tvalidation\n' > validation.tsv
printf 'data\tobjective\tvectors\tRecall@20\tNDCG@20\tcoverage@20\n' > results.tsv

icd=(--range 'reg-factors=0.001..0.3 log' --range 'unobserved-weight=0.01..1 log' --range 'reg-exponent=0.3..1')
logistic=(--range 'learning-rate=0.03..0.3 log' --range 'reg-factors=0.001..0.03 log' --range 'reg-linear=0.00001..0.001 log')

# Data, objective (which names the ranges to search), options of import, options of training. The search looks at the validation part only and
# writes the best settings into the copy of the project.
model() {
  local data=$1 objective=$2 import=$3 training=$4 here="$scratch/$1-$2"
  local -n ranges=$2
  mkdir -p "$here"; sed "s#SHUFFLED#$scratch/shuffled.csv#" "$data.json" > "$here/facto.json"
  # shellcheck disable=SC2086
  $facto import -p "$here" $import --quiet
  # shellcheck disable=SC2086
  $facto tune -p "$here" $import $training --epochs 9 --trials 9 --workers 1 --threads 1 "${ranges[@]}" --json --quiet > "$here/tune.json"
  # shellcheck disable=SC2086
  $facto train -p "$here" $import $training --threads 1 --json --quiet > "$here/train.json"
  # shellcheck disable=SC2086
  $facto evaluate -p "$here" $import --cutoffs 20 --json --quiet > "$here/test.json"
  python3 - "$here" "$data" "$objective" <<'PY'
import json, sys
here, data, objective = sys.argv[1:]
load = lambda name: json.load(open(f"{here}/{name}.json"))
tune = load("tune")
settings = " ".join(f"{k}={v:.4g}" for k, v in tune["best"].items())
print(data, objective, settings, load("train")["train"]["best_epoch"], f"{tune['metric']} {tune['value']:.4f}", sep="\t", file=open("validation.tsv", "a"))
with open("results.tsv", "a") as out:
    metrics = load("test")["metrics"]
    for name in ("match", "naive", "pooled", "popularity", "item-knn"):
        m = metrics[name]
        print(data, objective if name in ("match", "naive", "pooled") else "-", name, *(f"{m[x]:.4f}" for x in ("recall@20", "ndcg@20", "coverage@20")), sep="\t", file=out)
PY
}

for data in ml-1m goodbooks; do
  model $data icd "" "--task ranking --solver icd -k 32"
  model $data logistic "--set negatives.perPositive=4" "--task binary --solver adagrad -k 32 --init-stdev 0.05"
done
cat results.tsv
