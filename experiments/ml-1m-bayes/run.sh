#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
D="$FACTO_DATA/ml-1m-libfm"
sampler() { dotnet run --project ../../bench/Facto.Benchmarks -c Release -- sampler "$@"; }

{
    sampler "$D/ml1m.libfm.train" "$D/ml1m.libfm.test" --groups "$D/ml1m.meta" --k 16 --epochs 100
    sampler "$D/ml1m.libfm.train" "$D/ml1m.libfm.test" --groups "$D/ml1m.meta" --k 32 --epochs 300 --every 50
    sampler "$D/ml1m.libfm.train" "$D/ml1m.libfm.test" --groups "$D/ml1m.meta" --k 16 --epochs 30 --solver als --reg-linear 1 --reg-factors 14
    sampler "$D/ml1m-rich.libfm.train" "$D/ml1m-rich.libfm.test" --groups "$D/ml1m-rich.meta" --k 16 --epochs 50
    sampler "$FACTO_DATA/frappe/frappe.train.libfm" "$FACTO_DATA/frappe/frappe.test.libfm" --task binary --k 16 --epochs 100 --every 20
} | tee result.txt
