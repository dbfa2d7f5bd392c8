#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bench() { dotnet run --project ../../bench/Facto.Benchmarks -c Release -- icd "$@"; }

bench ml-1m "$FACTO_DATA/ml-1m-libfm" @config.txt threads="${1:-2}" | tee result.txt
