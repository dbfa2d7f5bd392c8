#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bench() { dotnet run --project ../../bench/Facto.Benchmarks -c Release -- icd "$@"; }

bench lists "$FACTO_DATA/yelp2018" @config.txt factors="${1:-256}" | tee "result-d${1:-256}.txt"
