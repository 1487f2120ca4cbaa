#!/usr/bin/env python3
"""PostgreSQL as a source, against a server that the test starts: every type, tables cut into ranges, several
connections, one snapshot while others write, broken connections, and passwords that nobody sees."""
import csv
import os
import pathlib
import socket
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

st.need_modules("h5py", "pandas")

import postgresql_server
import snapshots

SAMPLE = st.SOURCE / "datasets/sample.csv"
COLUMNS = "customer_id text, order_time timestamp, amount numeric(12,2), order_id text, channel text, category text"
THREADS = (1, 2, 3, 8)
CANARY = "Kanarienvogel7"


class WithServer(st.Case):
    @classmethod
    def setUpClass(cls):
        try:
            postgresql_server.need_support()
            cls.server = postgresql_server.Server(with_password=["locked"])
            cls.addClassCleanup(cls.server.stop)
        except st.unittest.SkipTest as reason:
            cls.server, cls.reason = None, str(reason)

    def setUp(self):
        super().setUp()
        if not self.server:
            self.skipTest(self.reason)

    def read(self, *flags, output="r.h5", source=None, **options):
        return self.strata("run", "--source", source or self.server.url(), *flags, "--output", output, **options)

    def results(self, *flags, **options):
        self.read(*flags, **options)
        return snapshots.datasets(self.folder / "r.h5", "customers", "keys")

    def refused(self, *flags, code=3, **options):
        """The message of a run that leaves nothing behind."""
        known = [path.name for path in self.folder.iterdir()]
        done = self.read(*flags, expect=code, **options)
        self.assertEqual(self.leftovers(*known), [])
        return done.err

    def ids(self, expression, *flags, rows="(VALUES (1)) AS one(x)"):
        """The customer ids that an expression makes."""
        self.read("--query", f"SELECT {expression} AS customer, date '2025-01-01' AS time, 1 AS amount FROM {rows}",
                  "--clusters", 0, *flags)
        return sorted(snapshots.read_customers(self.folder / "r.h5").index)

    def load_sample(self, name, kind="TABLE", options="", filler=0):
        self.server.sql(f"CREATE {kind} {name} ({COLUMNS}, filler text) {options}")
        self.server.sql(f"ALTER TABLE {name} ALTER filler SET DEFAULT repeat('x', {filler})")
        self.server.sql(f"ALTER TABLE {name} ALTER filler SET STORAGE PLAIN")
        self.server.sql(f"COPY {name} (customer_id, order_time, amount, order_id, channel, category) FROM STDIN "
                        "(FORMAT csv, HEADER)", stdin=SAMPLE.read_bytes())

    def sample_results(self):
        self.strata("run", "--transactions", SAMPLE, "--output", "r.h5")
        return snapshots.datasets(self.folder / "r.h5", "customers", "keys")


