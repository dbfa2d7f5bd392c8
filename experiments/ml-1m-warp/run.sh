#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets. --validation prints the table that the settings come from; the first argument is else the number of threads.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bench() { dotnet run --project ../../bench/Facto.Benchmarks -c Release -- icd ml-1m "$FACTO_DATA/ml-1m-libfm" @config "$@"; }

constant="schedule=constant epochs=8 every=2"
if [ "${1:-}" = --validation ]; then
    for setting in "rate=0.05 reg=0 $constant" "rate=0.1 reg=0 $constant" "rate=0.2 reg=0 $constant" "reg=0 candidates=400 $constant" "reg=0.01 $constant" "reg=0.05 $constant" \
        "reg=0.01 factors=64 $constant" "reg=0.01 popularity=0.3 $constant" "reg=0.01 epochs=8 every=8" "" "reg=0.05 rate=0.15"; do
        echo "== $setting"
        # shellcheck disable=SC2086
        bench $setting validation=0.1 | grep ^pass
    done | tee validation.txt
    exit
fi
for seed in 1 2; do bench threads="${1:-2}" seed=$seed; done | tee result.txt
