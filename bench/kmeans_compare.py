"""k-means of strata, scikit-learn and faiss on the same float32 rows: ratios, medians of alternating runs.

usage: kmeans_compare.py --shared-object libstrata.so [--threads N] [--runs N] [--rows N] [--fit-rows N]
                         [--large-rows N] [--faiss-iterations N] [--parts PART,...] [--record FOLDER]

Parts, by default all; a record keeps what it has of the others:

lloyd      same rows, same first centroids, 25 iterations at most, no tolerance: it ends earlier if labels repeat
large      lloyd on 10,000,000 rows, one run, without faiss
tolerance  with lloyd: the same until the summed squared shift is at most 1e-4 of the mean variance, scikit-learn's default rule
fit        a whole fit with seeding, every tool with its defaults: scikit-learn with one k-means++ start
sweep      k = 2..12, 10 starts each, with all indices (the silhouette of all rows): scikit-learn with its Calinski-Harabasz
           and Davies-Bouldin indices, and its silhouette of a sample of 10,000 rows; once

A call's seconds are those of the whole fit, from row-major rows in memory to labels and centroids. ns are per row and
iteration; for lloyd they are of the iterations after the first, so that what each tool does once does not count (the
column "whole call" counts it): the difference of two calls, behind one that is not timed. lloyd of up to 8 columns, where
a call takes a twentieth of a second, is run three times as often as the rest.

The sums of squares are computed alike for all tools, from their centroids in double precision; after equally many
iterations those of strata agree to 1e-6 with the same iteration in double precision (which is that of scikit-learn on
float64 rows to the last digits), and those of the other tools with strata's to 1e-5, or the comparison ends: on its way
Lloyd's iteration magnifies what float32 rounds away, and most where squared distances are differences of products. faiss
(Debian's python3-faiss) is run once, since it is slow, and is left out if it is not installed.

"of memory" and "of arithmetic" say how near an iteration of lloyd comes to what bench_limits measures: reading every
value and label once, and one fused multiply-add for each row, centroid and column. More than 100 % is possible, since
rows far from a border are not looked at.
"""
import argparse
import datetime
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--shared-object", required=True)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("--rows", type=int, default=2_000_000)
parser.add_argument("--fit-rows", type=int, default=10_000_000)
parser.add_argument("--large-rows", type=int, default=10_000_000)
parser.add_argument("--parts", default="lloyd,large,fit,sweep", help="some of lloyd,large,fit,sweep")
parser.add_argument("--sweep-rows", type=int, default=1_000_000)
parser.add_argument("--programs", help="the folder of bench_limits and bench_kmeans_sweep: also sweep, and limits")
parser.add_argument("--faiss-iterations", type=int, default=25)
parser.add_argument("--record", help="a folder: also write the table into a file there")
options = parser.parse_args()
# Before numpy and OpenMP start.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(options.threads)

import numpy
import sklearn
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

from kmeans_data import customers, mixture
from kmeans_library import FLOAT32, FLOAT64, Library

try:
    import faiss
except ImportError:
    faiss = None

CASES = ((3, 8), (8, 8), (16, 32), (32, 64))
LARGE_CASES = CASES[:3]
QUICK_COLUMNS = 8
ITERATIONS = 25
SWEEP_MAX_K, SWEEP_RESTARTS, SILHOUETTE_ROWS = 12, 10, 10_000
SAME, SAME_PEER = 1e-6, 1e-5

library = Library(options.shared_object, options.threads)


def fit_strata(rows, k, start, iterations, tolerance, precision=FLOAT32):
    if start is None:
        return library.fit(rows, k, precision=precision)
    return library.fit(rows, k, start, max_iterations=iterations, tolerance=tolerance, precision=precision)


def fit_sklearn(rows, k, start, iterations, tolerance):
    init = {"init": "k-means++", "random_state": 1} if start is None else {
        "init": start.astype(numpy.float32), "max_iter": iterations, "tol": tolerance}
    model = KMeans(n_clusters=k, n_init=1, algorithm="lloyd", **init)
    began = time.perf_counter()
    model.fit(rows)
    return time.perf_counter() - began, model.n_iter_, model.cluster_centers_.astype(float)


