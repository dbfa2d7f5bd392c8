#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bench() { dotnet run --project ../../bench/Facto.Benchmarks -c Release -- icd "$@"; }

bench lists "$FACTO_DATA/gowalla" @config.txt factors="${1:-256}" validation=0.1 | tee "result-validation-d${1:-256}.txt"
