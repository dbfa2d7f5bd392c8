#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets. Writes result.tsv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
D="$FACTO_DATA/ml-1m-libfm"
dotnet run --project ../../bench/Facto.Benchmarks -c Release -- posterior "$D/ml1m.libfm.train" "$D/ml1m.libfm.test" --groups "$D/ml1m.meta" --sides user,item --k 16 --epochs 200 | tee result.tsv
