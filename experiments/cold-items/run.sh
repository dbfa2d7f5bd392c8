#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bench() { dotnet run --project ../../bench/Facto.Benchmarks -c Release -- icd "$@"; }

bench cold "$FACTO_DATA/ml-1m-full" @config.txt | tee result.txt
