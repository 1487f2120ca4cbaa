"""scikit-learn and h5py on the customers of a snapshot: one k-means with k = 8, and 20 float32 columns written.

usage: kmeans_and_h5.py SNAPSHOT THREADS OUTPUT      Prints one line of JSON.
"""
import json
import os
import sys
import time

snapshot, threads, output = sys.argv[1:4]
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = threads

import h5py
import numpy
from sklearn.cluster import KMeans

N_COLUMNS = 20

with h5py.File(snapshot) as file:
    customers = file["customers"]
    rfm = numpy.stack([customers[name][:] for name in ("recency", "frequency", "monetary")], axis=1)

seconds = {}
began = time.perf_counter()
points = numpy.log1p(numpy.maximum(rfm, 0)).astype(numpy.float32)
points = (points - points.mean(axis=0, dtype=float)) / points.std(axis=0, dtype=float)
points = points.astype(numpy.float32)
fit = KMeans(n_clusters=8, n_init=1, algorithm="lloyd", random_state=1).fit(points)
seconds["kmeans"] = time.perf_counter() - began

columns = [(rfm[:, i % 3] * (1 + i // 3)).astype(numpy.float32) for i in range(N_COLUMNS)]
began = time.perf_counter()
with h5py.File(output, "w") as file:
    for i, column in enumerate(columns):
        file.create_dataset(f"customers/column_{i}", data=column, chunks=(min(65536, len(column)),),
                            shuffle=True, compression="gzip", compression_opts=1)
seconds["write"] = time.perf_counter() - began
os.unlink(output)
print(json.dumps({"seconds": seconds, "iterations": fit.n_iter_}))
