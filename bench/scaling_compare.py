"""strata with one thread, and with a memory limit, against strata with neither: ratios, medians of interleaved runs.

usage: scaling_compare.py --strata PROGRAM --log CSV --work FOLDER [--threads N] [--runs N] [--limit SIZE]
                          [--record FOLDER]

Each run goes from bytes to a synced snapshot without clusters and compression. "features" are the seconds that the log
tells until the features are there, "whole run" those of the process. With the limit rows beyond it go to a temporary
file in --work, if the log is so large. Every run must give the same customers, bit for bit.
"""
import argparse
import json
import os
import pathlib
import statistics
import sys

import machine
from process import run

DIGEST = """
import h5py, hashlib, sys
digest = hashlib.sha256()
with h5py.File(sys.argv[1]) as file:
    for group in ("customers", "keys"):
        for name in sorted(file[group]):
            digest.update(name.encode() + file[group][name][:].tobytes())
print(digest.hexdigest())
"""


def measure(options, name, flags):
    snapshot = pathlib.Path(options.work) / "scaling.h5"
    seconds, peak, _, told = run([options.strata, "run", "--transactions", options.log, "--output", snapshot,
                                  "--clusters", "0", "--no-compress", "--log", "json", *flags])
    _, _, digest, _ = run(["/usr/bin/python3", "-c", DIGEST, snapshot])
    snapshot.unlink()
    events = [json.loads(line) for line in told.splitlines()]
    features = [e["seconds"] for e in events if e["event"] == "log" and e["stage"] == "features"][0]
    print(f"  {name:24} {features:8.2f} s {seconds:8.2f} s {peak / 1e6:8.0f} MB", flush=True)
    return features, seconds, peak, digest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strata", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", default="1G")
    parser.add_argument("--record", help="a folder: also write the table into a file there")
    options = parser.parse_args()
    plain = f"{options.threads} threads"
    cases = {plain: ("--threads", str(options.threads)), "one thread": ("--threads", "1"),
             f"--memory-limit {options.limit}": ("--threads", str(options.threads), "--memory-limit", options.limit,
                                                 "--temp-dir", options.work)}
    found = {name: [] for name in cases}
    for _ in range(options.runs):
        for name, flags in cases.items():
            found[name].append(measure(options, name, flags))
    if len({digest for runs in found.values() for _, _, _, digest in runs}) != 1:
        sys.exit("error: the customers differ between the runs")
    medians = {name: [statistics.median(column) for column in list(zip(*runs))[:2]] for name, runs in found.items()}
    lines = ["| run | features, s | whole run, s | runs, features | peak memory | features take | the whole run takes |",
             "|---|---|---|---|---|---|---|"]
    for name, runs in found.items():
        features, whole = medians[name]
        against = ("", "") if name == plain else (f"{features / medians[plain][0]:.2f}x", f"{whole / medians[plain][1]:.2f}x")
        lines.append(f"| {name} | {features:.2f} | {whole:.2f} | {' '.join(f'{r[0]:.2f}' for r in runs)} | "
                     f"{max(r[2] for r in runs) / 1e6:.0f} MB | {against[0]} | {against[1]} |")
    table, summary = "\n".join(lines), f"{os.path.getsize(options.log) / 1e6:,.0f} MB of text; the customers are the same"
    print(f"\n{summary}\n\n{table}")
    if options.record:
        rows = pathlib.Path(options.log).stem.split("-")[-1]
        machine.record(options.record, f"scaling-{rows}", summary, table)


main()
