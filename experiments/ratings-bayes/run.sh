#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets; FACTO the program, built when not given. Writes results.tsv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
FACTO="${FACTO:-dotnet run --project ../../src/Facto.Cli -c Release --}"
value() { python3 -c "import json,sys; d=json.load(sys.stdin)
for k in sys.argv[1].split('/'): d=d[k]
print(f'{d:.4f}')" "$1"; }
mkdir -p out

# solver, settings, then its options: the settings of als and adagrad are chosen on the validation part, test is looked at once.
best() {
    local data=$1 solver=$2 name=$3 least=9 choice= rmse
    shift 3
    for setting in "$@"; do
        rmse=$($FACTO train --train data/$data.train --validation data/$data.validation --groups data/$data.meta --task regression -k 16 --solver $solver $setting --json --quiet | value metrics/validation/rmse)
        if python3 -c "import sys; sys.exit(not $rmse < $least)"; then least=$rmse choice=$setting; fi
    done
    rmse=$($FACTO train --train data/$data.train --validation data/$data.validation --test data/$data.test --groups data/$data.meta --task regression -k 16 --solver $solver $choice --json --quiet | value metrics/test/rmse)
    printf '%s\t%s\t%s\t%s\t\n' "$data" "$name" "$choice" "$rmse"
}

{
    printf 'data\tmethod\tsettings\ttest RMSE\tcoverage of 90 %% intervals\n'
    python3 prepare.py "$FACTO_DATA" data
    for data in movietweetings goodbooks; do
        best $data adagrad "SGD (AdaGrad)" "--epochs 40 --reg-factors 0.003" "--epochs 40 --reg-factors 0.01" "--epochs 40 --reg-factors 0.03" "--epochs 40 --reg-factors 0.1"
        best $data als ALS "--epochs 30 --reg-linear 3 --reg-factors 10" "--epochs 30 --reg-linear 3 --reg-factors 20" "--epochs 30 --reg-linear 3 --reg-factors 40" "--epochs 30 --reg-linear 3 --reg-factors 80"
        $FACTO train --train data/$data.train --test data/$data.test --groups data/$data.meta --task regression -k 16 --solver gibbs --epochs 300 --burn-in 20 --samples 32 --model out/$data.facto --json --quiet > out/$data.json
        coverage=$($FACTO predict --model out/$data.facto --data data/$data.test --interval 0.9 --json --quiet | value intervals/coverage)
        printf '%s\tGibbs\t300 sweeps\t%s\t%s\n' "$data" "$(value metrics/test/rmse < out/$data.json)" "$coverage"
    done
} | tee results.tsv
