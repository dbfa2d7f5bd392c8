#!/usr/bin/env bash
# Makes every package and the tool's single files, checks them, and prints their sizes.
#   eng/pack.sh [--packages] [--output FOLDER]
# --packages makes and checks the packages alone. The folder (artifacts/packages when not named) is a feed that a nuget.config can name; the
# single files lie in its sub-folder "tool". RUNTIMES names the platforms of the single files.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD output=$PWD/artifacts/packages single=yes
while [ $# -gt 0 ]; do
  case "$1" in
    --packages) single=no; shift ;;
    --output) output=$(realpath -m "$2"); shift 2 ;;
    *) echo "eng/pack.sh: '$1' is no option; there are --packages and --output FOLDER" >&2; exit 2 ;;
  esac
done
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
status=0
fail() { echo "FAILED: $*"; status=1; }
rm -rf "$output"; mkdir -p "$output"
# Built apart from what developers build: paths of the machine are mapped away, so the outputs differ.
flags=(-c Release -v q --nologo -p:ContinuousIntegrationBuild=true -p:ArtifactsPath="$root/artifacts/pack"
  -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false)
dotnet pack eng/Pack.proj "${flags[@]}" -o "$output" || fail "dotnet pack"

has_path() {   # has_path FILE: a folder of this machine in it, as bytes or as UTF-16
  grep -qaF -e "$root/" -e "$HOME/." <(cat "$1"; tr -d '\0' < "$1")
}

check_package() {
  local package=$1 name work file
  name=$(basename "$package" .nupkg); work=$(mktemp -d)
  unzip -q "$package" -d "$work"
  for file in README.md icon.png LICENSE; do [ -s "$work/$file" ] || fail "$name has no $file"; done
  grep -q '<license type="expression">Apache-2.0</license>' "$work"/*.nuspec || fail "$name: no licence expression"
  for field in '<readme>README.md</readme>' '<icon>icon.png</icon>' '<description>' '<tags>'; do
    grep -qF "$field" "$work"/*.nuspec || fail "$name: no $field in the nuspec"
  done
  if ! grep -q 'packageType name="DotnetTool"' "$work"/*.nuspec; then
    local id=${name%.[0-9]*.[0-9]*.[0-9]*}
    [ -s "$work/lib/net10.0/$id.dll" ] && [ -s "$work/lib/net10.0/$id.xml" ] || fail "$name: no $id.dll with its XML documentation"
    unzip -q -o "${package%.nupkg}.snupkg" -d "$work/symbols" 2>/dev/null || fail "$name has no symbol package"
    [ -s "$work/symbols/lib/net10.0/$id.pdb" ] || fail "$name: no $id.pdb among the symbols"
  fi
  while IFS= read -r file; do
    case "$(basename "$file")" in Facto*.dll|Facto*.pdb|*.nuspec|*.xml|*.json|*.props|*.targets)
      ! has_path "$file" || fail "$name: a path of this machine in ${file#"$work"/}" ;;
    esac
  done < <(find "$work" -type f)
  rm -rf "$work"
}
for package in "$output"/*.nupkg; do check_package "$package"; done
for project in src/*/*.csproj; do
  grep -qF '<IsPackable>false' "$project" && continue
  id=$(basename "$project" .csproj); ls "$output/$id".[0-9]*.nupkg >/dev/null 2>&1 || fail "$id was not packed"
done

one_file=(--self-contained -p:PublishSingleFile=true -p:IncludeNativeLibrariesForSelfExtract=true -p:EnableCompressionInSingleFile=true
  -p:RestoreLockedMode=false)
if [ "$single" = yes ]; then
  for runtime in ${RUNTIMES:-linux-x64 linux-arm64 win-x64 osx-arm64}; do
    folder=$output/tool/$runtime
    locks=$root/artifacts/pack/locks/$runtime
    if ! out=$(dotnet publish src/Facto.Cli "${flags[@]}" "${one_file[@]}" -p:LockFolder="$locks" -r "$runtime" -o "$folder" 2>&1); then
      missing=$(grep -oE "Unable to find package [A-Za-z0-9.-]+" <<<"$out" | sort -u | paste -sd' ')
      fail "$runtime: ${missing:-$(tail -3 <<<"$out")}"
      continue
    fi
    find "$folder" -name '*.xml' -delete; find "$folder" -name '*.pdb' -delete
    extra=$(find "$folder" -type f ! -name Facto.Cli ! -name Facto.Cli.exe | sed "s|$folder/||" | paste -sd' ')
    [ -z "$extra" ] || fail "$runtime: not one file: $extra"
  done
  tool=$(find "$output/tool/linux-x64" -type f -perm -u+x 2>/dev/null | head -1)
  if [ -n "$tool" ] && [ "$(uname -sm)" = "Linux x86_64" ]; then
    work=$(mktemp -d)
    "$tool" --version || fail "the single file does not run"
    (cd "$work" && "$tool" demo --offline --no-serve --quiet --out "$work/demo") >/dev/null || fail "the single file's demo"
    rm -rf "$work"
  fi
fi

printf '\n%-52s %12s\n' file bytes
find "$output" -type f -printf '%P %s\n' | LC_ALL=C sort | while read -r file size; do printf '%-52s %12d\n' "$file" "$size"; done
[ "$status" -eq 0 ] && echo "all packages are whole" || echo "not all packages are whole"
exit $status
