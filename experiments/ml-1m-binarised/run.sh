#!/usr/bin/env bash
# Regenerates results.tsv. FACTO_DATA: folder with ml-1m-libfm/. FACTO: the command, the built tool by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
facto=${FACTO:-"dotnet ../../artifacts/bin/Facto.Cli/release/Facto.Cli.dll"}
data=${FACTO_DATA:?set FACTO_DATA}/ml-1m-libfm
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
for part in train test; do awk '{ $1 = $1 >= 4 ? 1 : 0; print }' "$data/ml1m.libfm.$part" > "$scratch/$part"; done
# Passes are chosen on a tenth of the training part, then the model learns from all of it; the test part is only judged.
run() {
  $facto train --train "$scratch/train" --test "$scratch/test" --task binary --solver adagrad --learning-rate 0.1 --reg-linear 0.001 \
    --reg-factors 0.01 --init-stdev 0.01 --initial-accumulator 1 --factors "$1" --epochs 25 --holdout 0.1 --threads 1 --seed 1 --json 2>/dev/null |
    python3 -c 'import json,sys; d=json.load(sys.stdin); m=d["metrics"]["test"]; print(sys.argv[1], d["train"]["best_epoch"], format(m["auc"], ".4f"), format(m["logloss"], ".4f"), sep="\t")' "$1"
}
{ printf 'k\tpasses\tAUC\tlogloss\n'; run 16; } | tee results.tsv
