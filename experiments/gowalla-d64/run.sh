#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
dotnet run --project ../../bench/Facto.Benchmarks -c Release -- icd lists "$FACTO_DATA/gowalla" @config "$@" | tee result.txt
