#!/usr/bin/env python3
"""Hundreds of random logs, each of another shape, against a reader that shares nothing with strata: Python's csv,
decimal and datetime. Rows and amounts, of what is used, rejected and excluded, and every customer's sums are exact."""
import collections
import csv
import datetime
import decimal
import io
import json
import pathlib
import random
import sys
import zoneinfo

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

np, pd, h5py = st.need_modules("numpy", "pandas", "h5py")
import snapshots

LOGS = 240
SCALE = 10_000
KEY_MOST = 4096
MISSING = np.iinfo(np.int32).min
EPOCH = datetime.date(1970, 1, 1)
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}
NUMBER = decimal.Context(prec=200)

# How times are written: what --time-format says, and strftime's pattern for writing and strptime's for reading.
TIMES = (("iso", "%Y-%m-%d"), ("iso", "%Y-%m-%d %H:%M:%S"), ("iso", "%Y-%m-%dT%H:%M"), ("iso", "%Y-%m-%dT%H:%M:%S%z"),
         ("date", "%Y%m%d"), ("auto", "%d.%m.%Y"), ("auto", "%m/%d/%Y %H:%M"), ("%d-%b-%y", "%d-%b-%y"),
         ("auto", "%Y/%m/%d"), ("auto", "%Y年%m月%d日"), ("epoch-s", None))

IDS = ("C{0}", "{0}", "00{0}", "客户{0}", "Ünïcödé-{0}", "an-id-of-more-than-fifteen-bytes-{0}", "😀{0}", "c,{0};|\t",
       'say "{0}"', "two\nlines{0}", "a\r\nb{0}", "x" * 300 + "{0}", "y" * (KEY_MOST - 2) + "{0}",
       "123e4567-e89b-42d3-a456-4266141{0:05}", "123E4567-E89B-42D3-A456-4266141{0:05}", " {0}", "{0} ")
NOTES = ("", "x", "a,b", 'say "hi"', "two\nlines", "three\r\nmore\n", '"', '""', "\n\n", "日本", "2024-01-01,1,2", "'",
         '\n"k1","2024-01-01"\n', "\ufeff", "tab\there", "; | ,")


