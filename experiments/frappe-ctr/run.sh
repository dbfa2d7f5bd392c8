#!/usr/bin/env bash
# Regenerates results.tsv. FACTO_DATA: folder with frappe/. FACTO: the command, the built tool by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
facto=${FACTO:-"dotnet ../../artifacts/bin/Facto.Cli/release/Facto.Cli.dll"}
data=${FACTO_DATA:?set FACTO_DATA}/frappe
# Passes are chosen on the published validation file; the test file is only judged.
run() {
  task=$1 k=$2; shift 2
  $facto train --train "$data/frappe.train.libfm" --validation "$data/frappe.validation.libfm" --test "$data/frappe.test.libfm" --task "$task" \
    --solver adagrad --factors "$k" --epochs 25 --threads 1 --seed 1 --json "$@" 2>/dev/null |
    python3 -c 'import json,sys; d=json.load(sys.stdin); m=d["metrics"]["test"]; f=lambda n: format(m[n], ".4f") if n in m else "-"; print(sys.argv[1], sys.argv[2], d["train"]["best_epoch"], f("auc"), f("logloss"), f("rmse"), sep="\t")' "$task" "$k"
}
{ printf 'task\tk\tpasses\tAUC\tlogloss\tRMSE\n'
  run binary 16; run binary 64; run binary 256
  run regression 256 --learning-rate 0.1 --reg-factors 0.003 --reg-linear 0.001 --init-stdev 0.03 --initial-accumulator 1; } | tee results.tsv
