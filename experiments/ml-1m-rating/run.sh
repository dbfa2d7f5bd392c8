#!/usr/bin/env bash
# Regenerates results.tsv. FACTO_DATA: folder with ml-1m-libfm/. FACTO: the command, the built tool by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
facto=${FACTO:-"dotnet ../../artifacts/bin/Facto.Cli/release/Facto.Cli.dll"}
data=${FACTO_DATA:?set FACTO_DATA}/ml-1m-libfm
# Passes are chosen on a tenth of the training part, then the model learns from all of it; the test part is only judged.
run() {
  $facto train --train "$data/ml1m.libfm.train" --test "$data/ml1m.libfm.test" --task regression --solver adagrad \
    --factors "$1" --epochs 25 --holdout 0.1 --threads 1 --seed 1 --json 2>/dev/null |
    python3 -c 'import json,sys; d=json.load(sys.stdin); t=d["train"]; print(sys.argv[1], t["best_epoch"], format(d["metrics"]["test"]["rmse"], ".4f"), sep="\t")' "$1"
}
{ printf 'k\tpasses\ttest RMSE\n'; for k in 16 32 64; do run $k; done; } | tee results.tsv