class Shape:
    """What a log looks like: all of it follows from the seed."""

    def __init__(self, seed):
        chance = self.chance = random.Random(seed)
        self.word = chance.choice(list(DELIMITERS)) if seed % 7 else "comma"
        self.delimiter = DELIMITERS[self.word]
        self.is_plain = self.word == "space"  # nothing needs quotes, for Python splits such lines at blanks
        self.newline = chance.choice(("\n", "\r\n"))
        self.quotes = 0 if self.is_plain else chance.choice((0, 0.1, 0.5, 1))
        self.time_format, self.time_pattern = chance.choice(TIMES)
        if self.is_plain and self.time_pattern and " " in self.time_pattern:
            self.time_format, self.time_pattern = TIMES[0]
        self.zone = chance.choice(("UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai"))
        self.has_order, self.has_product = chance.random() < 0.5, chance.random() < 0.25
        self.bad = chance.choice((0, 0.02, 0.2))
        self.rows = chance.choice((1, 2, 30, 200, 200, 600)) if seed % 40 else 20_000
        self.customers = chance.choice((1, 5, 50, self.rows))
        self.id_forms = chance.sample([form for form in IDS if not self.is_plain or not set(form) & set(' "\n\t')], 3)
        self.returns = chance.choice(("net", "exclude"))
        self.zero_amounts = chance.choice(("keep", "exclude"))
        self.prefix = "X" if self.has_order and chance.random() < 0.5 else None
        if self.time_format == "auto" and self.rows < 200:  # too few to tell day and month apart
            self.time_format = self.time_pattern
        self.columns = ["customer", "date", *(("quantity", "unit_price") if self.has_product else ("amount",)),
                        *(("order_id",) if self.has_order else ()),
                        *(f"note{i}" for i in range(chance.randrange(3)) if not self.is_plain)]
        chance.shuffle(self.columns)
        self.declares_delimiter = self.rows < 30 or self.bad > 0 or chance.random() < 0.5
        self.threads = chance.choice((1, 2, 3, 8))

    def field(self, text):
        needed = any(mark in text for mark in (self.delimiter, '"', "\n", "\r"))
        if not needed and self.chance.random() >= self.quotes:
            return text
        return '"' + text.replace('"', '""') + '"'

    def number(self, most):
        chance, digits = self.chance, self.chance.randrange(5)
        text = f"{chance.choice(('', '', '', '-', '+'))}{chance.randrange(most)}"
        if digits:
            text += "." + "".join(chance.choice("0123456789") for _ in range(digits)) + "0" * chance.choice((0, 0, 7))
        return chance.choice(("0", "-0.00", "00012.5", ".5", "7.")) if chance.random() < 0.05 else text

    def time(self):
        moment = datetime.datetime(2023, 1, 1) + datetime.timedelta(seconds=self.chance.randrange(86400 * 700))
        if self.time_pattern is None:
            return str(int(moment.replace(tzinfo=datetime.timezone.utc).timestamp()))
        if self.time_pattern.endswith("%z"):
            shift = datetime.timedelta(minutes=15 * self.chance.randrange(-48, 57))
            moment = moment.replace(tzinfo=datetime.timezone(shift))
        return moment.strftime(self.time_pattern)

    def value(self, column):
        chance = self.chance
        if column == "customer":
            return chance.choice(self.id_forms).format(chance.randrange(self.customers))
        if column == "date":
            return self.time()
        if column == "order_id":
            return chance.choice(("o", "o", "o", "X", "an-order-number-of-many-bytes-")) + str(chance.randrange(99))
        if column in ("amount", "quantity", "unit_price"):
            return str(chance.randrange(-9, 99)) if column == "quantity" else self.number(100_000)
        return chance.choice(NOTES)

    def bad_value(self, column):
        chance = self.chance
        if self.is_plain:
            return chance.choice(("x", "12x", "--1", "2024-02-30", "1,5", "9" * 30))
        return {"customer": ("", "z" * (KEY_MOST + 1), "bad\udcff\udcfe"),
                "date": ("", "x", "2024-02-30", "30.30.2024", "2024-01-01x", "0000-01-01"),
                "order_id": ("",)}.get(column, ("", "x", "1e5", "1,5", "--1", "0.00001", "9" * 30, "1 2", "€5"))[
                    chance.randrange(3 if column in ("customer",) else 1 if column == "order_id" else 6)]

    def line(self):
        chance, fields = self.chance, [self.value(column) for column in self.columns]
        if chance.random() < self.bad:
            kind = chance.randrange(6)
            if kind == 0:
                fields.append("more")
            elif kind == 1 and len(fields) > 2:
                fields.pop()
            else:
                at = chance.randrange(len(fields))
                if not self.columns[at].startswith("note"):
                    fields[at] = self.bad_value(self.columns[at])
        if self.is_plain:
            return (self.delimiter * chance.randrange(1, 3)).join(fields) + " " * chance.randrange(2)
        return self.delimiter.join(self.field(field) for field in fields)

    def text(self):
        lines = [self.delimiter.join(self.columns)]
        first = len(lines)
        while len(lines) < self.rows + first:
            lines.append(self.line())
            if self.chance.random() < 0.02:
                lines.append("")
        text = self.newline.join(lines) + self.newline * self.chance.randrange(2)
        return ("\ufeff" if self.chance.random() < 0.2 else "") + text


class Independent:
    """What the rows mean, by the standard library."""

    def __init__(self, shape, text):
        self.shape, self.zone = shape, zoneinfo.ZoneInfo(shape.zone)
        self.read = self.excluded = 0
        self.amounts = collections.Counter()
        self.rejected_lines = []
        self.used = []
        for line, fields in self.records(text.removeprefix("\ufeff")):
            self.take(line, fields)

    def records(self, text):
        """The rows behind the header, with the numbers of their first lines."""
        if self.shape.is_plain:
            for number, line in enumerate(text.split("\n"), 1):
                fields = line.removesuffix("\r").split()
                if fields and number > 1:
                    yield number, fields
            return
        reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=self.shape.delimiter, strict=True)
        before = 0
        for fields in reader:
            if fields and before:
                yield before + 1, fields
            before = reader.line_num

    @staticmethod
    def exact(text):
        """A number as it is written; None if it is none."""
        text = text.strip(" \t")
        digits = text[1:] if text[:1] in "+-" and text else text
        if not digits.replace(".", "", 1).isdigit() or not digits.isascii():
            return None
        return decimal.Decimal(text)

    @staticmethod
    def minor(number):
        """A number in 10^-4 currency units; None if it does not fit."""
        if number is None:
            return None
        scaled = NUMBER.scaleb(number, 4)
        return int(scaled) if scaled == scaled.to_integral_value() and abs(scaled) < 2**63 else None

    def factor(self, text):
        """A number of at most 18 digits behind its leading and before its trailing zeros."""
        number = self.exact(text)
        return number if number is None or len(NUMBER.normalize(number).as_tuple().digits) <= 18 else None

    def day(self, text):
        text = text.strip(" \t")
        try:
            if self.shape.time_pattern is None:
                moment = datetime.datetime.fromtimestamp(int(text), self.zone) if text.isdigit() else None
            else:
                moment = datetime.datetime.strptime(text, self.shape.time_pattern)
        except ValueError:
            return None
        if moment is None:
            return None
        if moment.tzinfo:
            moment = moment.astimezone(self.zone)
        return (moment.date() - EPOCH).days

    def take(self, line, fields):
        shape = self.shape
        self.read += 1
        if len(fields) != len(shape.columns):
            self.rejected_lines.append(line)
            return
        row = dict(zip(shape.columns, fields))
        if any(len(text.encode("utf-8", "surrogateescape")) > KEY_MOST for text in row.values()):
            self.rejected_lines.append(line)
            return
        if shape.has_product:
            parts = [self.factor(row["quantity"]), self.factor(row["unit_price"])]
            amount = self.minor(None if None in parts else NUMBER.multiply(*parts))
        else:
            amount = self.minor(self.exact(row["amount"]))
        self.amounts["read"] += amount or 0
        if (shape.prefix and row["order_id"].startswith(shape.prefix)) or amount is not None and (
                shape.returns == "exclude" and amount < 0 or shape.zero_amounts == "exclude" and amount == 0):
            self.excluded += 1
            self.amounts["excluded"] += amount or 0
            return
        day = self.day(row["date"])
        is_utf8 = not any("\ud800" <= letter <= "\udfff" for letter in row["customer"])
        if amount is None or day is None or not row["customer"] or not is_utf8 or row.get("order_id") == "":
            self.rejected_lines.append(line)
            self.amounts["rejected"] += amount or 0
            return
        self.used.append((row["customer"], day, amount, row.get("order_id")))
        self.amounts["used"] += amount

    def customers(self):
        """id -> (monetary, transactions, orders, purchase days, first, last, returns)"""
        rows = collections.defaultdict(list)
        for customer, *rest in self.used:
            rows[customer].append(rest)
        result = {}
        for customer, own in rows.items():
            bought = [row for row in own if row[1] >= 0]
            days = {row[0] for row in bought}
            orders = len({row[2] for row in bought}) if self.shape.has_order else len(bought)
            result[customer] = (sum(row[1] for row in own), len(bought), orders, len(days), min(days, default=MISSING),
                                max(days, default=MISSING), len(own) - len(bought))
        return result


