#!/usr/bin/env python3
"""The same transactions give the same bytes, and the laws that a right implementation keeps."""
import random
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import strata_testing as st

np, pd, h5py = st.need_modules("numpy", "pandas", "h5py")
import snapshots

GROUPS = ("customers", "keys", "clusters", "segments", "scores")
FLAGS = ("--clusters", 4, "--cluster-restarts", 2, "--score-method", "ntile", "--quiet")


class Determinism(st.Case):
    """On a log of about 200,000 rows with two kinds of ids."""

    def setUp(self):
        super().setUp()
        self.log = self.folder / "log.csv"
        with open(self.log, "wb") as out:
            for flags in (("--customers", 22_000, "--seed", 5, "--ids", "uuid"),
                          ("--customers", 18_000, "--seed", 6, "--no-header")):
                self.strata("generate", *flags, "--output", "part.csv")
                out.write((self.folder / "part.csv").read_bytes())
        self.header, *self.rows = self.log.read_bytes().splitlines(keepends=True)
        self.assertGreater(len(self.rows), 180_000)
        self.first = self.contents("first.h5", "log.csv", "--threads", 1)

    def contents(self, output, log, *flags):
        self.strata("run", "--transactions", log, "--output", output, *FLAGS, *flags)
        found = snapshots.datasets(self.folder / output, *GROUPS)
        self.assertTrue(all(any(path.startswith(f"/{group}/") for path in found) for group in GROUPS))
        return found

    def check_same(self, found):
        self.assertEqual(found.keys(), self.first.keys())
        self.assertEqual([path for path in found if found[path] != self.first[path]], [])

    def test_threads(self):
        for threads in (2, 3, 8):
            with self.subTest(threads=threads):
                self.check_same(self.contents("r.h5", "log.csv", "--threads", threads))

    def test_shuffled_rows(self):
        random.Random(3).shuffle(self.rows)
        self.file("shuffled.csv", self.header + b"".join(self.rows))
        self.check_same(self.contents("r.h5", "shuffled.csv", "--threads", 2))

    def test_split_files(self):
        n = len(self.rows)
        parts = (self.rows[:n // 2], self.rows[n // 2:n // 2 + 7], self.rows[n // 2 + 7:])
        for name, part in zip("abc", parts):
            self.file(f"part-{name}.csv", self.header + b"".join(part))
        self.check_same(self.contents("r.h5", "part-?.csv", "--threads", 2))

    def test_another_dress(self):
        """Tabs, CRLF, a byte order mark, another order of columns, quotes: nothing changes."""
        order = (4, 2, 0, 5, 3, 1)
        lines = []
        for line in [self.header, *self.rows]:
            fields = line.rstrip(b"\n").split(b",")
            lines.append(b"\t".join(b'"' + fields[i] + b'"' if i % 2 else fields[i] for i in order))
        self.file("dressed.tsv", b"\xef\xbb\xbf" + b"\r\n".join(lines))
        self.check_same(self.contents("r.h5", "dressed.tsv", "--threads", 2))

    def test_automatic_number_of_clusters(self):
        self.file("some.csv", self.header + b"".join(self.rows[:40_000]))
        flags = ("--clusters", "auto", "--cluster-max-k", 5, "--cluster-restarts", 1)
        one, three = (self.contents(f"{threads}.h5", "some.csv", *flags, "--threads", threads) for threads in (1, 3))
        self.assertEqual(one, three)

    def test_seeding_by_candidates(self):
        self.file("some.csv", self.header + b"".join(self.rows[:40_000]))
        flags = ("--clusters", 4, "--cluster-seeding", "kmeans-parallel")
        one, three = (self.contents(f"{threads}.h5", "some.csv", *flags, "--threads", threads) for threads in (1, 3))
        self.assertEqual(one, three)


class Laws(st.Case):
    def setUp(self):
        super().setUp()
        self.strata("generate", "--customers", 1500, "--seed", 9, "--output", "log.csv")
        self.log = pd.read_csv(self.folder / "log.csv", dtype=str)

    def features(self, log, *flags):
        log.to_csv(self.folder / "law.csv", index=False)
        self.strata("run", "--transactions", "law.csv", "--output", "law.h5", "--clusters", 0, "--quiet", *flags)
        return snapshots.read_customers(self.folder / "law.h5")

    def test_amounts_scale(self):
        before = self.features(self.log)
        scaled = self.log.copy()
        scaled["amount"] = [f"{value / 100:.2f}" for value in
                            (4 * snapshots.round_exactly(text, 2) for text in self.log["amount"])]
        after = self.features(scaled)
        money = [name for name in before if "spend" in name or name in ("monetary", "average_order", "largest_order",
                                                                      "returned_amount")]
        self.assertGreater(len(money), 7)
        np.testing.assert_array_equal(after[money], 4 * before[money])
        others = before.columns.difference(money)
        pd.testing.assert_frame_equal(after[others], before[others])

    def test_dates_shift(self):
        before = self.features(self.log, "--as-of", "2025-12-31")
        shifted = self.log.copy()
        times = pd.to_datetime(self.log["order_time"]) + pd.Timedelta(days=1000)
        shifted["order_time"] = times.dt.strftime("%Y-%m-%d %H:%M:%S")
        after = self.features(shifted, "--as-of", "2028-09-26")
        days = ["first_purchase_day", "last_purchase_day"]
        bought = before["orders"] > 0
        np.testing.assert_array_equal(after.loc[bought, days], before.loc[bought, days] + 1000)
        pd.testing.assert_frame_equal(after.drop(columns=days), before.drop(columns=days))

    def test_every_row_twice(self):
        before = self.features(self.log)
        twice = self.features(pd.concat([self.log, self.log]))
        np.testing.assert_array_equal(twice["transactions"], 2 * before["transactions"])
        np.testing.assert_array_equal(twice["monetary"], 2 * before["monetary"])
        same = ["recency", "tenure", "orders", "purchase_days", "gap_mean", "gap_sd", "channels", "categories"]
        pd.testing.assert_frame_equal(twice[same], before[same])
        once = self.features(pd.concat([self.log, self.log]), "--duplicates", "drop")
        alone = self.features(self.log, "--duplicates", "drop")
        pd.testing.assert_frame_equal(once, alone)


if __name__ == "__main__":
    st.main()
