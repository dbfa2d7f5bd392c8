#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets; FACTO the program, built when not given. Writes results.tsv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
FACTO="${FACTO:-dotnet run --project ../../src/Facto.Cli -c Release --}"
python3 prepare.py "$FACTO_DATA/ml-100k" data
$FACTO import --project . --quiet
{
    printf 'task\tsweeps\tseed\ttest RMSE\ttest MAE\n'
    for run in "regression 512 1" "regression 512 2" "regression 512 3" "ordinal 512 1" "ordinal 512 2" "ordinal 512 3"; do
        read -r task sweeps seed <<< "$run"
        $FACTO train --project . --task $task --epochs $sweeps --seed $seed --json --quiet |
            python3 -c "import json,sys; m=json.load(sys.stdin)['metrics']['test']; print('$task', $sweeps, $seed, format(m['rmse'], '.5f'), format(m['mae'], '.5f'), sep='\t')"
    done
} | tee results.tsv
