#!/usr/bin/env bash
# Regenerates results.tsv. FACTO_DATA: folder with ml-1m-full/. FACTO: the command, the built tool by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
facto=${FACTO:-"dotnet ../../artifacts/bin/Facto.Cli/release/Facto.Cli.dll"}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
untied="--set output=$out/untied"
tied="--set output=$out/tied --set fields.history.tied=true"
recent="--set output=$out/recent --set fields.history.recent=20"
# The pass is chosen on the validation users; the test users are only judged.
run() {
  name=$1; shift
  $facto train --project . --evaluate --patience 4 --seed 1 --threads 1 "$@" --json --quiet |
    python3 -c 'import json,sys; d=json.load(sys.stdin); r=d["ranking"]; row=lambda n,m,p: print(n,p,*(format(r[m][x],".4f") for x in ("recall@20","ndcg@20","hr@20")),sep="\t")
if sys.argv[1] == "softmax, own vectors": row("popularity","popularity",""), row("random","random","")
row(sys.argv[1],"model",d["train"]["best_epoch"])' "$name"
}
{
  printf 'history of new users\tpass\trecall@20\tndcg@20\thr@20\n'
  run 'softmax, own vectors' $untied --solver softmax
  run 'softmax, own vectors, whole bags (leak)' $untied --solver softmax --history-folds 0
  run 'softmax, tied' $tied --solver softmax
  run 'softmax, own vectors, last 20 only' $recent --solver softmax
  run 'bsl, tied' $tied --solver bsl
  run 'icd, own vectors' $untied --solver icd
  run 'icd, own vectors, whole bags (leak)' $untied --solver icd --history-folds 0
} | tee results.tsv
