#!/usr/bin/env python3
"""Parquet and DuckDB queries that go wrong: an error that says why, nothing published, nothing left behind."""
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import duckdb_sql
import strata_testing as st

LOG = ("SELECT 'c' || i % 500 AS customer_id, DATE '2024-01-01' + (i % 600)::INT AS order_date, "
       "(i % 1000 / 10)::DECIMAL(10,2) AS amount FROM range(100000) t(i)")


class DuckDB(st.Case):
    def setUp(self):
        super().setUp()
        duckdb_sql.need_duckdb()

    def parquet(self, name="log.parquet", query=LOG):
        duckdb_sql.run(f"COPY ({query}) TO '{{folder}}/{name}' (FORMAT parquet, ROW_GROUP_SIZE 10000)", self.folder)
        return self.folder / name

    def query(self, sql, *flags, **options):
        return self.strata("run", "--source", "duckdb", "--query", sql, "--clusters", 0, "--output", "r.h5", *flags,
                           **options)

    def test_without_the_library(self):
        self.parquet()
        done = self.strata("run", "--transactions", "log.parquet", "--clusters", 0, "--output", "r.h5", expect=2,
                           env={"STRATA_DUCKDB_LIBRARY": "/nowhere/libduckdb.so"})
        self.assertIn("libduckdb-linux-amd64.zip", done.err)
        self.assertIn("STRATA_DUCKDB_LIBRARY", done.err)
        self.assertEqual(self.leftovers("log.parquet"), [])

    def test_wrong_queries(self):
        for sql, code, text in (("SELEC 1", 2, "syntax error"), ("SELECT 1; SELECT 2", 2, "one SELECT"),
                                ("DROP TABLE t", 2, "only read"), ("COPY (SELECT 1) TO 'x.csv'", 2, "only read"),
                                ("FROM nowhere", 3, "nowhere"), ("FROM 'nowhere.parquet'", 5, "nowhere.parquet"),
                                ("SELECT 1 AS a", 3, "customer")):
            with self.subTest(sql):
                self.assertIn(text, self.query(sql, expect=code).err)
                self.assertEqual(self.leftovers(), [])

    def test_statements_that_do_not_only_read_do_nothing(self):
        """Not even what preparing them would do; and neither a first nor a later statement of several is run."""
        victim = self.file("victim.csv", "a,b\n1,2\n")
        duckdb_sql.run("CREATE TABLE t AS SELECT 1 AS a", self.folder, "base.duckdb")
        before = st.digest(self.folder / "base.duckdb"), st.digest(victim)
        for sql in ("EXPORT DATABASE 'x'", "EXPORT DATABASE 'x' (FORMAT parquet)", "COPY (SELECT 1) TO 'x'",
                    "COPY (SELECT 1) TO 'victim.csv'", "COPY (SELECT 1 AS a) TO 'x' (FORMAT parquet, PARTITION_BY a)",
                    "ATTACH 'x'", "ATTACH 'base.duckdb' AS b", "CREATE TABLE x AS SELECT 1", "CREATE VIEW x AS SELECT 1",
                    "DELETE FROM t", "UPDATE t SET a = 2", "INSERT INTO t VALUES (3)", "DROP TABLE t", "INSTALL httpfs",
                    "LOAD 'x'", "IMPORT DATABASE 'x'", "PRAGMA database_list", "CALL duckdb_tables()", "SET threads = 1",
                    "EXPLAIN ANALYZE SELECT 1", "PREPARE p AS SELECT 1", "USE main", "VACUUM", "CHECKPOINT", "BEGIN",
                    "SELECT 1; EXPORT DATABASE 'x'", "EXPORT DATABASE 'x'; SELECT 1", "COPY (SELECT 1) TO 'x'; SELECT 1",
                    "ATTACH 'base.duckdb' AS b; DROP TABLE b.t", "SELECT 1) AS y; COPY (SELECT 1) TO 'x'; SELECT (1"):
            for flags in (("--source", "duckdb"), ("--transactions", "base.duckdb")):
                with self.subTest(sql, flags=flags):
                    done = self.strata("run", *flags, "--query", sql, "--clusters", 0, "--output", "r.h5", expect=None)
                    self.assertIn(done.code, (2, 5))
                    self.assertIn("DuckDB: " if sql.startswith(("IMPORT", "SELECT 1)")) else "--query", done.err)
                    self.assertEqual(self.leftovers("base.duckdb", "victim.csv"), [])
                    self.assertEqual((st.digest(self.folder / "base.duckdb"), st.digest(victim)), before)

    def test_queries_that_read(self):
        row = "SELECT 'a' AS customer_id, DATE '2024-01-01' AS day, 1 AS amount"
        for sql in (row, row + ";", f"-- what it is\n{row} -- and the end", f"({row})", f"WITH t AS ({row}) FROM t",
                    f"FROM ({row})", "FROM (VALUES ('a', DATE '2024-01-01', 1)) t(customer_id, day, amount)",
                    f"{row} UNION ALL {row} ORDER BY day LIMIT 1"):
            with self.subTest(sql):
                self.assertEqual(self.query(sql, "--time", "day").json["customers"], 1)

    def test_a_failure_half_way_keeps_the_older_snapshot(self):
        self.query(LOG)
        before = st.digest(self.folder / "r.h5")
        done = self.query(LOG.replace("'c' || i % 500", "CASE WHEN i = 90000 THEN error('it broke') ELSE 'c' || i END"),
                          expect=3)
        self.assertIn("it broke", done.err)
        self.assertEqual(st.digest(self.folder / "r.h5"), before)
        self.assertEqual(self.leftovers("r.h5"), [])

    def test_damaged_parquet(self):
        path = self.parquet()
        whole = path.read_bytes()
        half = len(whole) // 2
        for name, damaged in (("cut", whole[:half]), ("beginning alone", whole[:4]), ("footer", whole[:-8] + b"\xff" * 8),
                              ("pages", whole[:half] + b"\x5a" * 20000 + whole[half + 20000:])):
            with self.subTest(name):
                path.write_bytes(damaged)
                done = self.strata("run", "--transactions", "log.parquet", "--clusters", 0, "--output", "r.h5", expect=None)
                self.assertIn(done.code, (3, 5))
                self.assertIn("log.parquet", done.err)
                self.assertEqual(self.leftovers("log.parquet"), [])

    def test_bad_rows_have_numbers(self):
        self.parquet(query="SELECT CASE WHEN i NOT IN (4, 70000) THEN 'c' || i END AS customer_id, DATE '2024-01-01' AS day, "
                     "CASE WHEN i = 99999 THEN 0.00001 ELSE 1 END AS amount FROM range(100000) t(i)")
        flags = ("--transactions", "log.parquet", "--time", "day", "--clusters", 0, "--output", "r.h5", "--threads", 3)
        done = self.strata("run", *flags, expect=3)
        self.assertIn("3 of 100000 rows are bad", done.err)
        for line in ("log.parquet, row 5, column 1: ", "log.parquet, row 70001, column 1: ", "log.parquet, row 100000, column 3"):
            self.assertIn(line, done.err)
        done = self.strata("run", *flags, "--bad-rows", "skip")
        self.assertEqual((done.json["rejected"], done.json["transactions"]), (3, 99997))

    def test_types_that_cannot_be_read(self):
        self.parquet(query="SELECT [1] AS customer_id, DATE '2024-01-01' AS day, 'x'::BLOB AS amount")
        done = self.strata("run", "--transactions", "log.parquet", "--time", "day", "--output", "r.h5", expect=3)
        self.assertIn("log.parquet: the column 'customer_id' for --customer is a nested type", done.err)
        self.assertIn("nested", done.err)

    def test_infinite_dates_are_bad_rows(self):
        self.parquet(query="SELECT 'c' || i AS customer, CASE i WHEN 3 THEN 'infinity'::TIMESTAMP WHEN 5 THEN '-infinity' "
                     "ELSE TIMESTAMP '2024-01-01 10:00:00' END AS day, 1 AS amount FROM range(9) t(i)")
        done = self.strata("run", "--transactions", "log.parquet", "--time", "day", "--output", "r.h5", expect=3)
        self.assertIn("2 of 9 rows are bad", done.err)
        self.assertIn("row 4, column 2", done.err)
        self.assertIn("row 6, column 2", done.err)

    def test_standard_input_is_no_file(self):
        path = self.parquet()
        with path.open("rb") as file:
            pipe = subprocess.run(["bash", "-c", 'cat | "$0" run --transactions - --output r.h5', st.STRATA], stdin=file,
                                  cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertNotEqual(pipe.returncode, 0)
        self.assertEqual(self.leftovers("log.parquet"), [])

    def test_interrupted(self):
        command = [str(st.STRATA), "run", "--source", "duckdb", "--query",
                   LOG.replace("range(100000)", "range(100000000000)"), "--clusters", "0", "--output", "r.h5"]
        with subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
            self.assertNotEqual(process.returncode, 0)
        self.assertFalse((self.folder / "r.h5").exists())

    def test_a_query_spills_within_the_limit_and_cleans_up(self):
        spill = self.folder / "spill"
        spill.mkdir()
        sql = ("SELECT repeat('x', 30) || i % 50000 AS customer_id, DATE '2024-01-01' AS day, 1 AS amount "
               "FROM range(2000000) t(i) ORDER BY hash(i)")
        done = self.query(sql, "--time", "day", "--memory-limit", "400M", "--temp-dir", spill, "--threads", 2)
        self.assertEqual(done.json["customers"], 50000)
        self.assertEqual(os.listdir(spill), [])
        done = self.query(sql, "--time", "day", "--memory-limit", "60M", "--temp-dir", spill, "--threads", 2, expect=5)
        self.assertIn("raise --memory-limit", done.err)
        self.assertNotIn("SET ", done.err)
        self.assertEqual(os.listdir(spill), [])

    def test_a_killed_run_leaves_nothing(self):
        spill = self.folder / "spill"
        spill.mkdir()
        command = [str(st.STRATA), "run", "--source", "duckdb", "--query",
                   "SELECT repeat('x', 30) || i AS customer_id, DATE '2024-01-01' AS day, 1 AS amount "
                   "FROM range(1000000000) t(i) ORDER BY hash(i)", "--time", "day", "--clusters", "0", "--output", "r.h5",
                   "--memory-limit", "400M", "--temp-dir", str(spill), "--threads", "2"]
        with subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                while process.poll() is None and not list(spill.glob("*/*")):
                    time.sleep(0.01)
                self.assertIsNone(process.poll())
                self.query(LOG, "--temp-dir", spill, "--output", "other.h5")
                self.assertIsNone(process.poll())
                self.assertEqual(len(os.listdir(spill)), 1)
            finally:
                process.kill()
        deadline = time.monotonic() + 30
        while os.listdir(spill) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(os.listdir(spill), [])


if __name__ == "__main__":
    st.main()
