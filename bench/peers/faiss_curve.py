"""Recall against speed of Faiss: python3 faiss_curve.py ITEMS.npy QUERIES.npy TRUTH.npy M EF_CONSTRUCTION THREADS EF,EF,... N [option=value ...]

Options: index=hnsw (IndexHNSWFlat, the default) or ivf (IndexIVFFlat: lists=NUMBER, probes=NUMBER:... in the place of EF), space=ip (inner product, the default) or l2aug (L2 with the
coordinate that makes all norms equal; hnsw only), pad=16 (zeros up to a multiple), allow=FILE (bitmap of the admissible items). Builds with THREADS, searches on one thread, all queries in one
call, best of three. Prints "build SECONDS s", then a line for each EF: it, recall, queries per second."""
import sys
import time

import faiss
import numpy as np

items, queries, truth = (np.load(path) for path in sys.argv[1:4])
links, construction, threads = (int(text) for text in sys.argv[4:7])
n = int(sys.argv[8])
options = dict(text.split("=", 1) for text in sys.argv[9:])
efforts = [int(text) for text in options.get("probes", sys.argv[7]).replace(":", ",").split(",")]

augmented, pad = options.get("space") == "l2aug", int(options.get("pad", 1))
if augmented:
    norms = np.einsum("ij,ij->i", items, items, dtype=np.float64)
    items = np.hstack([items, np.sqrt(norms.max() - norms)[:, None].astype(np.float32)])
    queries = np.hstack([queries, np.zeros((len(queries), 1), np.float32)])
zeros = -items.shape[1] % pad
items, queries = (np.ascontiguousarray(np.pad(x, ((0, 0), (0, zeros)))) for x in (items, queries))

faiss.omp_set_num_threads(threads)
start = time.perf_counter()
if options.get("index", "hnsw") == "ivf":
    quantizer = faiss.IndexFlatIP(items.shape[1])
    index = faiss.IndexIVFFlat(quantizer, items.shape[1], int(options.get("lists", 4 * int(len(items) ** 0.5))), faiss.METRIC_INNER_PRODUCT)
    index.train(items)
else:
    index = faiss.IndexHNSWFlat(items.shape[1], links, faiss.METRIC_L2 if augmented else faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = construction
index.add(items)
print(f"build {time.perf_counter() - start:.2f} s", flush=True)

faiss.omp_set_num_threads(1)
selector = {}
if "allow" in options:
    allowed = np.fromfile(options["allow"], np.uint8)
    selector["sel"] = faiss.IDSelectorBitmap(len(allowed), faiss.swig_ptr(allowed))
wanted = [set(row[row >= 0]) for row in truth]
for effort in efforts:
    parameters = faiss.SearchParametersIVF(nprobe=effort, **selector) if "ivf" == options.get("index") else faiss.SearchParametersHNSW(efSearch=max(effort, n), **selector)
    best = np.inf
    for _ in range(4):
        start = time.perf_counter()
        found = index.search(queries, n, params=parameters)[1]
        best = min(best, time.perf_counter() - start)
    hits = sum(len(right.intersection(row)) for right, row in zip(wanted, found))
    print(f"{effort} {hits / sum(map(len, wanted)):.4f} {len(queries) / best:.1f}", flush=True)