class Tables(WithServer):
    def test_the_same_as_text(self):
        expected = self.sample_results()
        self.load_sample("plain")
        self.load_sample("large", kind="UNLOGGED TABLE", filler=1800)
        self.assertGreater(int(self.server.sql("SELECT pg_relation_size('large') / 8192")), 2048)
        for threads in THREADS:
            for flags in (("--table", "plain"), ("--table", "public.large"),
                          ("--query", "SELECT * FROM plain ORDER BY amount; ")):
                with self.subTest(threads=threads, flags=flags):
                    self.assertEqual(self.results(*flags, "--threads", threads), expected)
        statements = [line for line in self.server.log.read_text().splitlines() if "r.ctid >=" in line]
        self.assertGreater(len({line.split()[0] for line in statements}), 4, "one connection only")
        plan = self.server.sql("EXPLAIN SELECT r.amount FROM large AS r WHERE r.ctid >= '(0,0)' AND r.ctid < '(1024,0)'")
        self.assertIn("Tid Range Scan", plan)

    def test_what_is_no_plain_table(self):
        expected = self.sample_results()
        self.load_sample("base")
        self.server.sql("CREATE VIEW a_view AS SELECT * FROM base; CREATE MATERIALIZED VIEW stored AS TABLE base; "
                        f"CREATE TABLE parted ({COLUMNS}, filler text) PARTITION BY RANGE (order_time); "
                        "CREATE TABLE early PARTITION OF parted FOR VALUES FROM (MINVALUE) TO ('2024-07-01'); "
                        "CREATE TABLE late (category text, filler text, gone int, channel text, order_id text, "
                        "amount numeric(12,2), order_time timestamp, customer_id text); ALTER TABLE late DROP gone; "
                        "ALTER TABLE parted ATTACH PARTITION late FOR VALUES FROM ('2024-07-01') TO (MAXVALUE); "
                        "INSERT INTO parted TABLE base; "
                        "CREATE TABLE mother (LIKE base); CREATE TABLE child () INHERITS (mother); "
                        "INSERT INTO mother SELECT * FROM base WHERE amount < 20; "
                        "INSERT INTO child SELECT * FROM base WHERE amount >= 20; "
                        'CREATE SCHEMA "Odd one"; CREATE TABLE "Odd one"."Ta""ble" AS TABLE base')
        for name in ("a_view", "stored", "parted", "mother", '"Odd one"."Ta""ble"'):
            for threads in (1, 3):
                with self.subTest(name, threads=threads):
                    self.assertEqual(self.results("--table", name, "--threads", threads), expected)

    def test_rights_are_those_of_the_table(self):
        """Partitions that only their whole may be read through, columns, rows that a policy hides."""
        self.load_sample("source")
        self.server.sql("CREATE ROLE clerk LOGIN; CREATE TABLE whole (LIKE source) PARTITION BY LIST (channel); "
                        "CREATE TABLE part1 PARTITION OF whole FOR VALUES IN ('app'); "
                        "CREATE TABLE part2 PARTITION OF whole DEFAULT; INSERT INTO whole TABLE source; "
                        "GRANT SELECT ON whole TO clerk; "
                        "CREATE TABLE some_columns AS TABLE source; "
                        "GRANT SELECT (customer_id, order_time, amount) ON some_columns TO clerk; "
                        "CREATE TABLE some_rows AS TABLE source; ALTER TABLE some_rows ENABLE ROW LEVEL SECURITY; "
                        "GRANT SELECT ON some_rows TO clerk; CREATE POLICY p ON some_rows USING (channel = 'app')")
        source = self.server.url(user="clerk")
        count = int(self.server.sql("SELECT count(*) FROM source WHERE channel = 'app'"))
        self.assertEqual(self.read("--table", "whole", "--threads", 3, source=source).json["transactions"], 10366)
        self.assertEqual(self.read("--table", "some_rows", "--threads", 3, source=source).json["transactions"], count)
        flags = ("--query", "SELECT customer_id, order_time, amount FROM some_columns")
        self.assertEqual(self.read(*flags, source=source).json["transactions"], 10366)
        message = self.refused("--table", "source", code=3, source=source)
        self.assertIn("permission denied for table source (SQLSTATE 42501)", message)

    def test_row_numbers(self):
        """Bad rows have the numbers of the order in which the table stores them, however it was cut."""
        self.server.sql("CREATE UNLOGGED TABLE numbered (n int, customer text, time date, amount text, filler text); "
                        "ALTER TABLE numbered ALTER filler SET STORAGE PLAIN; "
                        "INSERT INTO numbered SELECT i, 'c' || i, '2025-01-01', CASE WHEN i % 1111 = 0 THEN 'x' || i "
                        "ELSE '1.50' END, repeat('x', 1800) FROM generate_series(1, 9000) i; "
                        "DELETE FROM numbered WHERE n IN (5, 3000)")
        wanted = [(n - (n > 5) - (n > 3000), f"not a number: 'x{n}'") for n in range(1111, 9000, 1111)]
        for threads in THREADS:
            with self.subTest(threads=threads):
                self.read("--table", "numbered", "--bad-rows", "skip", "--threads", threads, "--clusters", 0)
                with open(self.folder / "r.h5.rejects.csv", newline="") as file:
                    rows = list(csv.reader(file))[1:]
                self.assertEqual([(int(row[1]), row[3]) for row in rows], wanted)
        message = self.refused("--table", "numbered", "--threads", 3)
        self.assertIn("8 of 8998 rows are bad", message)
        self.assertRegex(message, r"row 1110, column 4: not a number: 'x1111'")

    def test_one_state_while_others_write(self):
        """Money moves between accounts and rows move to other pages: their sum and number stay the same."""
        self.server.sql("CREATE UNLOGGED TABLE moving (customer int, time date, amount numeric(12,2), filler text) "
                        "WITH (autovacuum_enabled = off); ALTER TABLE moving ALTER filler SET STORAGE PLAIN; "
                        "INSERT INTO moving SELECT i % 700, '2025-01-01', 10, repeat('x', 1800) "
                        "FROM generate_series(1, 9100) i")
        done = threading.Event()

        def write():
            for number in range(100000):
                if done.is_set():
                    break
                self.server.sql(f"UPDATE moving SET amount = amount + CASE WHEN customer < 350 THEN {number + 1} "
                                f"ELSE -{number + 1} END WHERE customer % 50 = {number % 50}")

        def n_pages():
            return int(self.server.sql("SELECT pg_relation_size('moving') / 8192"))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(100):
                if number >= 6 and n_pages() > 2400:
                    break
                out = self.read("--table", "moving", "--threads", 3, "--clusters", 0).out
                self.assertRegex(out, r"used +9,100 +91,000\.00")
        finally:
            done.set()
            writer.join()
        self.assertGreater(n_pages(), 2400)

    def test_fewer_connections_than_asked_for(self):
        self.load_sample("wide", kind="UNLOGGED TABLE", filler=1800)
        expected = self.sample_results()
        for limit in (1, 2):
            with self.subTest(limit=limit):
                role = f"lonely{limit}"
                self.server.sql(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT {limit}; GRANT SELECT ON wide TO {role}")
                before = len(self.log_lines())
                found = self.results("--table", "wide", "--threads", 8, source=self.server.url(user=role))
                self.assertEqual(found, expected)
                log = self.log_lines()[before:]
                self.assertEqual(len(self.connections(log)), limit)
                self.assertTrue(any("too many connections for role" in line for line in log))

    def log_lines(self):
        return self.server.log.read_text().splitlines()

    @staticmethod
    def connections(log):
        """The processes of the server that strata had begin a transaction, once for each that it did."""
        return [line.split()[0] for line in log if " strata]" in line and ": BEGIN " in line]

    def test_one_connection_plans_and_reads(self):
        """So a role that may have one is never refused, and the columns are those of the rows."""
        self.server.sql("CREATE TABLE texts AS SELECT i AS customer, "
                        "'0' || 1 + i % 9 || '/' || CASE i WHEN 9000 THEN '31' ELSE '07' END || '/2024' AS time, "
                        "1 AS amount FROM generate_series(1, 30000) i")
        typed = "SELECT customer, date '2024-07-01' AS time, amount FROM texts"
        nothing = "SELECT customer, time, amount FROM texts WHERE false"
        mixed = "SELECT customer, CASE WHEN customer % 2 = 0 THEN time END AS time, amount FROM texts -- as it is"
        self.refused("--query", nothing, source=self.single("texts"))
        for flags, counts in ((("--query", typed), (30000, 0)), (("--table", "texts"), (30000, 0)),
                              (("--table", "texts", "--time-format", "%m/%d/%Y"), (30000, 0)),
                              (("--query", mixed, "--bad-rows", "skip"), (15000, 15000))):
            for threads in (1, 3):
                with self.subTest(flags=flags, threads=threads):
                    before = len(self.log_lines())
                    done = self.read(*flags, "--threads", threads, "--clusters", 0, source=self.single("texts"))
                    self.assertEqual((done.json["transactions"], done.json["rejected"]), counts)
                    self.assertEqual(len(self.connections(self.log_lines()[before:])), 1)

    def single(self, table):
        """A role that may have one connection; a new one, since the server may still count one that was closed."""
        role = f"single{self.server.sql('SELECT count(*) FROM pg_roles')}"
        self.server.sql(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1; GRANT SELECT ON {table} TO {role}")
        return self.server.url(user=role)


class Values(WithServer):
    def test_customers(self):
        uuid = "00112233-4455-6677-8899-aabbccddeeff"
        self.server.sql("CREATE TYPE size AS ENUM ('small', 'large'); CREATE DOMAIN code AS varchar(9) CHECK "
                        "(value <> ''); CREATE DOMAIN whole_size AS size")
        cases = {"7::int2": "7", "'-7'::int4": "-7", "9223372036854775807::int8": "9223372036854775807",
                 "'007'::text": "007", "'007'::varchar(5)": "007", "'a b  '::char(8)": "a b", "'a  '::text": "a  ",
                 "'n'::name": "n", "'c'::\"char\"": "c", f"'{uuid}'::uuid": uuid, "'large'::size": "large",
                 "'small'::whole_size": "small", "'X9'::code": "X9", "12.50::numeric": "12.50", "'literal'": "literal",
                 "'0.0000'::numeric(9,4)": "0.0000", "12345678901234567890123456789": "12345678901234567890123456789",
                 "'客户七'::text": "客户七", "0.1::float4": "0.1", "0.1::float8": "0.1", "repeat('k', 4096)": "k" * 4096}
        for expression, id in cases.items():
            with self.subTest(expression):
                self.assertEqual(self.ids(expression), [id])
        if self.server.sql("SELECT count(*) FROM pg_available_extensions WHERE name = 'citext'") == "1":
            self.server.sql("CREATE EXTENSION citext")
            self.assertEqual(self.ids("'MiXed'::citext"), ["MiXed"])

    def test_amounts(self):
        cases = {"72.59::numeric": 72.59, "'-0.0001'::numeric(10,4)": -0.0001, "5::int2": 5, "(-6)::int4": -6,
                 "7::int8": 7, "'$1,234.50'::money": 1234.5, "0.1::float4": 0.1, "-2.25::float8": -2.25, "'3.5'::text": 3.5,
                 "123456789012345.6789::numeric": 123456789012345.6789, "100000000::numeric": 1e8, "0::numeric(5,2)": 0}
        for expression, amount in cases.items():
            with self.subTest(expression):
                self.read("--query", f"SELECT 1 AS customer, date '2025-01-01' AS time, {expression} AS amount",
                          "--clusters", 0)
                self.assertEqual(snapshots.read_customers(self.folder / "r.h5")["monetary"].item(), amount)

    def test_a_declared_notation_is_that_of_texts(self):
        for expression in ("1234.50::numeric", "'1.234,50'::text", "1234.5::float8"):
            with self.subTest(expression):
                self.read("--query", f"SELECT 1 AS customer, date '2025-01-01' AS time, {expression} AS amount",
                          "--clusters", 0, "--amount-style", "grouped-comma")
                self.assertEqual(snapshots.read_customers(self.folder / "r.h5")["monetary"].item(), 1234.5)

    def day(self, expression, *flags):
        self.read("--query", f"SELECT 1 AS customer, {expression} AS time, 1 AS amount", "--clusters", 0, *flags)
        return snapshots.read_customers(self.folder / "r.h5")["last_purchase_day"].item()

    def test_times(self):
        shanghai, new_york = ("--time-zone", "Asia/Shanghai"), ("--time-zone", "America/New_York")
        for expression, flags, day in (
                ("date '1970-01-02'", shanghai, 1), ("date '1969-12-31'", (), -1), ("date '9999-12-31'", ("--as-of", "9999-12-31"), 2932896),
                ("timestamp '1970-01-02 23:59:59.999999'", shanghai, 1), ("timestamp '1999-12-31 00:00'", (), 10956),
                ("timestamptz '1970-01-01 16:00+00'", shanghai, 1), ("timestamptz '1970-01-01 15:59:59.9Z'", shanghai, 0),
                ("timestamptz '2024-03-10 04:59:59Z'", new_york, 19791), ("timestamptz '2024-03-11 03:59:59Z'", new_york, 19792),
                ("timestamptz '2024-03-11 04:00Z'", new_york, 19793), ("'1970-01-03'::text", (), 2)):
            with self.subTest(expression):
                self.assertEqual(self.day(expression, *flags), day)

    def test_values_that_make_a_row_bad(self):
        query = ("SELECT * FROM (VALUES "
                 "(1, 'a', timestamp '2025-01-01', 1::numeric), (2, 'a', 'infinity', 1), (3, 'a', '-infinity', 1), "
                 "(4, 'a', NULL, 1), (5, NULL, '2025-01-01', 1), (6, '', '2025-01-01', 1), "
                 "(7, 'a', '2025-01-01', 'NaN'), (8, 'a', '2025-01-01', 'Infinity'), (9, 'a', '2025-01-01', NULL), "
                 "(10, 'a', '2025-01-01', 0.00001), (11, 'a', '2025-01-01', 1e40), (12, 'a', '20000-01-01', 1), "
                 "(13, repeat('k', 4097), '2025-01-01', 1), (14, 'a', '2025-01-01', 1e5000), "
                 "(15, 'a', '0044-03-15 BC', 1)) AS t(n, customer, time, amount) ORDER BY n")
        done = self.read("--query", query, "--bad-rows", "skip", "--clusters", 0)
        self.assertEqual((done.json["transactions"], done.json["rejected"]), (1, 14))
        with open(self.folder / "r.h5.rejects.csv", newline="") as file:
            found = {int(row[1]): row[3] for row in list(csv.reader(file))[1:]}
        self.assertEqual(sorted(found), list(range(2, 16)))
        for number, reason in {2: "year not between", 3: "year not between", 4: "time is empty", 5: "id is empty",
                               6: "id is empty", 7: "not a number: 'NaN'", 8: "not a number: 'Infinity'",
                               9: "number is empty", 10: "more than 4 decimals", 11: "out of range", 12: "year not between",
                               13: "longer than", 14: "longer than", 15: "year not between"}.items():
            self.assertIn(reason, found[number])

    def test_types_that_are_refused(self):
        for expression, name in (("'\\x00'::bytea", "bytea"), ("'{}'::json", "json"), ("ARRAY[1]", "integer[]"),
                                 ("true", "boolean"), ("interval '1 day'", "interval"), ("point '(1,2)'", "point")):
            with self.subTest(expression):
                query = f"SELECT {expression} AS customer, date '2025-01-01' AS time, 1 AS amount"
                message = self.refused("--query", query)
                self.assertIn(f"column customer, for --customer, has the type {name}, which strata does not read", message)
                self.assertIn('cast it in --query, such as "customer"::text', message)
        # The advice is SQL as it stands, whatever the column is called, and what it makes is read under the same name.
        for column in ("Kunden Nr", "CustomerID", "select", 'a "b" c', "客户编号"):
            with self.subTest(column):
                quoted = '"' + column.replace('"', '""') + '"'
                rest = "date '2025-01-01' AS time, 1 AS amount"
                message = self.refused("--query", f"SELECT true AS {quoted}, {rest}", "--customer", column)
                cast = message.strip().rpartition("such as ")[2]
                self.read("--query", f"SELECT {cast}, {rest} FROM (SELECT true AS {quoted}) t", "--customer", column)
        # One that is not asked for does not matter; and a cast is all that it takes.
        self.assertEqual(self.ids("'{}'::json AS more, 'x'"), ["x"])
        self.assertEqual(self.ids("true::text"), ["true"])

    def test_encodings_of_databases(self):
        for encoding, id in (("EUC_CN", "客户七"), ("LATIN1", "Müller"), ("EUC_JP", "顧客")):
            with self.subTest(encoding):
                name = encoding.lower()
                self.server.sql(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'")
                column = "客户编号" if encoding == "EUC_CN" else "customer"
                self.server.sql(f'CREATE TABLE t AS SELECT \'{id}\'::text AS "{column}", '
                                "date '2025-01-01' AS time, 1 AS amount", database=name)
                self.read("--table", "t", "--clusters", 0, source=self.server.url(database=name),
                          env={"PGCLIENTENCODING": "LATIN1"})
                self.assertEqual(list(snapshots.read_customers(self.folder / "r.h5").index), [id])


class Errors(WithServer):
    def test_statements(self):
        for flags, words in (
                (("--query", "SELEC 1"), "syntax error at or near \"SELEC\" (SQLSTATE 42601)"),
                (("--query", "SELECT nothing FROM pg_class"), "column \"nothing\" does not exist (SQLSTATE 42703)"),
                (("--query", "SELECT 1; DROP TABLE x"), "cannot insert multiple commands"),
                (("--query", "CREATE TABLE made (a int)"), "--query gives no rows"),
                (("--query", "SELECT nextval('counter') AS customer, date '2025-01-01' AS time, 1 AS amount"),
                 "in a read-only transaction (SQLSTATE 25006)"),
                (("--query", "SELECT 'a' AS customer, date '2025-01-01' AS time, 1 / (i - 5000) AS amount "
                             "FROM generate_series(1, 100000) i"), "division by zero (SQLSTATE 22012)"),
                (("--table", "nowhere"), "has no table nowhere"),
                (("--table", "x; DROP TABLE y"), "(SQLSTATE 42")):
            with self.subTest(flags):
                self.server.sql("CREATE SEQUENCE IF NOT EXISTS counter")
                self.assertIn(words, self.refused(*flags))
        message = self.refused("--query", "SELECT 1", code=5, source=self.server.url(database="nowhere"))
        self.assertIn('database "nowhere" does not exist', message)

    def test_a_cut_connection_publishes_nothing(self):
        self.load_sample("cut")
        self.read("--table", "cut")
        before = st.digest(self.folder / "r.h5")
        query = ("SELECT 'c' || i AS customer, date '2025-01-01' AS time, CASE WHEN i = 50000 THEN "
                 "pg_terminate_backend(pg_backend_pid())::int ELSE 1 END AS amount FROM generate_series(1, 100000) i")
        for threads in (1, 3):
            message = self.refused("--query", query, "--threads", threads, code=5)
            self.assertIn("terminating connection due to administrator command (SQLSTATE 57P01)", message)
            self.assertEqual(st.digest(self.folder / "r.h5"), before)

    def test_a_stream_cut_anywhere(self):
        self.load_sample("streamed")
        flags = ("--table", "streamed", "--clusters", 0, "--threads", 2)
        with Relay(self.server.socket) as relay:
            source = self.server.url(host=relay.folder, more="&gssencmode=disable&sslmode=disable")
            self.read(*flags, source=source)
            n = relay.n_bytes
            self.assertGreater(n, 400_000)
            (self.folder / "r.h5").unlink()
            for limit in (1, 100, 2000, n // 2 + 3000, n * 3 // 4, n - 20_000, n - 300, n - 30):
                with self.subTest(limit=limit, of=n):
                    relay.limit, relay.n_bytes = limit, 0
                    self.refused(*flags, code=5, source=source)

    def test_a_server_that_does_not_answer(self):
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(str(self.server.folder / ".s.PGSQL.5999"))
        listener.listen()
        message = self.refused("--query", "SELECT 1", code=5, timeout=60, env={"PGCONNECT_TIMEOUT": "2"},
                               source=f"postgresql://owner@/postgres?host={self.server.folder}&port=5999")
        self.assertIn("timeout expired", message)


class Relay:
    """A socket that passes everything on to a server, but no more than `limit` bytes of what the server says."""

    def __init__(self, target):
        self.target, self.limit, self.n_bytes = str(target), None, 0
        self.lock = threading.Lock()  # on the count: connections may overlap
        self.folder = target.parent / "relay"
        self.folder.mkdir()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.folder / target.name))
        self.listener.listen()

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.listener.close()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.target)
            threading.Thread(target=self.copy, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self.copy, args=(far, near, True), daemon=True).start()

    def allow(self, data):
        """What may pass of what the server says, and whether that is the last of it."""
        with self.lock:
            if self.limit is not None:
                data = data[:max(0, self.limit - self.n_bytes)]
            self.n_bytes += len(data)
            return data, self.limit is not None and self.n_bytes >= self.limit

    def copy(self, source, sink, is_counted):
        is_last = False
        try:
            while not is_last and (data := source.recv(1000)):
                if is_counted:
                    data, is_last = self.allow(data)
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Credentials(WithServer):
    def setUp(self):
        super().setUp()
        self.server.sql("DROP ROLE IF EXISTS locked; "
                        f"CREATE ROLE locked LOGIN PASSWORD '{CANARY}'")
        self.query = ("--query", "SELECT 1 AS customer, date '2025-01-01' AS time, 1 AS amount", "--clusters", 0,
                      "--bad-rows", "skip")

    def check(self, done, *kept):
        """The password is in nothing that the run said or wrote."""
        self.assertNotIn(CANARY, done.out)
        self.assertNotIn(CANARY, done.err)
        for path in self.folder.rglob("*"):
            if path.is_file() and path.name not in kept:
                self.assertNotIn(CANARY.encode(), path.read_bytes(), path)

    def test_from_the_usual_places(self):
        host, port = self.server.folder, postgresql_server.PORT
        locked = self.server.url(user="locked")
        self.file("pgpass", f"*:*:*:locked:{CANARY}\n").chmod(0o600)
        self.file("service", f"[shop]\nhost={host}\nport={port}\nuser=locked\npassword={CANARY}\ndbname=postgres\n")
        surroundings = {"PGHOST": str(host), "PGPORT": str(port), "PGUSER": "locked", "PGPASSWORD": CANARY,
                        "PGDATABASE": "postgres"}
        service = {"PGSERVICEFILE": str(self.folder / "service")}
        for source, environment in (
                (self.server.url(user="locked", password=CANARY), {}), (locked + f"&password={CANARY}", {}),
                (locked, {"PGPASSWORD": CANARY}), (locked, {"PGPASSFILE": str(self.folder / "pgpass")}),
                ("postgresql://", surroundings), ("postgresql", surroundings),
                ("postgresql:///?service=shop", service), ("postgresql://", {**service, "PGSERVICE": "shop"})):
            with self.subTest(source, environment=environment):
                for log in ("text", "json"):
                    self.check(self.read(*self.query, "--log", log, source=source, env=environment), "pgpass", "service")

    def test_in_a_configuration_file(self):
        self.file("c.yaml", f"source: {self.server.url(user='locked', password=CANARY)}\n"
                            "query: SELECT 1 AS customer, date '2025-01-01' AS time, 1 AS amount\n"
                            "clusters: {k: 0}\noutput: r.h5\n")
        self.check(self.strata("run", "c.yaml"), "c.yaml")
        self.check(self.strata("check", "c.yaml"), "c.yaml")
        for address in (f"locked:{CANARY}", f"locked:p/{CANARY}@localhost/x", f"locked:p@{CANARY}@localhost/x"):
            self.file("c.yaml", f"source: postgresql://{address}\ntable: t\noutput: r2.h5\n")
            self.check(self.strata("check", "c.yaml"), "c.yaml")
            self.check(self.strata("run", "c.yaml", expect=2), "c.yaml")

    def test_nor_in_errors(self):
        folder, port = self.server.folder, postgresql_server.PORT
        for source, code in (
                (self.server.url(user="nobody", password=CANARY), 5),
                (self.server.url(user="locked", password=CANARY + "x"), 5),
                (self.server.url(user="locked", password=CANARY, database="nowhere"), 5),
                (self.server.url(user="locked", password=CANARY, more="&sslmode=odd"), 5),
                (f"postgresql://locked:{CANARY}@/postgres?host={folder}/nowhere&port={port}", 5),
                (f"postgresql://locked:p@{CANARY}@localhost/postgres", 2), (f"postgresql://locked:p/{CANARY}@localhost", 2),
                (f"postgresql://locked:{CANARY}", 2), (f"postgresql://locked:{CANARY}%zz@localhost/postgres", 2),
                (f"postgresql://locked:p@[::1/{CANARY}", 2), (f"postgresql://locked@localhost/x?passwort={CANARY}", 2)):
            with self.subTest(source):
                self.check(self.read(*self.query, source=source, expect=code))
        source = self.server.url(user="locked", password=CANARY)
        self.check(self.read("--query", "SELECT nothing", source=source, expect=3))
        self.check(self.read("--table", "nothing", source=source, expect=3))


if __name__ == "__main__":
    st.main()
