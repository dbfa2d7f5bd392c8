#!/usr/bin/env bash
# Regenerates result-gibbs.json. FACTO_DATA: folder with frappe/. FACTO: the command, the built tool by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
facto=${FACTO:-"dotnet ../../artifacts/bin/Facto.Cli/release/Facto.Cli.dll"}
data=${FACTO_DATA:?set FACTO_DATA}/frappe
$facto train --train "$data/frappe.train.libfm" --test "$data/frappe.test.libfm" --task binary --solver gibbs -k 16 --epochs 300 --burn-in 50 --json --quiet | tee result-gibbs.json
