#!/usr/bin/env python3
"""Bad input: each kind has its message and its exit code, and an older snapshot at the same path stays as it is."""
import csv
import gzip
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import strata_testing as st

HEADER = b"customer,date,amount\n"
GOOD = HEADER + b"a,2024-01-01,1\nb,2024-01-02,2.50\nb,2024-02-02,3\n"
TEN_MB = b"x" * (10 << 20)

# name: content, flags, exit code, what the message must contain
REFUSED = {
    "empty file": (b"", [], 3, "log.csv is empty"),
    "blank lines only": (b"\n\r\n\n", [], 3, "log.csv is empty"),
    "byte order mark only": (b"\xef\xbb\xbf", [], 3, "log.csv is empty"),
    "header only": (HEADER, [], 3, "no rows in log.csv, only a header"),
    "no such column": (GOOD, ["--customer", "client"], 3,
                       "no column client for --customer; its columns are: customer, date"),
    "no such column number": (GOOD, ["--order", "7"], 3, "no column 7 for --order"),
    "no recognised column": (b"who,date,amount\na,2024-01-01,1\n", [], 3, "name it with --customer COLUMN"),
    "two candidates": (b"customer_id,client_id,date,amount\na,b,2024-01-01,1\n", [], 3,
                       "customer_id and client_id; choose with --customer customer_id"),
    "two candidates of one name": (b"date,customer_id,customer_id,amount\n2024-01-01,a,b,1\n", [], 3,
                                   "2 and 3, both named customer_id; choose with --customer 2"),
    "two columns of one name": (b"a,a,date,amount\na,b,2024-01-01,1\n", ["--customer", "a"], 3, "--customer 1"),
    "ambiguous dates": (HEADER + b"a,01/02/2024,1\nb,03/04/2024,2\n", [], 3, '"%d/%m/%Y" or "%m/%d/%Y"'),
    "contradictory dates": (HEADER + b"a,13/02/2024,1\nb,03/14/2024,2\n", [], 3, '"13/02/2024"'),
    "no such days": (HEADER + b"a,2023-02-29,1\nb,2100-02-29,1\n", [], 3, '"2023-02-29" is written like a time, but there is '
                     "no such date or time of day"),
    "a leap second": (HEADER + b"a,2016-12-31T23:59:60Z,1\n", [], 3, "no such date or time of day"),
    "a number that is no time": (HEADER + b"a,45292.5,1\n", [], 3, "epoch-s, epoch-ms, epoch-us or epoch-ns since 1970"),
    "the name of a time zone": (HEADER + b"a,2024-01-01 10:00:00 EST,1\n", [], 3, 'such as "%Y-%m-%d %H:%M:%S EST"'),
    "not a time": (HEADER + b"a,yesterday,1\n", [], 3, "column date"),
    "NUL in a customer": (HEADER + b"a\0b,2024-01-01,1\n", [], 3, "line 2, column 1: customer id contains a NUL byte"),
    "NUL in a date": (GOOD + b"c,2024-\x0001-01,1\n", [], 3, "line 5, column 2: not in the layout"),
    "NUL in an amount": (GOOD + b"c,2024-01-01,1\x00\n", [], 3, "line 5, column 3: not a number"),
    "NUL bytes only": (bytes(100_000), [], 3, "log.csv is not text: there are NUL bytes in its first line"),
    "invalid UTF-8": (GOOD + b"\xff\xfe,2024-01-01,1\n", [], 3, "line 5, column 1: customer id is not valid UTF-8"),
    "overlong UTF-8": (GOOD + b"\xc0\xaf,2024-01-01,1\n", [], 3, "customer id is not valid UTF-8"),
    "a 10 MB customer": (GOOD + TEN_MB + b",2024-01-01,1\n", [], 3, "line 5, column 1: field longer than 4096 bytes"),
    "a 10 MB quoted amount": (GOOD + b'c,2024-01-01,"' + TEN_MB + b'"\n', [], 3, "line 5, column 3: field longer"),
    "an unclosed quote": (GOOD + b'"c,2024-01-01,1\nd,2024-01-01,1\n', [], 3,
                          "line 5: the quote that opens field 1 is never"),
    "an unclosed quote and 70 MB": (GOOD + b'"' + 7 * TEN_MB, [], 3, "line 5"),
    "a quote inside a field": (GOOD + b'c"c,2024-01-01,1\n', [], 3, "line 5"),
    "text after a quote": (GOOD + b'"c"c,2024-01-01,1\n', [], 3, "line 5"),
    "a field too few": (GOOD + b"c,2024-01-01\n", [], 3, "line 5: not as many fields as the first row"),
    "a field too many": (GOOD + b"c,2024-01-01,1,2\n", [], 3, "line 5: not as many fields as the first row"),
    "no customer": (GOOD + b",2024-01-01,1\n", [], 3, "line 5, column 1: customer id is empty"),
    "no time": (GOOD + b"c,,1\n", [], 3, "line 5, column 2: time is empty"),
    "no amount": (GOOD + b"c,2024-01-01,\n", [], 3, "line 5, column 3: number is empty"),
    "no such day": (GOOD + b"c,2023-02-29,1\n", [], 3, "line 5, column 2: no such date"),
    "an amount beyond range": (GOOD + b"c,2024-01-01,922337203685477.5808\n", [], 3,
                               "line 5, column 3: number out of range"),
    "a negative amount beyond range": (GOOD + b"c,2024-01-01,-922337203685477.5809\n", [], 3,
                                       "line 5, column 3: number out of range"),
    "an exponent": (GOOD + b"c,2024-01-01,-1e3\n", [], 3, "not a number: '-1e3'"),
    "five decimals": (GOOD + b"c,2024-01-01,1.00005\n", [], 3, "line 5, column 3: more than 4 decimals"),
    "a product beyond range": (b"customer,date,quantity,unit_price\na,2024-01-01,99999999,99999999999\n", [], 3,
                               "quantity x unit price is out of range"),
    "sums beyond range": (HEADER + b"a,2024-01-01,900000000000000\n" * 3, [], 3,
                          "more than 922337203685477.5807 currency units"),
    "sums of whole units beyond range": (HEADER + b"a,2024-01-01,4000000000000000000\n" * 3, ["--amount-decimals", "0"], 3,
                                         "more than 9223372036854775807 currency units"),
    "sums of fine units beyond range": (HEADER + b"a,2024-01-01,-9000000000\n" * 3, ["--amount-decimals", "9"], 3,
                                        "more than 9223372036.854775807 currency units, the most that there is room for "
                                        "with --amount-decimals 9; check the amounts (is it the right column?), or keep "
                                        "fewer decimals"),
    "a date before year 1": (GOOD + b"c,0000-12-31,1\n", [], 3, "line 5, column 2: year not between 1 and 9999"),
    "a date after year 9999": (GOOD + b"c,10000-01-01,1\n", [], 3, "line 5, column 2: year not between 1 and 9999"),
    "the last of all days": (GOOD + b"c,9999-12-31,1\n", [], 3, "--as-of"),
    "everything excluded": (HEADER + b"a,2024-01-01,-1\n", ["--returns", "exclude"], 3, "of 1 rows"),
    "everything outside the window": (GOOD, ["--as-of", "2020-01-01"], 3, "--as-of and --window"),
    "nothing but bad rows": (HEADER + b",2024-01-01,1\n", ["--bad-rows", "skip"], 3, "1 are bad"),
    "too many bad rows": (GOOD + b",2024-01-01,1\n,2024-01-01,1\n", ["--bad-rows", "skip", "--max-bad-rows", "1"], 3,
                          "--max-bad-rows"),
    "no order column": (GOOD, ["--exclude-order-prefix", "C"], 3, "--order COLUMN"),
    "gzip without an end": (b"\x1f\x8b\x08\0\0\0\0\0", [], 3, "log.csv is cut off: its gzip data has no end"),
    "gzip with something behind": (gzip.compress(GOOD) + b"x", [], 3, "log.csv is damaged"),
    "gzip with a wrong checksum": (gzip.compress(GOOD)[:-8] + bytes(8), [], 3, "log.csv is damaged: a wrong checksum"),
    "gzip of nothing": (gzip.compress(b""), [], 3, "log.csv is empty"),
    "gzip of gzip": (gzip.compress(gzip.compress(GOOD)), [], 3, "log.csv is compressed twice"),
    "gzip of bad rows": (gzip.compress(GOOD + b"c,2024-01-01,-1e3\n"), [], 3, "line 5, column 3: not a number: '-1e3'"),
    "zstd without an end": (b"\x28\xb5\x2f\xfd\0", [], 3, "log.csv is cut off: its zstd data has no end"),
    "UTF-16 that is said to be UTF-8": (GOOD.decode().encode("utf-16"), ["--encoding", "utf-8"], 3, "UTF-16 text"),
}

