#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets; FACTO the program, built when not given. Writes results.tsv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
FACTO="${FACTO:-dotnet run --project ../../src/Facto.Cli -c Release --}"
[ -d data ] || python3 prepare.py "$FACTO_DATA/ml-1m-libfm" data
set_to() { echo --data "data/$1" --set "output=out/$1" --set "fields.user.regularizationFactors=$2" --set "fields.item.regularizationFactors=$3" --set "fields.user.regularizationLinear=$4" --set "fields.item.regularizationLinear=$4" --quiet; }
value() { python3 -c "import json,sys; d=json.load(sys.stdin); print(format(d['metrics']['$1']['rmse'], '.5f'), d['train']['best_epoch'])"; }
least=9
{
    printf 'user V\titem V\tw\texponent\tvalidation RMSE\tpass\ttest RMSE\n'
    for setting in ${SETTINGS:-14,14,1,0 14,14,1,0.25 10,10,1,0.5 12,12,1,0.5 14,14,1,0.5 16,16,1,0.5 14,14,3,0.5 14,14,1,0.75}; do
        IFS=, read -r user item linear exponent <<< "$setting"
        $FACTO import $(set_to select $user $item $linear) > /dev/null
        read -r rmse pass <<< "$($FACTO train $(set_to select $user $item $linear) --version v$user-$item-$linear-$exponent --solver-option reg-exponent=$exponent --json | value validation)"
        printf '%s\t%s\t%s\t%s\t%s\t%s\t\n' $user $item $linear $exponent $rmse $pass
        if python3 -c "import sys; sys.exit(not $rmse < $least)"; then least=$rmse best="$user $item $linear" power=$exponent passes=$pass; fi
    done
    $FACTO import $(set_to final $best) > /dev/null
    read -r rmse pass <<< "$($FACTO train $(set_to final $best) --epochs $passes --solver-option reg-exponent=$power --json | value test)"
    printf '%s\t%s\t%s\t%s\t\t%s\t%s\n' $best $power $passes $rmse
} | tee results.tsv
