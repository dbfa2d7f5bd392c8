#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets; FACTO the program, built when not given. Writes results.tsv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
FACTO="${FACTO:-dotnet run --project ../../src/Facto.Cli -c Release --}"
[ -d data ] || python3 prepare.py "$FACTO_DATA/ml-1m-libfm" data
set_to() { echo --data "data/$1" --set "output=out/$1" --set "fields.user.regularizationFactors=$2" --set "fields.item.regularizationFactors=$3" --set "fields.user.regularizationLinear=$4" --set "fields.item.regularizationLinear=$4" --quiet; }
value() { python3 -c "import json,sys; d=json.load(sys.stdin); print(format(d['metrics']['$1']['rmse'], '.5f'), d['train']['best_pass'])"; }
least=9
{
    printf 'user V\titem V\tw\tvalidation RMSE\tpass\ttest RMSE\n'
    for setting in ${SETTINGS:-"10,10,1 14,14,1 20,10,1 10,20,1 20,20,1 14,28,1 28,14,1 14,14,4"}; do
        IFS=, read -r user item linear <<< "$setting"
        $FACTO import $(set_to select $user $item $linear) > /dev/null
        read -r rmse pass <<< "$($FACTO train $(set_to select $user $item $linear) --version v$user-$item-$linear --json | value validation)"
        printf '%s\t%s\t%s\t%s\t%s\t\n' $user $item $linear $rmse $pass
        if python3 -c "import sys; sys.exit(not $rmse < $least)"; then least=$rmse best="$user $item $linear" passes=$pass; fi
    done
    $FACTO import $(set_to final $best) > /dev/null
    read -r rmse pass <<< "$($FACTO train $(set_to final $best) --epochs $passes --json | value test)"
    printf '%s\t%s\t%s\t\t%s\t%s\n' $best $passes $rmse
} | tee results.tsv