# name: content, flags, how many customers
TAKEN = {
    "one customer only": (HEADER + b"a,2024-01-01,1\n", [], 1),
    "one customer, five clusters": (HEADER + b"a,2024-01-01,1\n", ["--clusters", "5"], 1),
    "all customers alike": (HEADER + b"".join(b"%d,2024-01-01,1\n" % i for i in range(50)), [], 50),
    "all customers alike, three clusters": (HEADER + b"".join(b"%d,2024-01-01,1\n" % i for i in range(50)),
                                            ["--clusters", "3"], 50),
    "fewer customers than clusters": (GOOD, ["--clusters", "7"], 2),
    "fewer customers than levels": (GOOD, ["--score-levels", "10", "--score-method", "ntile"], 2),
    "returns only": (HEADER + b"a,2024-01-01,-1\nb,2024-01-01,-2\n", [], 2),
    "the largest amount of one customer": (HEADER + b"a,2024-01-01,919999999999999.9999\n", [], 1),
    "the first and the last day": (HEADER + b"a,0001-01-01,1\nb,9999-12-30,1\n", [], 2),
    "10 MB in a column that is not mapped": (b"note," + HEADER + TEN_MB + b",a,2024-01-01,1\n", [], 1),
    "10 MB in quotes in a column that is not mapped": (b"note," + HEADER + b'"' + TEN_MB + b'",a,2024-01-01,1\n',
                                                       [], 1),
    "a customer id of 4096 bytes": (HEADER + b"\xe5\xae\xa2" * 1365 + b"a,2024-01-01,1\n", [], 1),
    "NUL in a column that is not mapped": (b"note," + HEADER + b"\0,a,2024-01-01,1\n", [], 1),
}


