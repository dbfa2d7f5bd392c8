#!/usr/bin/env bash
# Installs what the tests need and runs them all: build with warnings as errors, format check, the library's tests at three vector
# widths, a stranger's code against the public surface, the service and its store, the programs end to end, and the packages in fresh
# projects. The last line sums the tests over all projects. FACTO_DATA names a folder of real data sets; tests that need one skip
# without it.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
need=()
if command -v apt-get >/dev/null; then
  for package in python3-faiss libfaiss-dev libopenblas-dev g++ zstd chromium clang zlib1g-dev unzip curl postgresql; do
    dpkg -s "$package" >/dev/null 2>&1 || need+=("$package")
  done
  if [ ${#need[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ]; then
      echo "installing ${need[*]}"
      { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}"; } \
        >/dev/null 2>&1 || echo "could not install ${need[*]}: the tests that use them skip"
    else
      echo "not root, so not installing ${need[*]}: the tests that use them skip"
    fi
  fi
fi
if [ -z "${FACTO_FAISS:-}" ] && [ -f /usr/include/faiss/Index.h ]; then
  FACTO_FAISS=$(eng/build-faiss-shim.sh) && export FACTO_FAISS || exit 1
fi
if command -v python3 >/dev/null; then experiments/table.py --check || exit 1; fi
passed=0; failed=0; skipped=0; status=0
dotnet build Facto.slnx -c Release -v q --nologo || exit 1
dotnet format Facto.slnx --verify-no-changes --no-restore --severity warn || { echo "format: run 'dotnet format Facto.slnx'"; status=1; }
count() { sed -n "s/^ *$1: \([0-9]*\).*/\1/p" "$2" | tail -1; }   # count WORD FILE: the last figure of that word
run() {   # run LABEL PROJECT [filter...]: adds the counts of one run
  local label=$1 project=$2; shift 2
  local out; out=$(mktemp)
  echo "== $label"
  dotnet test --project "$project" -c Release --no-build "$@" 2>&1 | tee "$out" | grep -vE '^(skipped|  from) ' || true
  [ "${PIPESTATUS[0]}" -eq 0 ] || status=1
  local p f s
  p=$(count succeeded "$out"); f=$(count failed "$out"); s=$(count skipped "$out")
  [ -n "$p" ] || { echo "$label: no test ran"; status=1; }
  passed=$((passed + ${p:-0})); failed=$((failed + ${f:-0})); skipped=$((skipped + ${s:-0}))
  rm -f "$out"
}
run "library" test/Facto.Tests
case "$(uname -m)" in
  x86_64)
    if grep -qw avx512f /proc/cpuinfo 2>/dev/null; then
      DOTNET_EnableAVX512=0 FACTO_EXPECT_LANES=8 run "library without AVX-512" test/Facto.Tests
    fi
    DOTNET_EnableHWIntrinsic=0 FACTO_EXPECT_LANES=1 run "library without vector instructions" test/Facto.Tests ;;
esac
run "from outside" test/Facto.Outside.Tests
run "service and store" test/Facto.Service.Tests
run "end to end" test/Facto.EndToEnd.Tests
# The packages as a stranger has them: made here, restored into fresh projects outside of the tree.
if eng/pack.sh --packages; then
  FACTO_FEED=$PWD/artifacts/packages run "packages" test/Facto.Package.Tests
else
  echo "the packages are not whole"; status=1
fi
[ "$failed" -eq 0 ] || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