class RandomLogs(st.Case):
    NAMES = ("monetary", "transactions", "orders", "purchase_days", "first_purchase_day", "last_purchase_day",
             "returns")

    def check(self, shape):
        text = shape.text()
        path = self.file("log.csv", text.encode("utf-8", "surrogateescape"))
        expected = Independent(shape, text)
        flags = ["--time-format", shape.time_format, "--time-zone", shape.zone, "--bad-rows", "skip", "--clusters", 0,
                 "--returns", shape.returns, "--zero-amounts", shape.zero_amounts, "--threads", shape.threads]
        flags += ["--delimiter", shape.word] if shape.declares_delimiter else []
        flags += ["--exclude-order-prefix", shape.prefix] if shape.prefix else []
        self.tally.update(used=len(expected.used), rejected=len(expected.rejected_lines), excluded=expected.excluded,
                          logs=bool(expected.used))
        if not expected.used:
            self.strata("run", "--transactions", path, "--output", "r.h5", *flags, expect=3)
            return
        self.strata("run", "--transactions", path, "--output", "r.h5", *flags)
        with h5py.File(self.folder / "r.h5") as snapshot:
            total = json.loads(snapshot.attrs["manifest"])["total"]
        rejects = self.folder / "r.h5.rejects.csv"
        lines = [int(row["line"]) for row in csv.DictReader(rejects.open())] if rejects.exists() else []
        rejects.unlink(missing_ok=True)
        self.assertEqual(lines, expected.rejected_lines)
        self.assertEqual(total["rows"], {"read": expected.read, "used": len(expected.used), "rejected": len(lines),
                                         "excluded": expected.excluded, "duplicate": 0})
        for kind in ("read", "used", "rejected", "excluded"):
            self.assertEqual(decimal.Decimal(total["amounts"][kind]) * SCALE, expected.amounts[kind], kind)
        self.check_customers(expected.customers())

    def check_customers(self, expected):
        ours = snapshots.read_customers(self.folder / "r.h5")
        self.assertEqual(sorted(ours.index), sorted(expected))
        wanted = pd.DataFrame.from_dict(expected, orient="index", columns=self.NAMES).loc[ours.index]
        for name in self.NAMES:
            column = [minor / SCALE for minor in wanted[name]] if name == "monetary" else wanted[name]
            np.testing.assert_array_equal(ours[name], column, err_msg=name)

    def test_logs(self):
        self.tally = collections.Counter()
        for seed in range(LOGS):
            with self.subTest(seed=seed):
                self.check(Shape(seed))
        self.assertGreater(self.tally["logs"], LOGS * 9 // 10)
        self.assertGreater(min(self.tally[kind] for kind in ("used", "rejected", "excluded")), 1000)


if __name__ == "__main__":
    st.main()