class BadInput(st.Case):
    def setUp(self):
        super().setUp()
        self.old = b"an older snapshot\n" * 100
        self.file("r.h5", self.old)

    def refuse(self, code, text, *flags):
        done = self.strata("run", "--output", "r.h5", *flags, expect=code)
        self.assertEqual(done.out, "")
        self.assertIn(text, done.err)
        self.assertTrue(all(line.startswith("strata: ") for line in done.err.splitlines()), done.err)
        self.assertEqual((self.folder / "r.h5").read_bytes(), self.old)

    def test_refused(self):
        for name, (content, flags, code, text) in REFUSED.items():
            with self.subTest(name):
                self.file("log.csv", content)
                self.refuse(code, text, "--transactions", "log.csv", *flags)
                self.assertEqual(self.leftovers("log.csv", "r.h5"), [])

    def test_the_same_with_one_thread_and_json(self):
        for name, (content, flags, code, text) in REFUSED.items():
            with self.subTest(name):
                self.file("log.csv", content)
                one, three = (self.strata("run", "--output", "r.h5", "--transactions", "log.csv", *flags, "--threads",
                                          threads, expect=code) for threads in (1, 3))
                self.assertEqual(one.err, three.err)

    def test_taken(self):
        for name, (content, flags, customers) in TAKEN.items():
            with self.subTest(name):
                self.file("log.csv", content)
                done = self.strata("run", "--transactions", "log.csv", "--output", "r.h5", *flags)
                self.assertEqual(done.json["customers"], customers)
                self.strata("show", "r.h5")

    def test_paths(self):
        self.file("log.csv", GOOD)
        (self.folder / "folder").mkdir()
        for code, text, *flags in (
                (5, "folder is a directory; name the files in it", "--transactions", "folder"),
                (5, "cannot open nowhere.csv", "--transactions", "nowhere.csv"),
                (5, "no file matches no*.csv", "--transactions", "no*.csv"),
                (3, "/dev/null is empty", "--transactions", "/dev/null"),
                (2, "given twice", "--transactions", "log.csv", "--transactions", "l*.csv"),
                (5, "is a directory", "--transactions", "log.csv", "--output", "folder"),
                (5, "no/such/", "--transactions", "log.csv", "--output", "no/such/r.h5")):
            with self.subTest(text):
                self.refuse(code, text, *flags)
        self.assertEqual(self.leftovers("log.csv", "r.h5", "folder"), [])
        self.assertEqual(list((self.folder / "folder").iterdir()), [])


