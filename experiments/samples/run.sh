#!/usr/bin/env bash
# Regenerates results.tsv: every project of samples/ imported, learnt and judged as it stands. FACTO_DATA: folder of the data sets. FACTO: the command, the built tool by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
facto=${FACTO:-"dotnet ../../artifacts/bin/Facto.Cli/release/Facto.Cli.dll"}
: "${FACTO_DATA:?set FACTO_DATA}"
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
{
  printf 'sample\tqueries\trecommender\tRecall@20\tNDCG@20\n'
  for project in ../../samples/*/facto.json; do
    name=$(basename "$(dirname "$project")")
    at=(-p "$project" --set output="$scratch/$name")
    $facto import "${at[@]}" --quiet
    $facto train "${at[@]}" --quiet
    $facto evaluate "${at[@]}" --cutoffs 20 --json --quiet | python3 -c '
import json, sys
d = json.load(sys.stdin)
for who in ("model", "popularity", "item-knn"):
    m = d["metrics"][who]
    print(sys.argv[1], d["queries"], who, format(m["recall@20"], ".4f"), format(m["ndcg@20"], ".4f"), sep="\t")' "$name"
    rm -rf "${scratch:?}/$name"
  done
} | tee results.tsv
awk -F'\t' '$3 == "model" { m = $4; n = $5 } $3 == "popularity" && (m <= $4 || n <= $5) { print $1 " loses to popularity"; bad = 1 } END { exit bad }' results.tsv
