"""strata and its peers on one log: ratios, medians of interleaved runs, peak memory, totals compared.

usage: compare.py --strata PROGRAM --log CSV --work FOLDER [--threads N] [--runs N] [--record FOLDER]

Four stages:
  features  from bytes to a table in memory: strata's with all features, the peers' with last, first, count and sum per
            customer and nothing else; beside it strata's whole run to a synced snapshot with scores and segments
  quoted    the same from a copy of the log with quotes around every field, which is made beside it
  parquet   the same from a Parquet file of the same rows, which DuckDB wrote beside the log: strata through DuckDB's
            library against DuckDB itself
  job       strata from bytes to the whole snapshot with k-means, k = 8;
            the best stack of peers: DuckDB with three NTILEs, scikit-learn's KMeans, h5py writing 20 float32 columns
A peer's seconds are those of its queries, without its start-up. strata's are those that its log tells for the features,
and those of the whole process otherwise. Peak memory is the largest resident set of each process.
"""
import argparse
import decimal
import json
import os
import pathlib
import statistics
import subprocess
import sys

import machine
from process import run

HERE = pathlib.Path(__file__).resolve().parent
TOTALS = """
import h5py, json, sys
import numpy
with h5py.File(sys.argv[1]) as file:
    customers = file["customers"]
    minor = numpy.rint(customers["monetary"][:] * 1e4).astype("int64")
    print(json.dumps({
        "customers": str(len(minor)),
        "rows": str(int(customers["transactions"][:].sum(dtype="int64"))),
        "amount": str(sum(minor.tolist())) + "e-4",
        "last_days": str(int(customers["last_purchase_day"][:].sum(dtype="int64"))),
        "first_days": str(int(customers["first_purchase_day"][:].sum(dtype="int64"))),
    }))
"""


def last_json(text):
    return json.loads(text.strip().splitlines()[-1])


class Comparison:
    def __init__(self, options):
        self.options = options
        self.seconds = {}
        self.peak = {}
        self.totals = {}
        self.work = pathlib.Path(options.work)
        self.environment = {"OMP_NUM_THREADS": str(options.threads), "OPENBLAS_NUM_THREADS": str(options.threads),
                            "TZ": "UTC"}

    def note(self, stage, system, seconds, peak, totals=None):
        self.seconds.setdefault((stage, system), []).append(seconds)
        self.peak.setdefault((stage, system), []).append(peak)
        if totals:
            self.compare_totals(system, totals)
        print(f"  {stage:9} {system:30} {seconds:8.2f} s {peak / 1e6:8.0f} MB", flush=True)

    def compare_totals(self, system, totals):
        totals = {name: decimal.Decimal(value) for name, value in totals.items()}
        first_system, first = next(iter(self.totals.items()), (system, totals))
        for name, value in totals.items():
            if value != first[name]:
                sys.exit(f"error: {name} is {first[name]} for {first_system} but {value} for {system}")
        self.totals[system] = totals

    def strata(self, stage, log, *flags):
        snapshot = self.work / f"{stage}.h5"
        seconds, peak, _, told = run([self.options.strata, "run", "--transactions", log, "--output",
                                     snapshot, "--threads", str(self.options.threads), "--log", "json", *flags],
                                    self.environment)
        # In a process of its own: memory of this one would count as its children's.
        _, _, text, _ = run(["/usr/bin/python3", "-c", TOTALS, snapshot])
        if stage != "job":
            events = [json.loads(line) for line in told.splitlines()]
            done = [e["seconds"] for e in events if e["event"] == "log" and e["stage"] == "features"]
            self.note(stage, "strata", done[0], peak, last_json(text))
            self.note(stage, "strata, whole run", seconds, peak)
        else:
            self.note(stage, "strata", seconds, peak, last_json(text))
        return snapshot

    def node(self, program, stage, log):
        _, peak, text, _ = run(["node", HERE / program, log, str(self.options.threads), stage],
                            self.environment)
        found = last_json(text)
        return found["seconds"], peak, found["totals"]

    def features(self, stage="features", log=None):
        log = log or self.options.log
        self.strata(stage, log, "--clusters", "0", "--no-compress").unlink()
        for system, program in (("DuckDB", "duckdb.mjs"), ("ClickHouse", "clickhouse.mjs")):
            seconds, peak, totals = self.node(program, "features", log)
            self.note(stage, system, seconds["aggregate"], peak, totals)

    def quoted(self):
        log = self.work / f"{pathlib.Path(self.options.log).stem}-quoted.csv"
        if not log.exists():
            partial = log.with_suffix(".partial")
            with open(partial, "wb") as out:
                subprocess.run(["sed", 's/,/","/g; s/^/"/; s/$/"/', self.options.log], stdout=out, check=True)
            partial.rename(log)
        self.features("quoted", log)

    def parquet(self):
        log = str(pathlib.Path(self.options.log).with_suffix(".parquet"))
        if not os.path.exists(log):
            run(["node", HERE / "duckdb.mjs", self.options.log, str(self.options.threads), "convert"], self.environment)
        self.strata("parquet", log, "--clusters", "0", "--no-compress").unlink()
        seconds, peak, totals = self.node("duckdb.mjs", "features", log)
        self.note("parquet", "DuckDB", seconds["aggregate"], peak, totals)

    def job(self):
        snapshot = self.strata("job", self.options.log, "--clusters", "8")
        seconds, peak, totals = self.node("duckdb.mjs", "job", self.options.log)
        self.compare_totals("DuckDB", totals)
        _, other_peak, text, _ = run(["/usr/bin/python3", HERE / "kmeans_and_h5.py", snapshot, str(self.options.threads),
                                   self.work / "peer.h5"], self.environment)
        snapshot.unlink()
        seconds.update(last_json(text)["seconds"])
        parts = ", ".join(f"{name} {value:.2f}" for name, value in seconds.items())
        self.note("job", "DuckDB + scikit-learn + h5py", sum(seconds.values()), max(peak, other_peak))
        print(f"            of which {parts}", flush=True)

    def table(self):
        rows = ["| stage | system | seconds, median | runs | peak memory | strata is faster by |", "|---|---|---|---|---|---|"]
        for (stage, system), seconds in self.seconds.items():
            median = statistics.median(seconds)
            ratio = "" if system.startswith("strata") else f"{median / statistics.median(self.seconds[stage, 'strata']):.2f}x"
            rows.append(f"| {stage} | {system} | {median:.2f} | {' '.join(f'{s:.2f}' for s in seconds)} | "
                        f"{max(self.peak[stage, system]) / 1e6:.0f} MB | {ratio} |")
        return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strata", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--stages", default="features,parquet,job")
    parser.add_argument("--record", help="a folder: also write the table into a file there")
    options = parser.parse_args()
    stages = options.stages.split(",")
    if not set(stages) <= {"features", "quoted", "parquet", "job"}:
        parser.error("stages are features, quoted, parquet and job")

    comparison = Comparison(options)
    for number in range(options.runs):
        print(f"run {number + 1} of {options.runs}", flush=True)
        for stage in stages:
            getattr(comparison, stage)()
    totals = comparison.totals["strata"]
    summary = (f"{int(totals['rows']):,} rows, {int(totals['customers']):,} customers, "
               f"{os.path.getsize(options.log) / 1e6:,.0f} MB, {options.threads} threads")
    print(f"\n{summary}; totals agree\n\n{comparison.table()}")
    if options.record:
        machine.record(options.record, None, summary, comparison.table())


main()
