#!/usr/bin/env bash
# Builds the native part of src/Facto.Faiss against the installed Faiss (Debian: apt-get install g++ libfaiss-dev libopenblas-dev).
# Writes artifacts/native/libfacto_faiss.so; set FACTO_FAISS to that file, or put it beside the program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ -f /usr/include/faiss/Index.h ] || { echo "build-faiss-shim: Faiss's headers are not installed (Debian: apt-get install libfaiss-dev)" >&2; exit 1; }
mkdir -p artifacts/native
g++ -std=c++17 -O2 -Wall -Wextra -Werror -fPIC -fopenmp -shared -fvisibility=default src/Facto.Faiss/native/facto_faiss.cpp \
  -o artifacts/native/libfacto_faiss.so -Wl,-Bsymbolic -lfaiss -lopenblas
echo "$PWD/artifacts/native/libfacto_faiss.so"
