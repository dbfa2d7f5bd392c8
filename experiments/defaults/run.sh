#!/usr/bin/env bash
# Regenerates results.tsv. FACTO_DATA names the folder with the data sets; FACTO the program, built when not given; WIDE, if given, the beginning of the names of generated
# wide data (WIDE.libfm.train, WIDE.libfm.test). NAMES picks data sets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
FACTO="${FACTO:-dotnet ../../artifacts/bin/Facto.Cli/release/Facto.Cli.dll}"
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
python3 prepare.py "$FACTO_DATA" "$scratch" ${WIDE:-}
python3 run.py "$scratch" "$FACTO" ${NAMES:-} | tee "${OUT:-results.tsv}"
