#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bench() { dotnet run --project ../../bench/Facto.Benchmarks -c Release -- icd "$@"; }

bench frappe "$FACTO_DATA/frappe-cfm" @config-icd.txt | tee result-icd.txt
bench frappe "$FACTO_DATA/frappe-cfm" @config-logistic.txt | tee result-logistic.txt
