#!/usr/bin/env python3
"""Clusters of plain tables from one to the next: numbers and names stay, small clusters go, other rows are assigned."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

np, pd, h5py = st.need_modules("numpy", "pandas", "h5py")
import snapshots

CORNERS = ((0, 0), (10, 0), (0, 10), (10, 10))


def blobs(sizes, seed=1, centres=CORNERS):
    """Rows around each centre, mixed; and which centre it is."""
    chance = np.random.default_rng(seed)
    which = chance.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return np.round(np.asarray(centres)[which] + chance.normal(size=(len(which), 2)), 3), which


class PlainTables(st.Case):
    def write(self, name, points, columns=("x", "y"), **keywords):
        pd.DataFrame(points, columns=columns).to_csv(self.folder / name, index=False, **keywords)

    def labels(self, name):
        with h5py.File(self.folder / name) as f:
            return f["labels"][:]

    def names(self, name):
        with h5py.File(self.folder / name) as f:
            return dict(zip(f["clusters/values"][:].tolist(), f["clusters/names"].asstr()[:]))

    def test_numbers_and_names_stay(self):
        first, which = blobs((400, 300, 200, 100))
        self.write("a.csv", first)
        self.strata("cluster", "a.csv", "--clusters", 4, "--output", "a.h5")
        number = {centre: self.labels("a.h5")[which == centre][0] for centre in range(4)}
        # The second night is one corner short, and has a new place in the order of the numbers.
        second, which = blobs((100, 0, 300, 400, 500), seed=2, centres=(*CORNERS, (40, 8)))
        self.write("b.csv", second)
        done = self.strata("cluster", "b.csv", "--clusters", 4, "--previous", "a.h5", "--output", "b.h5")
        labels = self.labels("b.h5")
        for centre in (0, 2, 3):
            self.assertEqual(set(labels[which == centre]), {number[centre]})
        self.assertEqual(set(labels[which == 4]), {5})
        self.assertEqual(done.json["numbers"], sorted({*(number[c] for c in (0, 2, 3)), 5}))
        for kept in done.json["numbers"][:3]:
            self.assertEqual(self.names("b.h5")[kept], self.names("a.h5")[kept])
        self.assertIn("3 of 4 clusters keep their numbers", done.err)
        self.assertNotIn("in common", done.err)
        with h5py.File(self.folder / "b.h5") as f:
            told = dict(f["clusters/previous"].attrs)
            self.assertTrue(np.isnan(told["ari"]) and np.isnan(told["ami"]))
            self.assertEqual((told["clusters"], told["kept"], told["common"]), (4, 3, 0))
        # A snapshot, the file that is replaced, and a margin are taken as well.
        self.strata("cluster", "b.csv", "--clusters", 4, "--previous", "b.h5", "--output", "b.h5")
        np.testing.assert_array_equal(self.labels("b.h5"), labels)
        fresh = self.strata("cluster", "b.csv", "--clusters", 4, "--previous", "a.h5", "--previous-margin", 0)
        self.assertEqual(fresh.json["numbers"], done.json["numbers"])

    def test_small_clusters_go(self):
        points, which = blobs((400, 300, 200, 11))
        self.write("a.csv", points)
        self.assertEqual(min(self.strata("cluster", "a.csv", "--clusters", 4).json["sizes"]), 11)
        for flags in (("--cluster-min-size", 12), ("--cluster-min-share", 0.02)):
            with self.subTest(flags):
                done = self.strata("cluster", "a.csv", "--clusters", 4, *flags, "--output", "c.h5")
                self.assertEqual(done.json["k"], 3)
                self.assertEqual(sum(done.json["sizes"]), len(points))
                self.assertIn("1 of 4 clusters had fewer than", done.err)
                with h5py.File(self.folder / "c.h5") as f:
                    self.assertEqual(f["clusters"].attrs["dissolved"], 1)
        self.strata("cluster", "a.csv", "--cluster-min-share", 2, expect=2)

    def test_rows_of_the_fit_get_their_labels_again(self):
        points, _ = blobs((400, 300, 200, 100))
        table = pd.DataFrame(np.exp(points / 4), columns=["x", "y"])
        table["same"] = 3.5
        table.loc[::37, "y"] = np.nan
        table.to_csv(self.folder / "a.csv", index=False)
        preparations = ((), ("--transform", "log1p", "--scaling", "standard"), ("--scaling", "whiten"),
                        ("--transform", "quantile-normal"), ("--missing", "median", "--scaling", "robust"),
                        ("--transform", "yeo-johnson", "--missing", "zero"))
        for preparation in preparations:
            with self.subTest(preparation):
                fitted = self.strata("cluster", "a.csv", "--clusters", 5, *preparation, "--output", "a.h5").json
                done = self.strata("assign", "a.h5", "--transactions", "a.csv", "--output", "b.h5").json
                np.testing.assert_array_equal(self.labels("b.h5"), self.labels("a.h5"))
                self.assertEqual((done["sizes"], done["numbers"], done["k"]), (fitted["sizes"], fitted["numbers"], 5))
                self.assertEqual(done["rows_without_cluster"], (self.labels("a.h5") < 0).sum())
                again = self.strata("assign", "b.h5", "--transactions", "a.csv", "--threads", 1, "--output", "c.h5").json
                self.assertEqual(again["sizes"], done["sizes"])
                self.assertEqual(*(snapshots.datasets(self.folder / name, "/") for name in ("b.h5", "c.h5")))

    def test_other_rows_get_the_nearest_cluster(self):
        points, _ = blobs((400, 300, 200, 100))
        self.write("a.csv", points)
        self.strata("cluster", "a.csv", "--clusters", 4, "--output", "a.h5")
        others = np.random.default_rng(3).uniform(-20, 30, (500, 2))
        with h5py.File(self.folder / "a.h5") as f:
            centroids, numbers = f["clusters/centroids"][:], f["clusters/values"][:]
        wanted = numbers[((others[:, None, :] - centroids[None]) ** 2).sum(axis=2).argmin(axis=1)]
        # In another order of the columns, beside others, and from HDF5.
        pd.DataFrame({"id": np.arange(500), "y": others[:, 1], "x": others[:, 0]}).to_csv(self.folder / "b.csv", sep=";",
                                                                                         index=False)
        with h5py.File(self.folder / "t.h5", "w") as f:
            f["nested/x"], f["nested/y"] = others.T
        for table in ("b.csv", "t.h5:/nested"):
            with self.subTest(table):
                done = self.strata("assign", "a.h5", "--transactions", table, "--output", "b.h5").json
                np.testing.assert_array_equal(self.labels("b.h5"), wanted)
                self.assertEqual(sum(done["sizes"]), 500)
                with h5py.File(self.folder / "b.h5") as f:
                    self.assertEqual(f.attrs["schema"], "strata-clusters")
                    self.assertEqual(f.attrs["table"], table)
                    np.testing.assert_array_equal(f["clusters/sizes"][:], done["sizes"])

    def test_what_is_refused(self):
        points, _ = blobs((40, 30, 20, 10))
        self.write("a.csv", points)
        self.write("other.csv", points, columns=("x", "z"))
        self.strata("cluster", "a.csv", "--clusters", 2, "--output", "a.h5")
        self.strata("run", "--transactions", st.SOURCE / "datasets/sample.csv", "--clusters", 0, "--output", "none.h5")
        assign = ("assign", "a.h5", "--transactions")
        self.assertIn("y", self.strata(*assign, "other.csv", expect=2).err)
        self.strata(*assign, "a.csv", "--output", "a.csv", expect=2)
        self.strata(*assign, "a.csv", "--output", "a.h5", expect=2)
        self.strata(*assign, "a.csv", "--transactions", "other.csv", expect=2)
        self.strata(*assign, "a.csv", "--as-of", "2025-01-01", expect=2)
        self.strata(*assign, "gone.csv", expect=5)
        self.strata("assign", "a.h5", expect=2)
        self.strata("cluster", "a.csv", "--previous", "a.csv", expect=3)
        self.strata("cluster", "a.csv", "--previous", "gone.h5", expect=5)
        self.strata("cluster", "a.csv", "--previous", "a.h5", "--init", "a.csv", expect=2)
        self.strata("run", "--transactions", st.SOURCE / "datasets/sample.csv", "--previous", "a.h5", "--output",
                    "x.h5", expect=3)
        done = self.strata("cluster", "a.csv", "--clusters", 2, "--previous", "none.h5")
        self.assertIn("has no clusters", done.err)
        with h5py.File(self.folder / "a.h5", "a") as f:
            f["clusters/shift"][0] = np.nan
        self.strata(*assign, "a.csv", expect=3)
        self.strata("cluster", "a.csv", "--clusters", 2, "--previous", "a.h5", expect=3)

    def test_names_with_commas(self):
        points, _ = blobs((100, 100))
        names = ("spend, net", 'the "new" one', '"', "z")
        self.write("a.csv", np.hstack([points, points[:, :1] * 3, np.zeros((200, 1))]), columns=names)
        for flags, wanted in ((('"spend, net","the ""new"" one"',), names[:2]), (('"""",z,"spend, net"',), (names[2], names[0])),
                              (('"z","spend, net"',), (names[0],)), (('the "new" one',), names[1:2])):
            self.strata("cluster", "a.csv", "--columns", *flags, "--clusters", 2, "--output", "a.h5")
            with h5py.File(self.folder / "a.h5") as f:
                self.assertEqual(f["clusters/columns"].asstr()[:].tolist(), list(wanted))
        self.strata("assign", "a.h5", "--transactions", "a.csv")
        for wrong, message in (('"spend, net', "a quote is not closed"), ('"z"x', "a name goes on behind its closing quote"),
                               ('""', "has an empty name"), ("z,", "has an empty name"), ("", "has an empty name")):
            self.assertIn(message, self.strata("cluster", "a.csv", "--columns", wrong, expect=2).err)

    def test_messages_speak_of_rows(self):
        self.file("one.csv", "x,y,z\n1,5,1\n2,5,\n3,5,3\n")
        done = self.strata("cluster", "one.csv", "--clusters", 2)
        self.assertIn("column y is the same for all rows and is left out", done.err)
        self.assertIn("1 of 3 rows lacks a value in some column: no cluster", done.err)
        done = self.strata("cluster", "one.csv", "--clusters", 5, "--missing", "zero", "--max-iterations", 1)
        self.assertIn("1 row without a value in z: it counts as 0", done.err)
        self.assertIn("5 clusters asked for, 3 found: the rows lie on so few different points", done.err)
        self.assertNotIn("customer", done.err)
        self.file("alike.csv", "x\n1\n1\n")
        done = self.strata("cluster", "alike.csv", "--clusters", 2, "--output", "alike.h5")
        self.assertIn("all rows are alike in the columns: one cluster", done.err)
        self.assertEqual(self.names("alike.h5"), {1: "all rows"})
        self.file("none.csv", "x,y\n1,\n,1\n")
        done = self.strata("cluster", "none.csv", "--clusters", 2, expect=3)
        self.assertIn("no row has a value in each of the 2 columns", done.err)
        self.assertNotIn("customer", done.err)
        self.file("init.csv", "1\n")
        done = self.strata("cluster", "one.csv", "--columns", "x,y", "--init", "init.csv", expect=2)
        self.assertIn("has no header and 1 field in a row, but the columns to cluster are 2", done.err)
        done = self.strata("cluster", "one.csv", "--columns", "x", "--init", "init.csv", "--clusters", 2, expect=2)
        self.assertIn("init.csv has 1 row, but --clusters is 2", done.err)

    def test_a_least_size_that_no_cluster_can_have(self):
        points, _ = blobs((30, 30))
        self.write("a.csv", points)
        done = self.strata("cluster", "a.csv", "--clusters", 2, "--cluster-min-size", 61)
        self.assertIn("no cluster can have 61 rows, as there are 60 to cluster: one cluster", done.err)
        self.assertEqual(done.json["sizes"], [60])
        done = self.strata("cluster", "a.csv", "--clusters", 2, "--cluster-min-size", 60)
        self.assertNotIn("no cluster can have", done.err)

    def test_columns_that_are_left_out_are_told(self):
        self.file("a.csv", 'x;y;name;empty\n"1,5";2;a;\n"3,5";4;b;\n"9,0";9;c;\n')
        done = self.strata("cluster", "a.csv", "--clusters", 2)
        self.assertIn("a.csv: 3 rows, 1 column; no numbers, and left out: x, name, empty\n", done.err)
        self.assertIn("a.csv: 3 rows, 1 column\n", self.strata("cluster", "a.csv", "--columns", "y", "--clusters", 2).err)
        with h5py.File(self.folder / "a.h5", "w") as f:
            f["x"], f["name"] = np.arange(3), np.array([b"a", b"b", b"c"])
        done = self.strata("cluster", "a.h5", "--clusters", 2)
        self.assertIn("a.h5: 3 rows, 1 column; no numbers, and left out: name\n", done.err)
        self.assertIn("a.h5: 3 rows, 1 column\n", self.strata("cluster", "a.h5", "--columns", "x", "--clusters", 2).err)
        header = ",".join(f"a_column_with_a_long_name_{i}" for i in range(60))
        self.file("wide.csv", f"{header},z\n" + "".join(",".join(["t"] * 60) + f",{i}\n" for i in range(3)))
        self.assertRegex(self.strata("cluster", "wide.csv", "--clusters", 2).err, "a_column_with_a_long_name_1, .*, \\.\\.\\.\n")

    def test_options_out_of_range(self):
        self.write("a.csv", blobs((30, 30))[0])
        for flags, message in ((("--restarts", 0), "clusters: 0 restarts; choose 1 or more"),
                               (("--max-iterations", 0), "clusters: 0 iterations; choose 1 or more"),
                               (("--max-k", 1), "clusters: auto cannot try up to 1; choose 2 to 32767")):
            self.assertIn(message, self.strata("cluster", "a.csv", *flags, expect=2).err)

    def test_what_is_told_of_a_fresh_start(self):
        points, _ = blobs((400, 300, 200, 100))
        self.write("a.csv", points)
        self.strata("cluster", "a.csv", "--clusters", 4, "--output", "a.h5")
        done = self.strata("cluster", "a.csv", "--clusters", 4, "--previous", "a.h5")
        self.assertIn("4 of 4 clusters keep their numbers from the earlier 4; the earlier centroids, moved on: the inertia "
                      "of a fresh start is no better\n", done.err)
        self.strata("cluster", "a.csv", "--clusters", 1, "--output", "a.h5")
        done = self.strata("cluster", "a.csv", "--clusters", 1, "--previous", "a.h5")
        self.assertIn("1 of 1 cluster keeps its number from the earlier 1", done.err)


if __name__ == "__main__":
    st.main()
