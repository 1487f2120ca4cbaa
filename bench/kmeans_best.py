"""Sums of squares that a fit of strata reaches with its defaults, against the best of 10 starts of scikit-learn.

usage: kmeans_best.py --shared-object libstrata.so [--threads N] [--tables N] [--rows N,...] [--cdnow CDNOW_master.txt]
                      [--record FOLDER]

Tables are drawn with new seeds: customers of --rows rows each, and S1-like mixtures of 200,000. Of those of more than two
million rows one is compared, not --tables. CDNOW's customers are one table, fitted with --tables seeds; they are left
out without the file. scikit-learn: k-means++, n_init = 10, else its defaults. Both sums are computed alike, in double
precision from the centroids. "above" is strata's sum over scikit-learn's, less 1: below 0 strata's fit is the better.
"""
import argparse
import os
import statistics

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--shared-object", required=True)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--tables", type=int, default=10)
parser.add_argument("--rows", default="300000,1000000,10000000")
parser.add_argument("--cdnow")
parser.add_argument("--record", help="a folder: also write the table into a file there")
options = parser.parse_args()
# Before numpy and OpenMP start.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(options.threads)

import sklearn
from sklearn.cluster import KMeans

import kmeans_data
import machine
from kmeans_library import Library

FIRST_SEED, STARTS, K, S1_ROWS, S1_K, MANY_ROWS = 100, 10, 8, 200_000, 15, 2_000_000
HEAD = ["| rows | fits | above, mean | above, lowest | above, highest | fits above by more than 1e-5 | more than 1e-4 | "
        "strata, s | scikit-learn, s |", "|---|---|---|---|---|---|---|---|---|"]

library = Library(options.shared_object, options.threads)


def best_of_sklearn(rows, k, seed):
    began = os.times().elapsed
    model = KMeans(n_clusters=k, n_init=STARTS, algorithm="lloyd", random_state=seed).fit(rows)
    return library.sum_of_squares(rows, model.cluster_centers_.astype(float)), os.times().elapsed - began


def line(name, fits):
    """fits: of (strata's sum, its seconds, scikit-learn's sum, its seconds)."""
    above = [ours / theirs - 1 for ours, _, theirs, _ in fits]
    text = (f"| {name} | {len(above)} | {statistics.mean(above):+.1e} | {min(above):+.1e} | {max(above):+.1e} | "
            f"{sum(a > 1e-5 for a in above)} | {sum(a > 1e-4 for a in above)} | "
            f"{statistics.median(fit[1] for fit in fits):.3f} | {statistics.median(fit[3] for fit in fits):.2f} |")
    print(text, flush=True)
    return text


def compare(rows, k, seed):
    seconds, _, centroids = library.fit(rows, k)
    return library.sum_of_squares(rows, centroids), seconds, *best_of_sklearn(rows, k, seed)


def compare_cdnow(path, n):
    """One table: the best of scikit-learn's starts once, strata's fits by seed."""
    rows = kmeans_data.cdnow(path)
    theirs = best_of_sklearn(rows, K, FIRST_SEED)
    fits = [library.fit(rows, K, seed=seed) for seed in range(1, n + 1)]
    return [(library.sum_of_squares(rows, centroids), seconds, *theirs) for seconds, _, centroids in fits]


def main():
    lines = list(HEAD)
    print("\n".join(lines), flush=True)
    for n in map(int, options.rows.split(",")):
        tables = options.tables if n <= MANY_ROWS else 1
        lines.append(line(f"customers, {n:,}, k {K}", [compare(kmeans_data.customers(n, seed), K, seed)
                                                       for seed in range(FIRST_SEED, FIRST_SEED + tables)]))
    lines.append(line(f"S1-like, {S1_ROWS:,}, k {S1_K}", [compare(kmeans_data.s1_like(S1_ROWS, seed), S1_K, seed)
                                                          for seed in range(FIRST_SEED, FIRST_SEED + options.tables)]))
    if options.cdnow:
        lines.append(line(f"CDNOW, k {K}", compare_cdnow(options.cdnow, options.tables)))
    if options.record:
        machine.record(options.record, "kmeans-best", f"k-means: sums of squares against the best of {STARTS} starts of "
                       f"scikit-learn {sklearn.__version__}, {options.threads} threads", "\n".join(lines))


main()
