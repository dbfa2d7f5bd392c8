#!/usr/bin/env bash
# Writes the public members that are new into PublicAPI.Unshipped.txt and takes out those that are gone, so that a change of the public
# surface shows in the diff. Usage: eng/public-api.sh [project folder ...]   (all projects with the file when none is named)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
projects=("$@"); [ ${#projects[@]} -gt 0 ] || mapfile -t projects < <(dirname $(git ls-files 'src/*/PublicAPI.Unshipped.txt'))
for project in "${projects[@]}"; do
  file="$project/PublicAPI.Unshipped.txt"
  out=$(dotnet build "$project" -c Release --no-incremental -v q --nologo 2>&1 || true)
  gone=$(sed -n "s/.*RS0017: Symbol '\(.*\)' is part of the declared API.*/\1/p" <<<"$out" | sort -u)
  new=$(sed -n "s/.*RS0016: Symbol '\(.*\)' is not part of the declared public API.*/\1/p" <<<"$out" | sort -u)
  { echo '#nullable enable'; { grep -vxF '#nullable enable' "$file" | grep -vxF -f <(printf '%s\n' "${gone:-#}") || true; [ -z "$new" ] || printf '%s\n' "$new"; } | sed '/^$/d' | LC_ALL=C sort -u; } > "$file.new"
  mv "$file.new" "$file"
  echo "$project: $(grep -c . <<<"$new" || true) added, $(grep -c . <<<"$gone" || true) removed"
done