def fit_faiss(rows, k, start, iterations, tolerance):
    """It has no stop rule but the number of iterations, and a start of random rows."""
    model = faiss.Kmeans(rows.shape[1], k, niter=iterations, max_points_per_centroid=len(rows), seed=1)
    iterations = model.cp.niter = min(iterations, options.faiss_iterations)
    began = time.perf_counter()
    model.train(rows, init_centroids=start.astype(numpy.float32))
    return time.perf_counter() - began, iterations, model.centroids.astype(float)


class Table:
    def __init__(self):
        self.lines = ["| case | system | iterations | seconds, median | runs | ns per row and iteration | sum of squares "
                      "| strata is faster by | whole call | of memory | of arithmetic |",
                      "|---|---|---|---|---|---|---|---|---|---|---|"]

    def add(self, case, found, limits=None, columns=0, k=0):
        base = found["strata"]
        for system, (seconds, iterations, more, squares) in found.items():
            median = statistics.median(seconds)
            ns = f"{more:.2f}" if more else ""
            faster = whole = memory = arithmetic = ""
            if limits and more:
                memory = f"{(4 * columns + 2) / more / limits['read_gb_per_s']:.0%}"
                arithmetic = f"{columns * k / more / limits['fused_1e9_per_s']:.0%}"
            if system != "strata":
                faster = f"{more / base[2]:.1f}x" if more else ""
                per_iteration = base[1] / iterations if case.startswith("lloyd") else 1
                whole = f"{statistics.median(a / b for a, b in zip(seconds, base[0])) * per_iteration:.1f}x"
            self.lines.append(f"| {case} | {system} | {iterations} | {median:.3f} | "
                              f"{' '.join(f'{s:.3f}' for s in seconds)} | {ns} | {squares:.9g} | {faster} | {whole} | {memory} | "
                              f"{arithmetic} |")
            print(self.lines[-1], flush=True)

    def text(self, before=""):
        """With the cases of an earlier record that are not in this one; each where it was."""
        cases = {}
        for lines, is_new in ((before.splitlines()[2:], False), (self.lines[2:], True)):
            for case in dict.fromkeys(line.split("|")[1] for line in lines if line.startswith("| ")):
                if is_new or case != self.lines[0].split("|")[1]:
                    cases[case] = [line for line in lines if line.startswith(f"|{case}|")]
        return "\n".join(self.lines[:2] + sum(cases.values(), []))


def alternate(systems, rows, k, start, iterations, tolerance, by_difference, runs=options.runs):
    """Each tool in turn, `runs` times; median ns per row and iteration after the first iteration."""
    seconds, ns, last = {}, {}, {}
    for number in range(runs):
        for name, fit in systems.items():
            if name == "faiss" and number > 0:
                continue
            if by_difference and name != "faiss":
                fit(rows, k, start, 1, tolerance)  # memory and threads are as after a call
            one = fit(rows, k, start, 1, tolerance)[0] if by_difference else 0
            took, done, centroids = last[name] = fit(rows, k, start, iterations, tolerance)
            seconds.setdefault(name, []).append(took)
            if by_difference and done > 1:
                ns.setdefault(name, []).append((took - one) / (done - 1) / len(rows) * 1e9)
    return {name: (seconds[name], last[name][1], statistics.median(ns[name]) if name in ns else None,
                   library.sum_of_squares(rows, last[name][2])) for name in systems}


def program(name, *arguments):
    out = subprocess.run([pathlib.Path(options.programs) / f"bench_{name}", *map(str, arguments)], check=True,
                         capture_output=True, text=True).stdout
    return json.loads(out)


def sweep_strata(rows):
    with tempfile.NamedTemporaryFile(suffix=".f32") as file:
        rows.tofile(file.name)
        found = program("kmeans_sweep", file.name, *rows.shape, SWEEP_MAX_K, SWEEP_RESTARTS, options.threads)
    return found["seconds"], found["inertia"]


def sweep_sklearn(rows):
    inertia = []
    began = time.perf_counter()
    for k in range(2, SWEEP_MAX_K + 1):
        model = KMeans(n_clusters=k, n_init=SWEEP_RESTARTS, random_state=1, algorithm="lloyd").fit(rows)
        inertia.append(float(model.inertia_))
        silhouette_score(rows, model.labels_, sample_size=SILHOUETTE_ROWS, random_state=1)
        calinski_harabasz_score(rows, model.labels_)
        davies_bouldin_score(rows, model.labels_)
    return time.perf_counter() - began, inertia


