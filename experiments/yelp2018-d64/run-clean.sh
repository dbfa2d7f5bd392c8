#!/usr/bin/env bash
# The clean protocol: temperature chosen on a tenth of the training pairs (clean-validation.tsv), then all of them learnt from and the test part looked at once (result-clean.txt).
# FACTO_DATA names the folder with the data sets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bench() {
  dotnet run --project ../../bench/Facto.Benchmarks -c Release -- icd lists "$FACTO_DATA/yelp2018" solver=bsl factors=64 cosine=1 batch=256 positives=4 negatives=512 schedule=cosine start-icd=6 \
    threads=1 cutoffs=20 exponent=1.2 rate=0.05 temperature="$1" epochs="$2" every="$2" "${@:3}"
}
printf 'temperature\tvalidation recall@20\tvalidation ndcg@20\n' > clean-validation.tsv
for t in 0.06 0.08 0.1 0.12; do
  printf '%s\t%s\n' "$t" "$(bench "$t" 12 validation=0.1 | sed -n 's/^pass.*recall@20 \([0-9.]*\).*ndcg@20 \([0-9.]*\).*/\1\t\2/p')" >> clean-validation.tsv
done
best=$(tail -n +2 clean-validation.tsv | sort -t "$(printf '\t')" -k2,2nr | head -1 | cut -f1)
bench "$best" 30 | tee result-clean.txt
