#!/usr/bin/env bash
# FACTO_DATA names the folder with the data sets; FACTO the program, built when not given. With MYFM=1 also runs myFM (a Python that can import it: PYTHON).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
FACTO="${FACTO:-dotnet run --project ../../src/Facto.Cli -c Release --}"
mkdir -p data
python3 split.py "$FACTO_DATA/ml-1m-full/ratings.tsv" data/ratings.tsv
$FACTO import --project . --quiet
$FACTO train --project . --json --quiet > result.json
[ -z "${MYFM:-}" ] || "${PYTHON:-python3}" myfm_flipped.py data/ratings.tsv 16 200 > result-myfm.txt
