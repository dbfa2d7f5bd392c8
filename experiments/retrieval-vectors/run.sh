#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets. Leaves out/NAME.items.npy and out/NAME.users.npy, the vectors that the retrieval benchmarks search.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
facto() { ${FACTO:-dotnet run -c Release --project ../../src/Facto.Cli --} "$@"; }

for name in ${@:-gowalla yelp2018 goodbooks}; do
  mkdir -p "out/$name"
  if [ "$name" != goodbooks ]; then awk '{ for (i = 2; i <= NF; i++) print $1 "\t" $i }' "$FACTO_DATA/$name/train.txt" > "out/$name/pairs.tsv"; fi
  facto import --project "$name.json"
  facto train --project "$name.json" | tee "out/$name/train.txt"
  for what in items users; do facto export --project "$name.json" --what $what --format npy --out "out/$name.$what.npy"; done
done
