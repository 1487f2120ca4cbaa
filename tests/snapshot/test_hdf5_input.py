#!/usr/bin/env python3
"""HDF5 as transactions: every type means what it would mean as text; what is missing, wrong or damaged is told."""
import collections
import gzip
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

h5py, np, pd = st.need_modules("h5py", "numpy", "pandas")
import snapshots

TEXT = h5py.string_dtype()
CUSTOMERS = ["7", "8", "7", "123456", "9"]
DAYS = ["2024-02-29", "2024-03-01", "2024-03-01", "1969-12-31", "2024-12-31"]
AMOUNTS = ["72.59", "0.1", "-3", "1234567.8901", "0"]


def array(values, dtype):
    return np.array([int(value) for value in values] if np.issubdtype(dtype, np.integer) else values, dtype=dtype)


class Hdf5Input(st.Case):
    def write(self, columns, name="log.h5", group="/", block=0, **storage):
        with h5py.File(self.folder / name, "w", userblock_size=block) as file:
            home = file.require_group(group)
            for column, values in columns.items():
                attributes = {}
                if isinstance(values, tuple):
                    values, attributes = values
                dataset = home.create_dataset(column, data=values, **storage)
                dataset.attrs.update(attributes)
        return self.folder / name

    def csv(self, columns):
        rows = zip(*columns.values())
        self.file("log.csv", "\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n")

    def customers(self, path, *flags):
        self.strata("run", "--transactions", path, "--output", "r.h5", "--clusters", "0", *flags)
        return snapshots.datasets(self.folder / "r.h5", "customers", "keys")

    def refused(self, code, *texts, flags=(), path="log.h5", **how):
        done = self.strata("run", "--transactions", path, "--output", "r.h5", "--clusters", "0", *flags, expect=code,
                           **how)
        for text in texts:
            self.assertIn(text, done.err)
        self.assertFalse((self.folder / "r.h5").exists())
        return done

    def same(self, hdf5, csv=None, flags=(), **storage):
        base = {"customer": CUSTOMERS, "date": DAYS, "amount": AMOUNTS}
        self.csv({**base, **(csv or {})})
        self.write({"customer": array(CUSTOMERS, np.int64), "date": np.array(DAYS, "S10"),
                    "amount": np.array(AMOUNTS, np.float64), **hdf5}, **storage)
        self.assertEqual(self.customers("log.h5", *flags), self.customers("log.csv", *flags))

    def test_customers_of_every_type(self):
        for dtype in ("<i4", ">i4", "<i8", ">i8", "<u4", "<u8", ">u8", "<f8", ">f8", "<f4"):
            with self.subTest(dtype):
                self.same({"customer": np.array(CUSTOMERS, float).astype(dtype)})
        small = ["1", "-2", "100", "-2", "0"]
        for dtype in ("i1", "<i2", ">i2", "<i8"):
            with self.subTest(dtype):
                self.same({"customer": array(small, np.dtype(dtype))}, {"customer": small})
        self.same({"customer": np.array([2**64 - 1, 2**63, 1, 1, 0], "u8")},
                  {"customer": [2**64 - 1, 2**63, 1, 1, 0]})
        self.same({"customer": np.array([-2**63, 2**63 - 1, 1, 1, 0], "i8")},
                  {"customer": [-2**63, 2**63 - 1, 1, 1, 0]})
        self.same({"customer": np.array([0.5, 1e15, 1e22, 0.1, 123.0])},
                  {"customer": ["0.5", "1" + 15 * "0", "1" + 22 * "0", "0.1", "123"]})

    def test_texts(self):
        ids = ["007", "客户一", "x" * 15, "y" * 16, "z" * 300]
        encoded = [text.encode() for text in ids]
        for values in (np.array(encoded, "S300"), np.array(ids, dtype=object)):
            for storage in ({}, {"chunks": (2,), "compression": "gzip"}):
                self.same({"customer": values.astype(TEXT) if values.dtype == object else values},
                          {"customer": ids}, **storage)
        uuid = "123e4567-e89b-12d3-a456-426614174000"
        self.same({"customer": np.array([uuid] * 5, "S36")}, {"customer": [uuid] * 5})

    def fixed(self, dataset, values, padding, size):
        with h5py.File(self.folder / "log.h5", "a") as file:
            del file[dataset]
            kind = h5py.h5t.C_S1.copy()
            kind.set_size(size)
            kind.set_strpad(padding)
            made = h5py.h5d.create(file.id, dataset.encode(), kind, h5py.h5s.create_simple((len(values),)))
            made.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array(values, f"S{size}"), kind)

    def test_padding(self):
        self.csv({"customer": ["ab", "cdefgh", "ab", "x y", "z"], "date": DAYS, "amount": AMOUNTS})
        expected = self.customers("log.csv")
        for padding, fill in ((h5py.h5t.STR_SPACEPAD, b" "), (h5py.h5t.STR_NULLPAD, b"\0"), (h5py.h5t.STR_NULLTERM, b"\0")):
            self.write({"customer": array(CUSTOMERS, np.int64), "date": np.array(DAYS, "S10"),
                        "amount": np.array(AMOUNTS, np.float64)})
            self.fixed("customer", [text.ljust(8, fill) for text in (b"ab", b"cdefgh", b"ab", b"x y", b"z")], padding, 8)
            self.assertEqual(self.customers("log.h5"), expected)

    def test_amounts(self):
        for dtype in ("<f8", ">f8"):
            self.same({"amount": np.array(AMOUNTS, float).astype(dtype)})
        short = ["72.59", "0.1", "-3", "1234.5", "0.0001"]
        self.same({"amount": np.array(short, "<f4")}, {"amount": short})
        whole = ["5", "-3", "0", "100", "7"]
        for dtype in ("i1", "<i2", ">i4", "<i8", "<u2"):
            signed = [value.lstrip("-") for value in whole] if "u" in dtype else whole
            self.same({"amount": array(signed, np.dtype(dtype))}, {"amount": signed})
        self.same({"amount": np.array(AMOUNTS, "S16")})
        self.same({"quantity": np.array([1, 2, 3, 4, -5], "i4"), "price": np.array([0.05, 1.1, 2, 3.3333, 4]),
                   "amount2": np.array(AMOUNTS, "S4")},
                  {"quantity": [1, 2, 3, 4, -5], "price": ["0.05", "1.1", "2", "3.3333", "4"]},
                  flags=("--quantity", "quantity", "--unit-price", "price", "--amount", ""))
        many = ["0.12345", "1.00005", "2.5", "-0.12345", "1e300"]
        rounding = ("--amount-rounding", "half-even", "--bad-rows", "skip")
        self.same({"amount": np.array(many, float)}, {"amount": [*many[:4], "1" + 300 * "0"]}, flags=rounding)

    def test_random_floats_mean_their_shortest_decimals(self):
        random = np.random.default_rng(1)
        cents = random.integers(-10**9, 10**9, 4000) // 10**random.integers(0, 8, 4000)
        values = np.concatenate([cents / 100, random.integers(-10**6, 10**6, 4000) / 10000, [1e8 + 0.5, -9e7]])
        texts = [np.format_float_positional(value, unique=True, trim="-") for value in values]
        single = np.concatenate([cents / 100, cents / 1000]).astype("<f4")
        single_texts = [np.format_float_positional(value, unique=True, trim="-") for value in single]
        for values, texts in ((values, texts), (single, single_texts)):
            n = len(values)
            self.csv({"customer": np.arange(n) % 97, "date": ["2024-01-01"] * n, "amount": texts})
            self.write({"customer": np.arange(n) % 97, "date": np.array(["2024-01-01"] * n, "S10"), "amount": values})
            for decimals in (2, 4, 9):
                flags = ("--amount-decimals", decimals, "--bad-rows", "skip")
                self.assertEqual(self.customers("log.h5", *flags), self.customers("log.csv", *flags))

    def test_times(self):
        stamps = ["2024-02-29 23:59:59", "2024-03-31 01:30:00", "1969-12-31 00:00:01", "2024-03-10 12:00:00",
                  "2024-12-31 16:00:00"]
        moments = np.array(stamps, "datetime64[s]")
        whole = moments.astype(np.int64)
        drop = ("--duplicates", "drop")
        units = {"seconds": 1, "s": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
        for unit, scale in units.items():
            with self.subTest(unit):
                self.same({"date": (whole * scale, {"units": f"{unit} since 1970-01-01"})}, {"date": stamps}, drop)
        self.same({"date": (whole - 86400 * 365, {"units": "seconds since 1971-01-01 00:00:00"})}, {"date": stamps})
        self.same({"date": (whole / 3600, {"units": "hours since 1970-01-01"})}, {"date": stamps}, drop)
        days = moments.astype("datetime64[D]")
        for dtype in ("i4", "i8", "f8"):
            self.same({"date": (days.astype(np.int64).astype(dtype), {"units": "days since 1970-01-01"})},
                      {"date": days.astype(str)}, drop)
        for unit in ("D", "s", "ms", "us", "ns"):
            values = moments.astype(f"datetime64[{unit}]")
            self.same({"date": values.astype(h5py.opaque_dtype(values.dtype))},
                      {"date": days.astype(str) if unit == "D" else stamps}, drop)
        # Seconds since 1970 without a unit are instants, as in text, and go to the day of the time zone.
        later = np.array(stamps[:2] + stamps[3:] + stamps[:1], "datetime64[s]").astype(np.int64)
        for flags in ((), ("--time-zone", "America/New_York"), ("--time-format", "epoch-s")):
            self.same({"date": later}, {"date": later}, flags)
            self.same({"date": later.astype(float)}, {"date": later}, flags)
            self.same({"date": (later, {"units": "seconds since 1970-01-01T00:00:00Z"})}, {"date": later}, flags)
        self.same({"date": np.array([20240229, 20240301, 20240302, 20240303, 20240304], "i4")},
                  {"date": [20240229, 20240301, 20240302, 20240303, 20240304]})
        self.same({"date": np.array(["29/02/2024"] * 5, "S10")}, {"date": ["29/02/2024"] * 5})

    def test_enumerations(self):
        kind = h5py.enum_dtype({"web": 3, "shop": -1, "app": 7}, basetype="i2")
        self.same({"channel": np.array([3, -1, 7, 7, 3], dtype=kind)}, {"channel": ["web", "shop", "app", "app", "web"]})

    def test_missing_values(self):
        skip = ("--bad-rows", "skip")
        empty = {"customer": ["1", "", "1", "2", "3"], "date": [*DAYS[:4], ""], "amount": ["1", "2", "", "4", "5"]}
        self.csv(empty)
        self.write({"customer": (np.array([1, -9, 1, 2, 3]), {"_FillValue": np.int64(-9)}),
                    "date": ([*np.array(DAYS[:4], "datetime64[D]").astype(int), -999],
                             {"units": "days since 1970-01-01", "_FillValue": np.int64(-999)}),
                    "amount": np.array([1, 2, np.nan, 4, 5])})
        expected = self.customers("log.csv", *skip)
        self.assertEqual(self.customers("log.h5", *skip), expected)
        lines = (self.folder / "r.h5.rejects.csv").read_text().splitlines()
        self.assertEqual(lines, ["file,line,byte,reason", "log.h5,2,,customer id is empty", "log.h5,3,,number is empty",
                                 "log.h5,5,,time is empty"])
        (self.folder / "r.h5").unlink()
        self.refused(3, "3 of 5 rows are bad", "log.h5, row 2, column 2: customer id is empty",
                     "log.h5, row 3, column 1: number is empty")
        self.write({"customer": np.array([1, np.nan, 1]), "date": np.array([b"2024-01-01", b"2024-01-02", b""]),
                    "amount": np.array([np.inf, 1, 2])})
        self.refused(3, "row 1, column 1: not a number: 'inf'", "row 2, column 2: customer id is empty",
                     "row 3, column 3: time is empty")

    def test_missing_values_by_attribute(self):
        """_FillValue and missing_value, of integers of any width and of floats."""
        skip = ("--bad-rows", "skip")
        self.csv({"customer": CUSTOMERS, "date": DAYS, "amount": ["1", "", "3", "", "5"]})
        expected = self.customers("log.csv", *skip)
        plain = {"customer": array(CUSTOMERS, np.int64), "date": np.array(DAYS, "S10")}
        for dtype, fill, other in (("<f8", -999.25, 1e30), (">f8", 9.96921e36, -1), ("<f4", -0.1, 9.96921e36),
                                   ("i1", -128, 127), ("<i2", -9, 99), ("<u8", 2**64 - 2, 2**63)):
            values = np.array([1, fill, 3, other, 5], dtype)
            for fill_name, other_name in (("_FillValue", "missing_value"), ("missing_value", "_FillValue")):
                with self.subTest(dtype=dtype, fill=fill_name):
                    attributes = {fill_name: values[1], other_name: values[3]}
                    for storage in ({}, {"chunks": (2,)}):
                        self.write({**plain, "amount": (values, attributes)}, **storage)
                        self.assertEqual(self.customers("log.h5", *skip), expected)
        self.csv({"customer": CUSTOMERS, "date": DAYS, "amount": ["1", "0", "3", "0", "5"]})
        self.write({**plain, "amount": (np.array([1, 0, 3, 0, 5], "i4"), {"_FillValue": np.nan})})
        self.assertEqual(self.customers("log.h5", *skip), self.customers("log.csv", *skip))
        self.csv({"customer": CUSTOMERS, "date": [*DAYS[:4], ""], "amount": AMOUNTS})
        self.write({"customer": plain["customer"], "amount": np.array(AMOUNTS, float),
                    "date": ([*np.array(DAYS[:4], "datetime64[D]").astype(float), -999.5],
                             {"units": "days since 1970-01-01", "_FillValue": -999.5})})
        self.assertEqual(self.customers("log.h5", *skip), self.customers("log.csv", *skip))

    def test_units_with_a_moment(self):
        """The moment that times count from may have a time of day and an offset."""
        seconds = np.arange(5) * 40000 + 1_000_000_000
        for since, zone, moment in (("1970-01-01 12:30:00", "", 45000), ("1970-1-1 6:00", "", 21600),
                                    ("1970-01-01T00:00:00.5", "", 0.5), ("1970-01-01 00:00:00 +05:30", "Z", -19800),
                                    ("1970-01-01 00:00:00 UTC", "Z", 0), ("1970-01-02T00:00:00-0200", "Z", 93600)):
            stamps = [str(np.datetime64(int(1000 * (value + moment)), "ms")) + zone for value in seconds]
            for flags in ((), ("--time-zone", "Asia/Tokyo")):
                with self.subTest(since, flags=flags):
                    self.same({"date": (seconds, {"units": f"seconds since {since}"})}, {"date": stamps}, flags)

    def test_values_that_mean_something_else(self):
        """What attributes make of the numbers must not be overlooked."""
        plain = {"customer": array(CUSTOMERS, np.int64), "date": np.array(DAYS, "S10"),
                 "amount": array(["100", "200", "3", "4", "5"], np.int32)}
        for attributes, text in (({"scale_factor": 0.01}, "column amount is packed: its attribute scale_factor is 0.01"),
                                 ({"add_offset": np.int32(7)}, "column amount is packed: its attribute add_offset is 7"),
                                 ({"scale_factor": "0.01"}, "column amount is packed")):
            self.write({**plain, "amount": (plain["amount"], attributes)})
            self.refused(3, text)
        self.same({"amount": (plain["amount"], {"scale_factor": 1.0, "add_offset": 0, "units": "EUR since 2002"})},
                  {"amount": plain["amount"]})
        (self.folder / "r.h5").unlink()
        seconds = np.arange(5) + 1_704_067_200  # without their units they would be taken for Unix times
        for units in ("seconds since yesterday", "months since 1970-01-01", "seconds since 1970-01-01 25:00",
                      "seconds since 1970-01-01 00:00:00 CET"):
            self.write({**plain, "date": (seconds, {"units": units})})
            self.refused(3, f'column date has the units "{units}", which strata does not read')
        for calendar in ("noleap", "360_day", "julian"):
            self.write({**plain, "date": (seconds, {"units": "seconds since 1970-01-01", "calendar": calendar})})
            self.refused(3, f'column date counts in the calendar "{calendar}"')

    def test_unwritten_values(self):
        with h5py.File(self.folder / "log.h5", "w") as file:
            for name, value in (("customer", 5), ("date", 20240101), ("amount", 3)):
                file.create_dataset(name, shape=(100,), dtype="i4", chunks=(10,), fillvalue=value)
            file["amount"][:15] = 1
        self.csv({"customer": [5] * 100, "date": [20240101] * 100, "amount": [1] * 15 + [3] * 85})
        self.assertEqual(self.customers("log.h5"), self.customers("log.csv"))

    def test_pandas_table(self):
        """As pandas.DataFrame.to_hdf(format="table", data_columns=True) writes it."""
        stamps = np.array([*(day + "T10:00:00" for day in DAYS[:4]), "NaT"], "datetime64[ns]")
        rows = np.zeros(5, dtype=[("index", "<i8"), ("customer", "<i8"), ("date", "<i8"), ("amount", "<f8"),
                                  ("channel", "S3"), ("note", "<f8", (1,))])
        rows["customer"], rows["date"], rows["amount"] = CUSTOMERS, stamps.astype(np.int64), AMOUNTS
        rows["channel"] = b"web"
        with h5py.File(self.folder / "log.h5", "w") as file:
            table = file.create_dataset("orders/table", data=rows, chunks=(2,))
            table.attrs["date_kind"] = np.bytes_("datetime64[ns]")
            file.create_dataset("orders/_i_table/date/sorted", data=np.zeros((3, 3)))
            file.create_dataset("orders/_i_table/date/bounds", data=np.zeros(3))
            file.create_dataset("orders/_i_table/date/mbounds", data=np.zeros(3))
        self.csv({"customer": CUSTOMERS, "date": [*(f"{day} 10:00:00" for day in DAYS[:4]), ""], "amount": AMOUNTS,
                  "channel": ["web"] * 5})
        skip = ("--bad-rows", "skip")
        self.assertEqual(self.customers("log.h5", *skip), self.customers("log.csv", *skip))
        self.assertEqual(self.customers("log.h5", *skip, "--table", "orders/table"), self.customers("log.csv", *skip))

    def test_compound_that_hdf5_converts(self):
        rows = np.zeros(5, dtype=[("customer", ">i4"), ("amount", ">f8"), ("date", TEXT)])
        rows["customer"], rows["amount"], rows["date"] = CUSTOMERS, AMOUNTS, DAYS
        with h5py.File(self.folder / "log.h5", "w") as file:
            file.create_dataset("log", data=rows, chunks=(2,), compression="gzip")
        self.csv({"customer": CUSTOMERS, "date": DAYS, "amount": AMOUNTS})
        self.assertEqual(self.customers("log.h5", "--threads", "2"), self.customers("log.csv"))

    def test_which_table(self):
        log = {"customer": array(CUSTOMERS, np.int64), "date": np.array(DAYS, "S10"), "amount": np.array(AMOUNTS, float)}
        self.write(log)
        with h5py.File(self.folder / "log.h5", "a") as file:
            file["other/x"], file["other/y"] = np.zeros(3), np.zeros(3)
        expected = self.customers("log.h5")
        self.assertEqual(self.customers("log.h5", "--table", "/"), expected)
        (self.folder / "r.h5").unlink()
        with h5py.File(self.folder / "log.h5", "a") as file:
            for name in log:
                file.copy(name, file.require_group("again"))
        self.refused(3, "log.h5 has several tables; choose one with --table: /again, /other, /")
        self.refused(3, "log.h5 has no group or dataset /none", flags=("--table", "/none"))
        self.refused(3, "no column is recognised as the customer; name it with --customer COLUMN; its columns are: x, y",
                     flags=("--table", "other"))
        self.refused(2, "--query means nothing", flags=("--query", "SELECT 1"))

    def test_columns(self):
        log = {"customer": array(CUSTOMERS, np.int64), "date": np.array(DAYS, "S10"), "amount": np.array(AMOUNTS, float)}
        self.write({**log, "revenue": np.zeros(5)})
        self.refused(3, "two columns that could be the amount: amount and revenue; choose with --amount amount")
        self.assertTrue(self.customers("log.h5", "--amount", "1"))
        (self.folder / "r.h5").unlink()
        self.refused(3, "has no column nothing for --amount; its columns are: amount, customer, date, revenue",
                     flags=("--amount", "nothing"))
        self.write({**log, "amount": np.zeros(4)})
        self.refused(3, "log.h5: column amount has 4 rows where customer has 5")
        self.write({**log, "date": np.array(["01/02/2024"] * 5, "S10")})
        self.refused(3, "log.h5, column date:", "(--time-format)")
        self.write({**log, "date": np.array([b""] * 5, "S10")})
        self.refused(3, "log.h5, row 1: time is empty; no row can be read")
        self.write({name: values[:0] for name, values in log.items()}, maxshape=(None,), chunks=(10,))
        self.refused(3, "no transactions: there are no rows in log.h5\n")
        with h5py.File(self.folder / "log.h5", "w"):
            pass
        self.refused(3, "log.h5 has no columns")

    def test_columns_that_cannot_be_read(self):
        """Whoever asks for one is told why, and one with a usual name is not passed over in silence."""
        log = {"customer": array(CUSTOMERS, np.int64), "date": np.array(DAYS, "S10"), "amount": np.array(AMOUNTS, float)}
        self.write({**log, "order_id": np.arange(5)})
        expected = self.customers("log.h5", "--order", "")
        (self.folder / "r.h5").unlink()
        for values, reason in ((np.zeros((5, 2)), "of several dimensions"), (np.zeros((5, 1, 1)), "of several"),
                               (np.zeros(5, np.longdouble), "of a type"), (np.zeros(5, "V8"), "of a type"),
                               (np.zeros(5, complex), "of a type"), (np.zeros((1, 5), np.complex64), "of a type"),
                               (np.zeros(5, [("real", "f8"), ("imag", "f8")]), "of a type"),
                               (np.zeros(5, [("amount", "f8"), ("tax", "f8")]), "of a type")):
            with self.subTest(reason):
                self.write({**log, "order_id": values})
                message = f"log.h5: 'order_id' in the group /, for --order, is {reason}"
                self.refused(3, message)
                self.refused(3, message, flags=("--order", "order_id"))
                self.assertEqual(self.customers("log.h5", "--order", ""), expected)
                self.assertEqual(self.customers("log.h5", "--order", "", "--amount", "1"), expected)  # numbers stay
                (self.folder / "r.h5").unlink()
                self.write({**log, "amount": values})
                self.refused(3, f"'amount' in the group /, for --amount, is {reason}")
        rows = np.zeros(5, [("customer", "i4"), ("order_id", "f8", (3,)), ("date", "S10"), ("amount", "f8")])
        rows["customer"], rows["date"], rows["amount"] = CUSTOMERS, DAYS, AMOUNTS
        self.write({"log": rows})
        self.refused(3, "log.h5: 'order_id' in the dataset /log, for --order, is of a type")
        self.assertEqual(self.customers("log.h5", "--order", ""), expected)
        (self.folder / "r.h5").unlink()
        for name, option in (("order_id", "order"), ("amount", "amount")):
            self.write({column: values for column, values in log.items() if column != name})
            with h5py.File(self.folder / "log.h5", "a") as file:
                file[name + "/first"] = np.zeros(5)
            self.refused(3, f"log.h5: '{name}' in the group /, for --{option}, is a group, not a dataset")
        self.write({**log, "order_id": np.int64(7)})  # a single value says something of the whole
        self.assertEqual(self.customers("log.h5"), expected)

    def test_hostile_files(self):
        log = {"customer": array(CUSTOMERS, np.int64), "date": np.array(DAYS, "S10"), "amount": np.array(AMOUNTS, float)}
        self.write(log, "inside.h5")
        with h5py.File(self.folder / "log.h5", "w") as file:
            file["customer"], file["date"] = log["customer"], log["date"]
            file["amount"] = h5py.ExternalLink("inside.h5", "/amount")
            file["price"] = h5py.SoftLink("/customer")
        self.refused(3, "log.h5: 'amount' in the group /, for --amount, is a soft or external link, which is not followed")
        self.refused(3, "is a soft or external link", flags=("--amount", "price"))
        with h5py.File(self.folder / "log.h5", "w") as file:
            layout = h5py.VirtualLayout((5,), "f8")
            layout[:] = h5py.VirtualSource(str(self.folder / "inside.h5"), "amount", (5,))
            file.create_virtual_dataset("amount", layout)
            file["customer"], file["date"] = log["customer"], log["date"]
        self.refused(3, "the dataset amount lies in other files")
        (self.folder / "raw").write_bytes(bytes(40))
        with h5py.File(self.folder / "log.h5", "w") as file:
            file["customer"], file["date"] = log["customer"], log["date"]
            file.create_dataset("amount", (5,), "f8", external=[(str(self.folder / "raw"), 0, 40)])
        self.refused(3, "the dataset amount lies in other files")
        for shape, chunks in (((1 << 50,), (1 << 20,)), ((1 << 38,), (1 << 20,))):
            with h5py.File(self.folder / "log.h5", "w") as file:
                for name in log:
                    file.create_dataset(name, shape, "i8", chunks=chunks)
            self.refused(3, "but stores 0 bytes")
        with h5py.File(self.folder / "log.h5", "w") as file:
            for name in log:
                file.create_dataset(name, (100,), "i8", chunks=(1 << 28,), maxshape=(None,))
        self.refused(3, "smaller chunks")
        with h5py.File(self.folder / "log.h5", "w") as file:
            file["a/b/customer"], file["a/b/date"], file["a/b/amount"] = log.values()
            file["a/b/again"] = file["a"]
        done = self.refused(3, "several tables")
        self.assertLess(len(done.err), 2000)

    def test_behind_a_block_of_the_users(self):
        """As MATLAB writes its files: 512 bytes of text before HDF5 begins."""
        rows = list(range(3000))
        log = {"customer": np.array(rows) % 211, "date": np.array([DAYS[i % 5] for i in rows], "S10"),
               "amount": np.array(rows) / 4}
        self.write(log)
        expected = self.customers("log.h5")
        compressed = {"chunks": (700,), "compression": "gzip", "shuffle": True}
        for block in (512, 1024, 8192, 1 << 17):
            for storage in ({}, compressed, {**compressed, "fletcher32": True}):
                with self.subTest(block=block, storage=storage):
                    path = self.write(log, block=block, **storage)
                    with open(path, "r+b") as file:
                        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(block - 4))
                    self.assertEqual(self.customers("log.h5"), expected)
        (self.folder / "r.h5").unlink()
        path = self.write(log, block=512)
        whole = path.read_bytes()
        for text in (b"", b"customer,date,amount\n", b"MATLAB 7.3 MAT-file".ljust(124)):
            self.file("log.h5", text + whole[len(text):])
            for command in (["cat", "log.h5"], ["gzip", "-c", "log.h5"]):
                with self.subTest(text=text, command=command):
                    self.refused(3, "standard input is an HDF5 file; give it by its path, uncompressed", path="-",
                                 input=subprocess.run(command, cwd=self.folder, capture_output=True).stdout)

    def test_text_with_a_signature_in_it(self):
        line = b"7,2024-02-29,72.59\n"
        begin = b"customer,date,amount\n" + line * 30
        for at, is_hdf5 in ((512, True), (1024, True), (513, False), (1536, False)):
            with self.subTest(at):
                self.file("log.csv", begin[:at].ljust(at, b" ") + b"\x89HDF\r\n\x1a\n" + line * 100)
                self.refused(3, "log.csv is damaged: opening it" if is_hdf5 else "log.csv, line", path="log.csv")

    def test_columns_of_matlab(self):
        """Two dimensions, one of which is 1."""
        rows = list(range(5000))
        log = {"customer": np.array(rows) % 211, "date": np.array([DAYS[i % 5] for i in rows], "S10"),
               "amount": np.array(rows) / 4}
        self.write(log)
        expected = self.customers("log.h5")
        text = {**log, "date": log["date"].astype(TEXT)}
        for shape, chunks in (((1, -1), (1, 700)), ((-1, 1), (700, 1))):
            free = {"chunks": tuple(7 if size == 1 else size for size in chunks), "maxshape": (None, None)}
            for storage in ({}, {"chunks": chunks}, {"chunks": chunks, "compression": "gzip", "shuffle": True}, free,
                            {**free, "compression": "gzip"}):
                for columns in (log, text):
                    with self.subTest(shape=shape, storage=storage):
                        self.write({name: values.reshape(shape) for name, values in columns.items()}, block=512, **storage)
                        self.assertEqual(self.customers("log.h5"), expected)
        self.write({**log, "amount": log["amount"].reshape(1, -1)})
        self.assertEqual(self.customers("log.h5"), expected)
        one = {name: values[:1] for name, values in log.items()}
        self.write(one)
        expected = self.customers("log.h5")
        self.write({name: values.reshape(1, 1) for name, values in one.items()})
        self.assertEqual(self.customers("log.h5"), expected)
        (self.folder / "r.h5").unlink()
        for attribute, reason in (({"MATLAB_class": np.bytes_("char"), "MATLAB_int_decode": np.int32(2)}, "MATLAB's char"),
                                  ({"MATLAB_class": np.bytes_("double"), "MATLAB_empty": np.uint8(1)}, "an empty array")):
            self.write({**one, "customer": (np.array([65], np.uint16).reshape(1, 1), attribute)})
            self.refused(3, "log.h5: column customer", reason)
        self.write({name: values[:0].reshape(1, 0) for name, values in log.items()})
        self.refused(3, "no transactions: there are no rows in log.h5")

    def test_compressed_as_a_whole(self):
        self.write({"customer": array(CUSTOMERS, np.int64)})
        self.file("log.h5.gz", gzip.compress((self.folder / "log.h5").read_bytes()))
        self.refused(3, "log.h5.gz is an HDF5 file; give it by its path, uncompressed", path="log.h5.gz")

    def test_memory_limit(self):
        n = 300000
        self.log_of(n, chunks=(n,), compression="gzip")
        expected = self.customers("log.h5", "--threads", 4)
        self.assertEqual(self.customers("log.h5", "--threads", 4, "--memory-limit", "160M"), expected)
        (self.folder / "r.h5").unlink()
        self.refused(5, "its chunks take", "raise --memory-limit", flags=("--threads", 4, "--memory-limit", "64M"))

    def test_memory_limit_of_what_hdf5_reads(self):
        """Large chunks through a filter that HDF5 alone has, and texts of any length: its process keeps to its share."""
        n = 2_000_000
        self.log_of(n, chunks=(n,), compression="gzip", compression_opts=1, fletcher32=True)
        expected = self.customers("log.h5", "--threads", 2)
        self.assertEqual(self.customers("log.h5", "--threads", 2, "--memory-limit", "1100M"), expected)
        (self.folder / "r.h5").unlink()
        self.refused(5, "out of memory", "of the memory limit; raise --memory-limit", flags=("--memory-limit", "60M"))
        n = 20_000
        with h5py.File(self.folder / "log.h5", "w") as file:
            file.create_dataset("customer", data=[str(i % 50) * 1500 for i in range(n)], dtype=h5py.string_dtype(), chunks=(n,))
            file["date"], file["amount"] = np.full(n, b"2024-01-01"), np.ones(n)
        expected = self.customers("log.h5", "--threads", 2)
        self.assertEqual(self.customers("log.h5", "--threads", 2, "--memory-limit", "600M"), expected)
        (self.folder / "r.h5").unlink()
        self.refused(5, "out of memory", "of the memory limit; raise --memory-limit", flags=("--memory-limit", "60M"))

    def test_unknown_filter(self):
        with h5py.File(self.folder / "log.h5", "w") as file:
            for name, values in {"customer": CUSTOMERS, "amount": AMOUNTS}.items():
                file.create_dataset(name, data=np.array(values, float), chunks=(2,), compression="lzf")
            file["date"] = np.array(DAYS, "S10")
        self.refused(3, "the dataset customer is packed with the filter 32000", "write it with gzip")

    def log_of(self, n, **storage):
        self.write({"customer": np.arange(n) % 500, "date": np.arange(n) % 300 + 20000, "amount": np.arange(n) % 1000 / 4},
                   **storage)
        with h5py.File(self.folder / "log.h5", "a") as file:
            file["date"].attrs["units"] = "days since 1970-01-01"
            places = [file[name].id.get_chunk_info(0).byte_offset for name in ("customer", "date", "amount")]
        return places

    def test_damage_is_noticed(self):
        whole = None
        for storage in ({"compression": "gzip"}, {"compression": "gzip", "shuffle": True}, {"fletcher32": True}):
            places = self.log_of(5000, chunks=(1000,), **storage)
            whole = bytearray((self.folder / "log.h5").read_bytes())
            for place in places:
                for threads in (1, 3):
                    broken = bytearray(whole)
                    broken[place + 20:place + 40] = bytes(20 * [0x5A])
                    self.file("log.h5", bytes(broken))
                    self.refused(3, "log.h5 is damaged: ", flags=("--threads", threads))
        for n in (0, 7, 8, 100, 1000, len(whole) // 2, len(whole) - 1):
            self.file("log.h5", bytes(whole[:n]))
            self.refused(3)

    def test_every_cut_of_a_small_file(self):
        self.write({"customer": array(CUSTOMERS, np.int64), "date": np.array(DAYS, "S10"),
                    "amount": np.array(AMOUNTS, float)})
        whole = (self.folder / "log.h5").read_bytes()
        for n in range(8, len(whole), 97):
            self.file("log.h5", whole[:n])
            self.refused(3)

    def test_chunks_are_decoded_once(self):
        """Also where they do not divide what a thread usually takes."""
        strace = st.need_program("strace")
        for n_rows in (9000, 50000, 140000):
            with self.subTest(n_rows=n_rows):
                self.log_of(1_000_000, chunks=(n_rows,), compression="gzip", compression_opts=1)
                with h5py.File(self.folder / "log.h5") as file:
                    chunks = [file[name].id.get_chunk_info(i) for name in file
                              for i in range(file[name].id.get_num_chunks())]
                self.strata("run", "--transactions", "log.h5", "--output", "r.h5", "--clusters", "0", "--threads", 3,
                            prefix=[strace, "-f", "-o", "trace", "-e", "trace=pread64", "-P", "log.h5"])
                reads = collections.Counter(re.findall(r", (\d+), (\d+)\) += \d+$", (self.folder / "trace").read_text(),
                                                       re.MULTILINE))
                self.assertEqual({reads[str(chunk.size), str(chunk.byte_offset)] for chunk in chunks}, {1})

    def test_read_errors(self):
        strace = st.need_program("strace")
        self.log_of(20000, chunks=(1000,), compression="gzip")
        trace = self.folder / "trace"
        self.strata("run", "--transactions", "log.h5", "--output", "r.h5", "--clusters", "0", "--threads", 1,
                    prefix=[strace, "-f", "-o", str(trace), "-e", "trace=pread64", "-P", "log.h5"])
        # strace counts each process on its own; the one that reads rows reads most.
        n_reads = max(collections.Counter(line.split()[0] for line in trace.read_text().splitlines()
                                          if "pread64(" in line).values())
        self.assertGreater(n_reads, 20)
        for when in sorted({*range(1, 8), *range(8, n_reads + 1, max(1, n_reads // 20)), n_reads}):
            (self.folder / "r.h5").unlink(missing_ok=True)
            with self.subTest(when=when):
                done = self.strata("run", "--transactions", "log.h5", "--output", "r.h5", "--clusters", "0",
                                   "--threads", 1, expect=None,
                                   prefix=[strace, "-f", "-o", "/dev/null", "-P", "log.h5", "-e", "trace=pread64", "-e",
                                           f"inject=pread64:error=EIO:when={when}"])
                self.assertIn(done.code, (3, 5), done.err)
                self.assertFalse((self.folder / "r.h5").exists())


if __name__ == "__main__":
    st.main()
