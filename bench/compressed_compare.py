"""How near reading a compressed log is to decompressing it: strata against the decompressor alone.

usage: compressed_compare.py --strata PROGRAM --decompress PROGRAM --log CSV --work FOLDER [--threads N] [--runs N]
                             [--record FOLDER]

Copies of the log are made beside it, once: zstd -3 in one frame, which one thread at a time has to decompress, and in
frames of 4 MiB; gzip, likewise one after the other; bgzip, whose blocks are independent.

  decompressor   bench_decompress: one thread, into a buffer that is filled again and again
  rows           strata on N threads until the log says that the rows are read: parsed and partitioned
  features       until it says that the features are computed
  one thread     rows, on one thread
The log itself is the last line. Decompressing takes its share of the processors: with D seconds of the processor for
it and R for the rest, N threads cannot take less than max(D, (D + R) / N) where one thread at a time decompresses.
`limit` is that, with the decompressor's D and R of the uncompressed log on one thread.
"""
import argparse
import json
import pathlib
import statistics
import subprocess

import machine
from process import run

CODINGS = {
    "zstd, one frame": (".zst", "zstd -q -3 -c LOG"),
    "zstd, frames of 4 MiB": (".frames.zst", "split -b 4M --filter='zstd -q -3 -c' LOG"),
    "gzip": (".gz", "gzip -6 -c LOG"),
    "bgzip": (".bgz", "bgzip -c LOG"),
    "not compressed": ("", None),
}


def make(log, suffix, command):
    path = pathlib.Path(f"{log}{suffix}")
    if not path.exists():
        partial = path.with_name(path.name + ".partial")
        with open(partial, "wb") as out:
            subprocess.run(["bash", "-c", command.replace("LOG", '"$1"'), "bash", log], stdout=out, check=True)
        partial.rename(path)
    return path


def read(options, path, threads):
    """Seconds until the rows are read and until the features are computed; peak bytes."""
    snapshot = pathlib.Path(options.work) / "compressed.h5"
    _, peak, _, told = run([options.strata, "run", "--transactions", path, "--output", snapshot, "--threads",
                            str(threads), "--clusters", "0", "--no-compress", "--log", "json"])
    snapshot.unlink()
    done = {e["stage"]: e["seconds"] for e in map(json.loads, told.splitlines()) if e["event"] == "log"}
    return done["ingest"], done["features"], peak


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strata", required=True)
    parser.add_argument("--decompress", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--record", help="a folder: also write the table into a file there")
    options = parser.parse_args()

    paths = {coding: make(options.log, suffix, command) if suffix else pathlib.Path(options.log)
             for coding, (suffix, command) in CODINGS.items()}
    found = {coding: [] for coding in CODINGS}
    for number in range(options.runs):
        print(f"run {number + 1} of {options.runs}", flush=True)
        for coding, path in paths.items():
            alone = json.loads(run([options.decompress, path])[2])["seconds"] if CODINGS[coding][0] else 0.0
            rows, features, peak = read(options, path, options.threads)
            found[coding].append((alone, rows, features, read(options, path, 1)[0], peak))
            print(f"  {coding:22} decompressor {alone:6.2f} s, rows {rows:6.2f} s, features {features:6.2f} s, "
                  f"one thread {found[coding][-1][3]:6.2f} s", flush=True)
    medians = {coding: [statistics.median(values) for values in zip(*runs)] for coding, runs in found.items()}
    rest = medians["not compressed"][3]
    lines = ["| log | MB | decompressor | rows | limit | of the decompressor's | features | rows, one thread | "
             "threads gain | peak memory |", "|---|---|---|---|---|---|---|---|---|---|"]
    for coding, (alone, rows, features, one, _) in medians.items():
        limit = max(alone if coding in ("zstd, one frame", "gzip") else 0, (alone + rest) / options.threads)
        lines.append(f"| {coding} | {paths[coding].stat().st_size / 1e6:.0f} | {f'{alone:.2f} s' if alone else ''} | "
                     f"{rows:.2f} s | {limit:.2f} s | {f'{alone / rows:.0%}' if alone else ''} | {features:.2f} s | "
                     f"{one:.2f} s | {one / rows:.2f}x | {max(run[4] for run in found[coding]) / 1e6:.0f} MB |")
    summary = f"{paths['not compressed'].stat().st_size / 1e6:,.0f} MB of text, {options.threads} threads"
    table = "\n".join(lines)
    print(f"\n{summary}\n\n{table}")
    if options.record:
        machine.record(options.record, "compressed", summary, table)


main()
