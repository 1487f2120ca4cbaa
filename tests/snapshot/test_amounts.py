#!/usr/bin/env python3
"""Amounts against Python's decimal: decimals, rounding half to even, notations, products."""
import decimal
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

np, pd, h5py = st.need_modules("numpy", "pandas", "h5py")
import snapshots

decimal.getcontext().prec = 80
D = decimal.Decimal
POINT_MARKS, COMMA_MARKS = (",", " ", "\u00a0", "\u202f", "'", "\u2019"), (".", " ", "\u00a0", "\u202f", "'")


def rounded(value, decimals):
    """In minor units."""
    return int(value.scaleb(decimals).to_integral_value(rounding=decimal.ROUND_HALF_EVEN))


def number(chance, decimals, largest=10**7):
    """Often exactly between two neighbours."""
    digits = chance.randrange(-largest, largest) * 10**3 + chance.choice((0, 5, 50, 500, 499, 501, 250, 1))
    return D(digits).scaleb(-decimals - 3)


class Amounts(st.Case):
    def run_log(self, header, rows, *flags, expect=0):
        path = self.file("log.csv", "".join(";".join(row) + "\n" for row in [header, *rows]))
        return self.strata("run", "--transactions", path, "--delimiter", "semicolon", "--clusters", 0, "--output",
                           "r.h5", *flags, expect=expect)

    def check(self, expected, decimals):
        """Every customer has one row; `expected` is minor units by id."""
        customers = snapshots.read_customers(self.folder / "r.h5")
        self.assertEqual(sorted(customers.index), sorted(expected))
        for id, minor in expected.items():
            self.assertEqual(float(customers["monetary"][id] + 0.0), minor / 10**decimals if minor else 0.0, id)
        with h5py.File(self.folder / "r.h5") as f:
            amounts = json.loads(f.attrs["manifest"])["total"]["amounts"]
            segments = f["segments/segment"]
            unit = segments["revenue_minor"].attrs["units"]
            self.assertEqual(int(segments["revenue_minor"][:].sum()), sum(expected.values()))
        self.assertEqual(D(amounts["used"]), D(sum(expected.values())).scaleb(-decimals))
        self.assertEqual(unit, f"{D(1).scaleb(-decimals):f} currency" if decimals else "currency")

    def test_rounding_is_half_even(self):
        chance = random.Random(1)
        for decimals in (0, 1, 2, 4, 6, 9):
            values = [number(chance, decimals) for _ in range(3000)]
            rows = [(f"c{i}", "2024-01-01", f"{value:f}") for i, value in enumerate(values)]
            with self.subTest(decimals=decimals):
                self.run_log(("customer", "date", "amount"), rows, "--amount-decimals", decimals, "--amount-rounding",
                             "half-even", "--returns", "net")
                self.check({f"c{i}": rounded(value, decimals) for i, value in enumerate(values)}, decimals)

    def test_without_rounding_further_digits_are_bad(self):
        chance = random.Random(2)
        for decimals in (0, 2, 9):
            values = [number(chance, decimals) for _ in range(2000)]
            exact = {f"c{i}": rounded(value, decimals) for i, value in enumerate(values)
                     if value.scaleb(decimals) % 1 == 0}
            rows = [(f"c{i}", "2024-01-01", f"{value:f}") for i, value in enumerate(values)]
            done = self.run_log(("customer", "date", "amount"), rows, "--amount-decimals", decimals, "--bad-rows", "skip")
            self.assertEqual(done.json["rejected"], len(values) - len(exact))
            self.check(exact, decimals)
            self.assertIn(f"more than {decimals} decimals", (self.folder / "r.h5.rejects.csv").read_text())

    def test_products_are_rounded_once(self):
        chance = random.Random(3)
        for decimals in (0, 2, 4, 9):
            pairs = [(number(chance, chance.randrange(4), 1000), number(chance, chance.randrange(6), 1000))
                     for _ in range(2000)]
            rows = [(f"c{i}", "2024-01-01", f"{a:f}", f"{b:f}") for i, (a, b) in enumerate(pairs)]
            header = ("customer", "date", "quantity", "unit_price")
            self.run_log(header, rows, "--amount-decimals", decimals, "--amount-rounding", "half-even")
            self.check({f"c{i}": rounded(a * b, decimals) for i, (a, b) in enumerate(pairs)}, decimals)
            done = self.run_log(header, rows, "--amount-decimals", decimals, "--bad-rows", "skip")
            exact = {f"c{i}": rounded(a * b, decimals) for i, (a, b) in enumerate(pairs)
                     if (a * b).scaleb(decimals) % 1 == 0}
            self.assertEqual(done.json["rejected"], len(pairs) - len(exact))
            self.check(exact, decimals)

    def written(self, chance, minor, point, marks):
        mark, whole = chance.choice(("", *marks)), f"{abs(minor) // 100:,}"
        text = whole.replace(",", mark) + point + f"{abs(minor) % 100:02d}"
        text = chance.choice(("{}", "€{}", "{} EUR", "EUR\u00a0{}", "{}\u202f€")).format(text)
        return chance.choice(("-{}", "({})", "{}-", "\u2212{}")).format(text) if minor < 0 else text

    def test_notations(self):
        for style, point, marks in (("grouped-point", ".", POINT_MARKS), ("grouped-comma", ",", COMMA_MARKS)):
            chance = random.Random(style)
            minor = {f"c{i}": chance.randrange(-10**9, 10**9) >> chance.randrange(30) for i in range(3000)}
            rows = [(id, "2024-01-01", self.written(chance, value, point, marks)) for id, value in minor.items()]
            header = ("customer", "date", "amount")
            self.run_log(header, rows, "--amount-style", style, "--amount-signs", "--amount-decimals", 2)
            self.check(minor, 2)
            # What is not declared is not taken.
            done = self.run_log(header, rows, "--bad-rows", "skip", expect=None)
            self.assertIn(done.code, (0, 3))
            plain = sum(1 for row in rows if row[2].replace(".", "", 1).lstrip("-").isdigit())
            self.assertEqual(done.json["rejected"] if done.code == 0 else len(rows), len(rows) - plain)

    def test_show_knows_the_decimals(self):
        rows = [("a", "2024-01-01", "1234567"), ("b", "2024-01-02", "765433")]
        self.run_log(("customer", "date", "amount"), rows, "--amount-decimals", 0)
        self.assertIn("2,000,000.00", self.strata("show", "r.h5").out)


if __name__ == "__main__":
    st.main()
