#!/usr/bin/env bash
# Regenerates result.txt from the raw csv. FACTO_DATA: folder with online-retail/. FACTO: the command, the built tool by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
facto=${FACTO:-"dotnet ../../artifacts/bin/Facto.Cli/release/Facto.Cli.dll"}
: "${FACTO_DATA:?set FACTO_DATA}"
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
at=(-p ../../samples/online-retail --set output="$scratch")
bought() {
  python3 - "$FACTO_DATA/online-retail/onlineretail.csv" "$1" <<'PY'
import csv, sys
rows = [r for r in csv.DictReader(open(sys.argv[1], encoding="utf-8", errors="replace")) if r["CustomerID"] == sys.argv[2] and not r["InvoiceNo"].startswith("C")]
names = dict.fromkeys(r["Description"].strip() for r in reversed(rows))
print(f"customer {sys.argv[2]} ({rows[0]['Country']}) bought {len(names)} products, the latest: " + "; ".join(list(names)[:8]))
PY
}
{
  $facto import "${at[@]}" | grep -v '^dataset:'
  $facto train "${at[@]}" --quiet
  $facto evaluate "${at[@]}" --cutoffs 20 2>/dev/null
  for customer in 17850 12583 14911; do
    bought $customer
    $facto recommend "${at[@]}" --user $customer --count 8 --explain 2
  done
  echo "a stranger (what the model thinks of the products as such):"
  $facto recommend "${at[@]}" --user nobody --count 8 2>/dev/null
  for item in 85123A 22423 20725; do echo "similar to $item:"; $facto similar "${at[@]}" --item $item --count 6; done
} | sed 's/ *$//' | tee result.txt
