"""Times Faiss IndexFlatIP on one thread: python3 faiss_flat.py ITEMS.npy USERS.npy N OUT_IDS.bin

Prints: version and build, then microseconds per query one at a time and in batches of 256. Writes the ids of the first 256 users (int32)."""
import sys
import time

import faiss
import numpy as np

items, users, n, out = np.load(sys.argv[1]), np.load(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
faiss.omp_set_num_threads(1)
index = faiss.IndexFlatIP(items.shape[1])
index.add(items)
index.search(users[:4], n)


def best_of(repeats, run):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


single = max(10, min(256, 4_000_000 // len(items)))
one = best_of(3, lambda: [index.search(users[i:i + 1], n) for i in range(single)]) / single
batch = best_of(3, lambda: index.search(users[:256], n)) / min(256, len(users))
index.search(users[:256], n)[1].astype(np.int32).tofile(out)
print(f"{faiss.__version__} {faiss.get_compile_options().strip().replace(' ', '_')} {one * 1e6:.1f} {batch * 1e6:.1f}")
