#!/usr/bin/env bash
# Regenerates validation.tsv and results.tsv. FACTO_DATA: folder with ml-1m-full/. FACTO: the command, the built tool by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
facto=${FACTO:-"dotnet ../../artifacts/bin/Facto.Cli/release/Facto.Cli.dll"}
: "${FACTO_DATA:?set FACTO_DATA}"
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
runs=0

project() { echo "--set output=$scratch/$1-$2 --set split.seed=$2 $([ "$1" = full ] || echo '--set fields=[]')"; }   # no fields: the two ids alone

# One run: model, project (full or ids), seed of the split, then settings. Early stopping on the validation part chooses the pass.
run() {
  local name=$1 kind=$2 seed=$3; shift 3
  runs=$((runs + 1))
  # shellcheck disable=SC2046
  $facto train $(project "$kind" "$seed") --threads 1 --seed 1 --version "v$runs" "$@" --json --quiet |
    python3 -c '
import json, sys
d = json.load(sys.stdin); v, t = d["metrics"]["validation"], d["metrics"]["test"]
figures = [format(x, ".5f") for x in (v["auc"], v["logloss"], t["auc"], t["logloss"], t["gauc"], t["ece"])]
print(*sys.argv[1:4], " ".join(sys.argv[4:]), d["train"]["best_epoch"], *figures, sep="\t")' "$name" "$kind" "$seed" "$@" >> "$scratch/$seed.tsv"
}

for seed in 1 2 3; do
  # shellcheck disable=SC2046
  for kind in full ids; do $facto import $(project $kind $seed) --quiet; done
done
for reg in 0.0001 0.0003 0.001 0.003; do run "logistic regression, all features" full 1 -k 0 --epochs 40 --learning-rate 0.1 --reg-linear $reg; done
for rate in 0.1 0.2; do
  for reg in 0.01 0.015 0.02; do
    for schedule in "Constant --epochs 40" "Cosine --epochs 16"; do
      # shellcheck disable=SC2086
      settings="-k 16 --init-stdev 0.01 --reg-linear 0.001 --learning-rate $rate --reg-factors $reg --schedule $schedule"
      # shellcheck disable=SC2086
      run "MF, ids only" ids 1 $settings
      # shellcheck disable=SC2086
      run "FM, all features" full 1 $settings
    done
  done
done

# The setting with the least validation logloss stands for its model; it is judged on the test part of this split and of two others.
best() { python3 -c '
import sys
rows = [line.rstrip("\n").split("\t") for line in open(sys.argv[1])]
for name in dict.fromkeys(r[0] for r in rows):
    print(*min((r for r in rows if r[0] == name), key=lambda r: float(r[6]))[:4], sep="\t")' "$scratch/1.tsv"; }
while IFS=$'\t' read -r name kind _ settings; do
  # shellcheck disable=SC2086
  for seed in 2 3; do run "$name" "$kind" $seed $settings; done
done < <(best)
python3 - "$scratch" <<'PY'
import sys
seeds = {s: [line.rstrip("\n").split("\t") for line in open(f"{sys.argv[1]}/{s}.tsv")] for s in (1, 2, 3)}
with open("validation.tsv", "w") as out:
    print("model\tsettings\tpasses\tvalidation AUC\tvalidation logloss", file=out)
    for r in seeds[1]: print(r[0], *r[3:7], sep="\t", file=out)
with open("results.tsv", "w") as out:
    print("model\tsplit\tsettings\tpasses\tAUC\tlogloss\tGAUC\tECE", file=out)
    for name in dict.fromkeys(r[0] for r in seeds[1]):
        for rows in seeds.values():
            r = min((r for r in rows if r[0] == name), key=lambda r: float(r[6]))
            print(name, *r[2:5], *(format(float(x), ".4f") for x in r[7:]), sep="\t", file=out)
PY
cat results.tsv
