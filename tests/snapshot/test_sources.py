#!/usr/bin/env python3
"""One log from every source, as typed as the source can be: the same customers, the same account, the same bad rows."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import duckdb_sql
import strata_testing as st

h5py, np, pd = st.need_modules("h5py", "numpy", "pandas")
import postgresql_server
import snapshots

SAMPLE = st.SOURCE / "datasets/sample.csv"


def typed_log():
    """A log whose columns have types: whole numbers, amounts in cents, days and seconds, negative amounts, duplicates."""
    log = pd.read_csv(SAMPLE)
    log["customer_id"] = log["customer_id"].str[1:].astype(np.int64)
    log["order_id"] = log["order_id"].str[1:].astype(np.int64)
    log["order_time"] = pd.to_datetime(log["order_time"])
    log.loc[::50, "amount"] *= -1
    return pd.concat([log, log.iloc[::100]], ignore_index=True)


def write_csv(log, path):
    text = log.copy()
    text["order_time"] = text["order_time"].dt.strftime("%Y-%m-%d %H:%M:%S")
    text["amount"] = text["amount"].map(lambda amount: f"{amount:.2f}")
    text.to_csv(path, index=False)
    return path


def seconds(log):
    return log["order_time"].to_numpy().astype("datetime64[s]").astype(np.int64)


def texts(column, width=16):
    return column.to_numpy().astype(str).astype(f"S{width}")


def write_group(log, path, group="/", **storage):
    """1-D datasets: int64, float64, epoch seconds with units, fixed-length texts."""
    with h5py.File(path, "w") as file:
        home = file.require_group(group)
        for name in ("customer_id", "order_id", "amount"):
            home.create_dataset(name, data=log[name].to_numpy(), **storage)
        home.create_dataset("order_time", data=seconds(log), **storage)
        home["order_time"].attrs["units"] = "seconds since 1970-01-01"
        for name in ("channel", "category"):
            home.create_dataset(name, data=texts(log[name]), **storage)


def write_compound(log, path, name="orders", **storage):
    rows = np.zeros(len(log), dtype=[("customer_id", "<i4"), ("amount", "<f8"), ("order_time", "S19"),
                                     ("order_id", "<u4"), ("channel", "S8"), ("category", "S16"), ("unused", "<f4")])
    for field in ("customer_id", "amount", "order_id", "channel", "category"):
        rows[field] = log[field]
    rows["order_time"] = log["order_time"].dt.strftime("%Y-%m-%d %H:%M:%S")
    with h5py.File(path, "w") as file:
        file.create_dataset(name, data=rows, **storage)


# Every source of the typed log: NAME -> function(log, folder) that makes it and returns the flags to read it.
def hdf5(writer, *flags, **options):
    def make(log, folder):
        writer(log, folder / "log.h5", **options)
        return ("--transactions", "log.h5", *flags)
    return make


def packed(command, name):
    def make(log, folder):
        plain = write_csv(log, folder / "packed.csv").read_bytes()
        (folder / name).write_bytes(subprocess.run([st.need_program(command[0]), *command[1:]], input=plain,
                                                   stdout=subprocess.PIPE, check=True).stdout)
        return ("--transactions", name)
    return make


LOG_TYPES = ("customer_id BIGINT, order_time TIMESTAMP, amount DECIMAL(12,2), order_id BIGINT, channel VARCHAR, "
             "category VARCHAR")


def duckdb(columns, write, *flags, database=None):
    """The log, its columns as this list of a SELECT has them, by statements that write "FROM log" somewhere."""
    def make(log, folder):
        write_csv(log, folder / "packed.csv")
        names = ", ".join("'{}': '{}'".format(*column.split(" ", 1)) for column in LOG_TYPES.split(", "))
        duckdb_sql.run("CREATE TEMP TABLE log AS SELECT * REPLACE (" + columns + ") FROM read_csv('{folder}/packed.csv', "
                       "header = true, auto_detect = false, columns = {" + names + "}); " + write, folder, database)
        return flags
    return make


def parquet(columns, options="FORMAT parquet"):
    return duckdb(columns, "COPY log TO '{folder}/log.parquet' (" + options + ")", "--transactions", "log.parquet")


DAY = "order_time AS order_time"


class Database:
    """A PostgreSQL server with the log, started when it is first asked for."""
    server = None

    @classmethod
    def start(cls):
        if not cls.server:
            postgresql_server.need_support()
            cls.server = postgresql_server.Server()
            st.unittest.addModuleCleanup(cls.server.stop)
        return cls.server

    @classmethod
    def load(cls, log, folder):
        cls.start()
        cls.server.sql("DROP TABLE IF EXISTS orders; CREATE TABLE orders (customer_id bigint, order_time timestamp, "
                       "amount numeric(12,2), order_id integer, channel varchar(20), category text)")
        cls.server.sql("COPY orders FROM STDIN (FORMAT csv, HEADER)", stdin=write_csv(log, folder / "pg.csv").read_bytes())
        return cls.server


def postgresql(*flags):
    def make(log, folder):
        return ("--source", Database.load(log, folder).url(), *flags)
    return make


SOURCES = {
    "csv.gz": packed(("gzip", "-c"), "log.csv.gz"),
    "csv.zst": packed(("zstd", "-q"), "log.csv.zst"),
    "hdf5, contiguous": hdf5(write_group),
    "hdf5, deep in groups": hdf5(write_group, "--table", "/a/b", group="/a/b"),
    "hdf5, the only group": hdf5(write_group, group="/a/b"),
    "hdf5, small chunks": hdf5(write_group, chunks=(1000,)),
    "hdf5, gzip and shuffle": hdf5(write_group, chunks=(4096,), compression="gzip", shuffle=True),
    "hdf5, gzip alone": hdf5(write_group, chunks=(70000,), maxshape=(None,), compression="gzip"),
    "hdf5, checksummed": hdf5(write_group, chunks=(3000,), fletcher32=True, compression="gzip"),
    "hdf5, compound": hdf5(write_compound),
    "hdf5, compound in chunks": hdf5(write_compound, chunks=(512,), compression="gzip", shuffle=True),
    "parquet": parquet(DAY),
    "parquet, small row groups": parquet(DAY, "FORMAT parquet, ROW_GROUP_SIZE 2048, COMPRESSION zstd"),
    "parquet, uncompressed": parquet(DAY, "FORMAT parquet, COMPRESSION uncompressed, PARQUET_VERSION v2"),
    "parquet, texts": parquet("order_time::VARCHAR AS order_time, amount::VARCHAR AS amount, customer_id::VARCHAR AS "
                              "customer_id, order_id::VARCHAR AS order_id"),
    "parquet, other types": parquet(
        "order_time::TIMESTAMP_NS AS order_time, amount::DOUBLE AS amount, customer_id::INTEGER AS customer_id, "
        "order_id::UBIGINT AS order_id"),
    "duckdb, a table": duckdb(DAY, "CREATE OR REPLACE TABLE orders AS FROM log", "--transactions", "log.duckdb", "--table",
                              "orders", database="log.duckdb"),
    "duckdb, a query": duckdb(
        "amount::DECIMAL(38,10) AS amount, customer_id::HUGEINT AS customer_id",
        "COPY log TO '{folder}/log.parquet' (FORMAT parquet)", "--source", "duckdb", "--query",
        "SELECT * REPLACE (order_time::TIMESTAMP_MS AS order_time) FROM 'log.parquet' ORDER BY amount"),
    "postgresql, a table": postgresql("--table", "orders"),
    "postgresql, a query": postgresql("--query", "SELECT *, 1 AS one FROM orders ORDER BY amount, order_id"),
    "postgresql, other types": postgresql(
        "--query", "SELECT customer_id::numeric AS customer_id, order_time AT TIME ZONE 'UTC' AT TIME ZONE 'UTC' AS order_time, "
        "amount::text AS amount, order_id::text AS order_id, channel::char(12) AS channel, category::name AS category "
        "FROM orders"),
    "hdf5, as PyTables names it": hdf5(write_compound, "--table", "orders", name="orders/table", chunks=(2048,)),
}


def text_log():
    """The same log with Chinese ids, of a few and of many bytes, channels and categories; every column is text."""
    log = pd.read_csv(SAMPLE, dtype=str)
    log["customer_id"] = np.where(log.index % 3 == 0, "", "华东区会员俱乐部") + log["customer_id"].str.replace("C", "客户")
    log["channel"] = "渠道" + log["channel"]
    log["category"] = log["category"] + ",“促销”\n第二行"
    return log


def encoded(encoding, *flags):
    def make(log, folder):
        (folder / "encoded.csv").write_bytes(log.to_csv(index=False).encode(encoding))
        return ("--transactions", "encoded.csv", *flags)
    return make


def encoded_zst(log, folder):
    coded = subprocess.run([st.need_program("zstd"), "-q"], input=log.to_csv(index=False).encode("gbk"),
                           stdout=subprocess.PIPE, check=True).stdout
    (folder / "encoded.csv.zst").write_bytes(coded)
    return ("--transactions", "encoded.csv.zst")


def hdf5_texts(log, folder):
    with h5py.File(folder / "texts.h5", "w") as file:
        for name in log:
            file.create_dataset(name, data=log[name].tolist(), dtype=h5py.string_dtype())
    return ("--transactions", "texts.h5")


def parquet_texts(log, folder):
    log.to_csv(folder / "texts.csv", index=False)
    duckdb_sql.run("COPY (FROM read_csv('{folder}/texts.csv', header = true, all_varchar = true)) "
                   "TO '{folder}/texts.parquet' (FORMAT parquet)", folder)
    return ("--transactions", "texts.parquet")


def postgresql_texts(log, folder):
    server = Database.start()
    server.sql("DROP TABLE IF EXISTS texts; CREATE TABLE texts (" + ", ".join(f"{name} text" for name in log) + ")")
    server.sql("COPY texts FROM STDIN (FORMAT csv, HEADER)", stdin=log.to_csv(index=False).encode())
    return ("--source", server.url(), "--table", "texts")


TEXT_SOURCES = {
    "gb18030, detected": encoded("gb18030"),
    "gb18030, declared": encoded("gb18030", "--encoding", "gb18030"),
    "gbk, compressed": encoded_zst,
    "utf-16": encoded("utf-16"),
    "hdf5": hdf5_texts,
    "parquet": parquet_texts,
    "postgresql": postgresql_texts,
}


class Sources(st.Case):
    def run_log(self, *flags):
        done = self.strata("run", *flags, "--clusters", "0", "--output", "r.h5")
        manifest = self.manifest()
        return (snapshots.datasets(self.folder / "r.h5", "customers", "keys"), manifest["total"],
                {key: done.json[key] for key in ("customers", "transactions", "rejected")})

    def manifest(self):
        import json
        with h5py.File(self.folder / "r.h5") as file:
            return json.loads(file.attrs["manifest"])

    def hold_against(self, expected, log, sources, flags):
        for name, make in sources.items():
            try:
                source = make(log, self.folder)
            except st.unittest.SkipTest as reason:
                print(reason)
                continue
            for threads in (1, 3):
                with self.subTest(name, threads=threads, flags=flags):
                    self.assertEqual(self.run_log(*source, *flags, "--threads", threads), expected)

    def test_the_same_customers(self):
        log = typed_log()
        write_csv(log, self.folder / "log.csv")
        for flags in ((), ("--duplicates", "drop", "--returns", "separate", "--time-zone", "Asia/Shanghai")):
            expected = self.run_log("--transactions", "log.csv", *flags)
            self.assertGreater(len(expected[0]), 10)
            self.hold_against(expected, log, SOURCES, flags)

    def test_the_same_texts(self):
        log = text_log()
        log.to_csv(self.folder / "log.csv", index=False)
        for flags in ((), ("--duplicates", "drop")):
            expected = self.run_log("--transactions", "log.csv", *flags)
            self.assertEqual(expected[2]["customers"], log["customer_id"].nunique())
            self.hold_against(expected, log, TEXT_SOURCES, flags)

    def test_epochs(self):
        """Whole numbers since 1970 in every unit, as text and typed, recognised and declared: the same instants."""
        log = typed_log()
        instants = seconds(log)
        flags = ("--time-zone", "Asia/Shanghai")
        expected = self.run_log("--transactions", self.epochs(log, instants, "seconds.csv"), *flags)
        for unit, scale in {"ms": 10**3, "us": 10**6, "ns": 10**9}.items():
            part = instants * scale + scale // 3
            sources = {
                "csv": lambda *_: ("--transactions", self.epochs(log, part, "log.csv")),
                "hdf5": hdf5(self.write_epochs, instants=part),
                "parquet": parquet(f"epoch_ns(order_time) // {10**9 // scale} AS order_time"),
                "postgresql": postgresql("--query", "SELECT * , (extract(epoch from order_time AT TIME ZONE 'UTC') * "
                                         f"{scale})::bigint AS instant FROM orders", "--time", "instant"),
            }
            self.hold_against(expected, log, sources, flags)
            self.hold_against(expected, log, sources, (*flags, "--time-format", "epoch-" + unit))

    def epochs(self, log, instants, name):
        log.assign(order_time=instants).to_csv(self.folder / name, index=False)
        return name

    @staticmethod
    def write_epochs(log, path, instants):
        write_group(log, path)
        with h5py.File(path, "a") as file:
            del file["order_time"]
            file["order_time"] = instants

    def test_mixed_with_text(self):
        log = typed_log()
        write_csv(log, self.folder / "all.csv")
        expected = self.run_log("--transactions", "all.csv")
        write_csv(log[:5000], self.folder / "one.csv")
        write_group(log[5000:8000], self.folder / "two.h5", chunks=(100,), compression="gzip")
        write_compound(log[8000:], self.folder / "three.h5")
        found = self.run_log("--transactions", "one.csv", "--transactions", "t*.h5")
        self.assertEqual(found[0], expected[0])
        self.assertEqual([file["path"] for file in self.manifest()["inputs"]], ["one.csv", "three.h5", "two.h5"])

    def test_manifest_and_description(self):
        log = typed_log()
        write_group(log, self.folder / "log.h5", group="/orders", chunks=(1000,), compression="gzip")
        done = self.strata("run", "--transactions", "log.h5", "--output", "r.h5", "--clusters", "0")
        self.assertIn("log.h5: hdf5 group /orders, customer = customer_id, time = order_time (timestamps), "
                      "amount = amount, order = order_id", done.out)
        (file,) = self.manifest()["inputs"]
        self.assertEqual(file["bytes"], (self.folder / "log.h5").stat().st_size)
        try:
            import xxhash
        except ImportError:
            return
        self.assertEqual(file["xxh3_128"], xxhash.xxh3_128_hexdigest((self.folder / "log.h5").read_bytes()))

    def test_a_source_that_is_none(self):
        done = self.strata("run", "--source", "oracle://ann:hunter2@host/db", "--table", "orders", "--output", "r.h5",
                           expect=2)
        self.assertIn("there is no source oracle://ann:***@host/db; sources are: ", done.err)
        self.assertNotIn("hunter2", done.out + done.err)
        self.file("a.csv", "customer,date,amount\na,2024-01-01,1\n")
        for flag in ("query", "table"):
            done = self.strata("run", "--transactions", "a.csv", f"--{flag}", "t", "--output", "r.h5", expect=2)
            self.assertIn(f"a.csv is delimited text, for which --{flag} means nothing", done.err)
        self.assertEqual(self.leftovers("a.csv"), [])


if __name__ == "__main__":
    st.main()