class RejectsFile(st.Case):
    """--bad-rows skip: file, line, byte and reason of planted rows, whatever is around them."""

    PLANTED = [
        (b",2024-01-01,1,x", "customer id is empty"),
        (b"c\xff,2024-01-01,1,x", "customer id is not valid UTF-8"),
        (b"c\0,2024-01-01,1,x", "customer id contains a NUL byte"),
        (b"c,,1,x", "time is empty"),
        (b"c,2024-13-01,1,x", "no such date or time of day: '2024-13-01'"),
        (b"c,01.02.2024,1,x", "not in the layout of the file's times: '01.02.2024'"),
        (b"c,2024-01-01,,x", "number is empty"),
        (b"c,2024-01-01,12x,x", "not a number: '12x'"),
        (b'c,2024-01-01,"1,5",x', "not a number: '1,5' (it is one with --amount-style grouped-comma)"),
        (b"c,2024-01-01,1.23456,x", "more than 4 decimals: '1.23456'"),
        (b"c,2024-01-01,99999999999999999999,x",
         "number out of range (beyond 922337203685477.5807): '99999999999999999999'"),
        (b"c,2024-01-01,1", "not as many fields as the first row"),
        (b"c,2024-01-01,1,x,y", "not as many fields as the first row"),
        (b'c,2024-01-01,1,"two\nlines",y', "not as many fields as the first row"),
        (b"c" * 5000 + b",2024-01-01,1,x", "field longer than 4096 bytes"),
        (b"c,2024-01-01,=1+1,x", "not a number: '=1+1'"),
    ]

    def plant(self, name, n_good, newline):
        """A log with the planted rows among good ones; where each begins."""
        content, line, places, total = b"customer,date,amount,note" + newline, 2, [], 0
        for i in range(n_good):
            if i % (n_good // len(self.PLANTED)) == 3 and len(places) < len(self.PLANTED):
                row, reason = self.PLANTED[len(places)]
                places.append((name, str(line), str(len(content)), reason))
                content += row + newline
                line += 1 + row.count(b"\n")
            note = b'"a\nb"' if i % 7 == 0 else b"n"
            content += b"k%d,2024-01-%02d,%d,%s%s" % (i % 97, 1 + i % 28, i % 50, note, newline)
            total += i % 50
            line += 1 + note.count(b"\n")
        self.assertEqual(len(places), len(self.PLANTED))
        self.file(name, content)
        return places, total

    def check(self, names, n_good, newline, threads):
        planted = [self.plant(name, n_good, newline) for name in names]
        places = [place for found, _ in planted for place in found]
        flags = [flag for name in names for flag in ("--transactions", name)]
        done = self.strata("run", *flags, "--bad-rows", "skip", "--clusters", 0, "--threads", threads, "--output",
                           "r.h5")
        with open(self.folder / "r.h5.rejects.csv", encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        self.assertEqual(header, ["file", "line", "byte", "reason"])
        self.assertEqual([tuple(row) for row in rows], places)
        self.assertEqual((done.json["rejected"], done.json["transactions"]), (len(places), n_good * len(names)))
        self.assertEqual(self.leftovers("r.h5", "r.h5.rejects.csv", *names), [])

    def test_small(self):
        self.check(["log.csv"], 100, b"\n", 1)

    def test_crlf(self):
        self.check(["log.csv"], 100, b"\r\n", 2)

    def test_many_blocks_and_files(self):
        self.check(["one.csv", "two.csv"], 60_000, b"\n", 3)

    def test_fail_names_the_first_ten(self):
        places, _ = self.plant("log.csv", 400, b"\n")
        done = self.strata("run", "--transactions", "log.csv", "--output", "r.h5", expect=3)
        head, *lines = done.err.splitlines()
        self.assertEqual(head, "strata: 16 of 416 rows are bad; mend them or take the rest with --bad-rows skip; "
                               "the first ten:")
        self.assertEqual(len(lines), 10)
        for said, (name, line, _, reason) in zip(lines, places):
            self.assertRegex(said, rf"^strata:   {name}, line {line}(, column [1-4])?: ")
            self.assertTrue(said.endswith(reason), said)
        self.assertEqual(self.leftovers("log.csv"), [])

    def test_a_clean_log_has_an_empty_rejects_file(self):
        self.file("log.csv", GOOD)
        self.file("r.h5.rejects.csv", "from an earlier run\n")
        self.strata("run", "--transactions", "log.csv", "--bad-rows", "skip", "--output", "r.h5")
        self.assertEqual((self.folder / "r.h5.rejects.csv").read_text(), "file,line,byte,reason\n")


if __name__ == "__main__":
    st.main()