def sweep(table, rows):
    """The sums of squares, added up over k, are in the place of one."""
    ours, theirs = [sweep_strata(rows) for _ in range(options.runs)], sweep_sklearn(rows)
    table.add(f"sweep k 2..{SWEEP_MAX_K}, {SWEEP_RESTARTS} starts, d {rows.shape[1]}",
              {"strata": ([seconds for seconds, _ in ours], "", None, sum(ours[0][1])),
               "scikit-learn": ([theirs[0]] * options.runs, "", None, sum(theirs[1]))})
    print("worse or better than scikit-learn by, for each k:",
          " ".join(f"{a / b - 1:+.1e}" for a, b in zip(ours[0][1], theirs[1])), flush=True)


def limits_text(limits):
    return "" if limits is None else (f"; reads {limits['read_gb_per_s']} GB/s, {limits['fused_1e9_per_s']} 10^9 fused "
                                      "multiply-adds per second")


def compare_lloyd(table, case, systems, rows, start, iterations, tolerance, limits, runs=options.runs):
    k, d = start.shape
    found = alternate(systems, rows, k, start, iterations, tolerance, True, runs)
    table.add(case, found, limits, d, k)
    ours = found["strata"]
    _, iterations_done, centroids = fit_strata(rows, k, start, iterations, tolerance, FLOAT64)
    squares = library.sum_of_squares(rows, centroids)
    print(f"{case}: {ours[3] / squares - 1:+.1e} of the sum of squares in double precision", flush=True)
    if iterations_done == ours[1] and not math.isclose(ours[3], squares, rel_tol=SAME):
        sys.exit(f"error: the sum of squares is {ours[3]:.9g}, but {squares:.9g} in double precision")
    for name, other in found.items():
        if other[1] == ours[1] and not math.isclose(ours[3], other[3], rel_tol=SAME_PEER):
            sys.exit(f"error: the sum of squares is {ours[3]:.9g} for strata but {other[3]:.9g} for {name}")


def main():
    parts = options.parts.split(",")
    if set(parts) - {"lloyd", "large", "fit", "sweep"}:
        sys.exit(f"error: there is no such part: {options.parts}")
    table = Table()
    limits = program("limits", options.threads) if options.programs else None
    print("\n".join(table.lines), flush=True)
    peers = {"strata": fit_strata, "scikit-learn": fit_sklearn}
    with_faiss = {**peers, "faiss": fit_faiss} if faiss else peers
    for d, k in CASES if "lloyd" in parts else ():
        rows = mixture(options.rows, d, k)
        start = rows[:k].astype(float)
        runs = options.runs * (3 if d <= QUICK_COLUMNS else 1)
        compare_lloyd(table, f"lloyd d {d}, k {k}", with_faiss, rows, start, ITERATIONS, 0.0, limits, runs)
        compare_lloyd(table, f"tolerance d {d}, k {k}", peers, rows, start, 300, 1e-4, None)
    for d, k in LARGE_CASES if "large" in parts else ():
        rows = mixture(options.large_rows, d, k)
        start = rows[:k].astype(float)
        compare_lloyd(table, f"lloyd d {d}, k {k}, n {options.large_rows:,}", peers, rows, start, ITERATIONS, 0.0, limits, 1)
    if "fit" in parts:
        for name, rows in (("mixture", mixture(options.fit_rows, 3, 8)), ("customers", customers(options.fit_rows))):
            table.add(f"fit {name} d 3, k 8", alternate(peers, rows, 8, None, 0, 0, False))
    if options.programs and "sweep" in parts:
        sweep(table, customers(options.sweep_rows))
    if options.record:
        model = platform.machine()
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
        today = datetime.date.today().isoformat()
        name = "-".join("".join(c if c.isalnum() else " " for c in model).split())
        versions = f"scikit-learn {sklearn.__version__}, " + (
            f"faiss {faiss.__version__} ({faiss.get_compile_options().strip()})" if faiss else "faiss not installed")
        path = pathlib.Path(options.record) / f"{today}-{name}-kmeans.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text() if path.exists() and len(parts) < 4 else ""
        path.write_text(f"# k-means: {options.rows:,} rows, whole fits {options.fit_rows:,} rows, {options.threads} "
                        f"threads\n\n{today}, {model}, {os.cpu_count()} processors, {versions}"
                        f"{limits_text(limits)}\n\n{table.text(before)}\n")
        print(f"\nrecorded in {path}")


main()
