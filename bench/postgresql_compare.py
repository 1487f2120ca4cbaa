"""Reading a table of a PostgreSQL server of its own: strata against psql, which only writes the bytes to /dev/null.

usage: postgresql_compare.py --strata PROGRAM --log CSV --work FOLDER [--threads N] [--runs N] [--record FOLDER]

  psql            COPY table TO STDOUT (FORMAT binary) >/dev/null
  strata, table   the whole run without clusters, until the log says that the rows are read
  strata, query   the same over one connection
Seconds of the processor are those of the client and of the server's processes for it: where they share the processors,
seconds of the clock depend on both.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests/support"))

import machine
import postgresql_server


def server_seconds(server):
    """Processor time of the server's processes that have ended."""
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def run(command, server):
    """Seconds of the clock, of the client's processor and of the server's; its log."""
    before = server_seconds(server)
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        told = log.read().decode()
    if process.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))} ended with {process.returncode}\n{told}")
    time.sleep(0.2)  # until the server has seen its children end
    return seconds, usage.ru_utime + usage.ru_stime, server_seconds(server) - before, told


def reading_seconds(log):
    events = [json.loads(line) for line in log.splitlines()]
    return next(e["seconds"] for e in events if e["event"] == "log" and e["stage"] == "ingest")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strata", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--record", help="a folder: also write the table into a file there")
    options = parser.parse_args()

    server = postgresql_server.Server()
    try:
        server.sql("CREATE UNLOGGED TABLE orders (customer text, time timestamp, amount numeric(12,2))")
        with open(options.log, "rb") as log:
            subprocess.run([server.client, "-X", "-q", "-h", server.folder, "-U", "owner", "-d", "postgres", "-c",
                            "COPY orders FROM STDIN (FORMAT csv, HEADER)"], stdin=log, check=True)
        server.sql("VACUUM (ANALYZE) orders")
        rows = int(server.sql("SELECT count(*) FROM orders"))
        copy = [server.client, "-X", "-q", "-h", server.folder, "-U", "owner", "-d", "postgres", "-c",
                "COPY orders TO STDOUT (FORMAT binary)"]
        strata = [options.strata, "run", "--source", server.url(), "--threads", str(options.threads), "--clusters", "0",
                  "--log", "json", "--output", str(pathlib.Path(options.work) / "postgresql.h5")]
        systems = {"psql": copy, "strata, table": [*strata, "--table", "orders"],
                   "strata, query": [*strata, "--query", "SELECT * FROM orders"]}
        found = {name: [] for name in systems}
        for number in range(options.runs):
            print(f"run {number + 1} of {options.runs}", flush=True)
            for name, command in systems.items():
                seconds, client, served, log = run(command, server)
                reading = seconds if name == "psql" else reading_seconds(log)
                found[name].append((reading, client, served))
                print(f"  {name:14} {reading:7.2f} s  processor: client {client:6.2f} s, server {served:6.2f} s", flush=True)
    finally:
        server.stop()
    medians = {name: [statistics.median(values) for values in zip(*runs)] for name, runs in found.items()}
    lines = ["| system | seconds, median | runs | rows/s | of psql's | processor seconds: client | server |",
             "|---|---|---|---|---|---|---|"]
    for name, (seconds, client, served) in medians.items():
        lines.append(f"| {name} | {seconds:.2f} | {' '.join(f'{run[0]:.2f}' for run in found[name])} | "
                     f"{rows / seconds:,.0f} | {medians['psql'][0] / seconds:.0%} | {client:.2f} | {served:.2f} |")
    summary = f"{rows:,} rows from PostgreSQL, {options.threads} threads"
    table = "\n".join(lines)
    print(f"\n{summary}\n\n{table}")
    if options.record:
        machine.record(options.record, "postgresql", summary, table)


main()
