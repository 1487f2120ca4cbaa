#!/usr/bin/env python3
"""Tables to cluster in HDF5 files of any shape: the same rows give the same clusters, and the same as from a CSV."""
import pathlib
import sys
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

np, pd, h5py, _ = st.need_modules("numpy", "pandas", "h5py", "tables")

ROWS = 3000


class StoredTables(st.Case):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(5)
        which = rng.integers(4, size=ROWS)
        self.frame = pd.DataFrame({"a": which % 2 * 10 + rng.normal(size=ROWS), "n": which // 2 * 90 + rng.integers(20, size=ROWS),
                                   "b": rng.normal(size=ROWS), "name": [f"row {i}" for i in range(ROWS)]})
        self.numbers = self.frame[["a", "n", "b"]]

    def labels(self, table, *flags, expect=0):
        done = self.strata("cluster", table, "--clusters", 4, "--output", "labels.h5", *flags, expect=expect)
        if expect:
            return done.err
        with h5py.File(self.folder / "labels.h5") as f:
            self.columns = f["clusters/columns"].asstr()[:].tolist()
            return f["labels"][:].tolist()

    def same(self, table, *flags, columns=("a", "n", "b")):
        """By the names given, and by default."""
        self.numbers.to_csv(self.folder / "t.csv", index=False)
        expected = self.labels("t.csv", "--columns", "a,n")
        self.assertEqual(self.labels(table, "--columns", f"{columns[0]},{columns[1]}", *flags), expected, table)
        self.assertEqual(self.columns, list(columns[:2]))
        self.labels(table, *flags)
        self.assertEqual(sorted(self.columns), sorted(columns))

    def test_data_frames_of_pandas(self):
        for number, (frame, options) in enumerate((
                (self.frame, {"format": "table"}), (self.frame, {"format": "table", "data_columns": True}),
                (self.frame, {"format": "table", "data_columns": ["n"], "complevel": 5}), (self.frame, {"format": "fixed"}),
                (self.numbers, {"format": "fixed"}),
                (self.frame.assign(day=pd.Timestamp("2024-01-01"), is_new=True), {"format": "table"}),
                (self.frame.assign(day=pd.Timestamp("2024-01-01"), is_new=True), {"format": "fixed"}),
                (self.frame.assign(kind=pd.Categorical(["x", "y", "z"] * (ROWS // 3))), {"format": "table"}))):
            with self.subTest(options=options, columns=list(frame.columns)):
                name = f"frame{number}.h5"
                frame.to_hdf(self.folder / name, "some/key", mode="w", **options)
                self.same(name)
                self.same(f"{name}:/some/key")
                for column in set(frame.columns) - {"a", "n", "b"}:
                    self.assertIn(f"column {column} is not numeric", self.labels(name, "--columns", f"a,{column}", expect=3))

    def test_names_of_columns(self):
        odd = {"a": "mean of ä, ß and 中文 \\ \U0001F600", "n": "line\nbreak", "b": "b"}
        for form in ("table", "fixed"):
            self.frame.rename(columns=odd).to_hdf(self.folder / "odd.h5", "key", mode="w", format=form)
            self.numbers.to_csv(self.folder / "t.csv", index=False)
            expected = self.labels("t.csv")
            self.assertEqual(len(set(expected)), 4)
            self.labels("odd.h5")
            self.assertEqual(sorted(self.columns), sorted(odd.values()))
            pd.DataFrame(self.numbers.to_numpy()).to_hdf(self.folder / "whole.h5", "key", mode="w", format=form)
            self.same("whole.h5", columns=("0", "1", "2"))
        mixed = pd.DataFrame(self.numbers.to_numpy(), columns=["a", 7, (1, 2)])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pd.errors.PerformanceWarning)
            mixed.to_hdf(self.folder / "mixed.h5", "key", mode="w", format="fixed")
        self.assertIn("df.columns = df.columns.astype(str)", self.labels("mixed.h5", expect=3))

    def test_names_that_only_python_reads(self):
        self.numbers.to_hdf(self.folder / "t.h5", "key", mode="w", format="table")
        for kind in (b"(lp0\nVa\np1\na.", b"cos\nsystem\n(S'true'\ntR.", b"(lp0\nVa\np1\naVb\np2\na", b"(lp0\nV\\ud800\np1\na", b""):
            with h5py.File(self.folder / "t.h5", "a") as f:
                f["key/table"].attrs["values_block_0_kind"] = np.bytes_(kind)
            self.assertIn("data_columns=True", self.labels("t.h5", expect=3))

    def test_series(self):
        self.frame["a"].to_hdf(self.folder / "t.h5", "key", mode="w", format="fixed")
        self.frame[["a"]].to_csv(self.folder / "t.csv", index=False)
        self.assertEqual(self.labels("t.h5"), self.labels("t.csv"))

    def test_structured_arrays(self):
        rows = np.zeros(ROWS, dtype=[("a", ">f8"), ("text", "S8"), ("n", ">i2"), ("b", "<f4"), ("long", h5py.string_dtype())])
        rows["long"] = "text"
        for column in "anb":
            rows[column] = self.frame[column]
        for storage in ({}, {"chunks": (1000,), "compression": "gzip", "shuffle": True}):
            with h5py.File(self.folder / "t.h5", "w") as f:
                f.create_dataset("deep/table", data=rows, **storage)
            self.same("t.h5")
            self.same("t.h5:/deep/table")
            self.same("t.h5:/deep")
        with h5py.File(self.folder / "t.h5", "a") as f:
            f["other"] = rows
        self.assertIn("name one of them with FILE.h5:/PLACE: /deep/table, /other", self.labels("t.h5", expect=3))

    def test_members_that_are_arrays(self):
        rows = np.zeros(ROWS, dtype=[("pair", "<f8", (2,)), ("b", "<f8", (1,)), ("name", "S3", (2,))])
        rows["pair"], rows["b"] = self.frame[["a", "n"]].to_numpy(), self.frame[["b"]].to_numpy()
        with h5py.File(self.folder / "t.h5", "w") as f:
            f["t"] = rows
        self.same("t.h5", columns=("pair.1", "pair.2", "b"))

    def test_two_dimensions(self):
        values = self.numbers.to_numpy()
        for dtype in ("<f8", ">f8"):
            for storage in ({}, {"chunks": (700, 2), "compression": "gzip"}):
                with h5py.File(self.folder / "t.h5", "w") as f:
                    f.create_dataset("x", data=values.astype(dtype), **storage)
                    f["note"] = "text"
                self.same("t.h5", columns=("1", "2", "3"))
                self.same("t.h5:/x", columns=("1", "2", "3"))
        done = self.strata("cluster", "t.h5", "--clusters", 2)
        self.assertIn("the columns are called 1, 2, ...", done.err)
        with h5py.File(self.folder / "t.h5", "a") as f:
            f["y"] = values
        self.assertIn("FILE.h5:/PLACE: /x, /y", self.labels("t.h5", expect=3))
        with h5py.File(self.folder / "t.h5", "a") as f:
            f["a"] = self.frame["a"].to_numpy()
        self.assertIn("FILE.h5:/y", self.labels("t.h5", "--columns", "y", expect=3))
        self.labels("t.h5", "--columns", "a")
        self.assertEqual(self.columns, ["a"])

    def test_two_dimensions_beside_one(self):
        """X and y, as scikit-learn has them: X is the table, and y is there for who names it."""
        values = self.numbers.to_numpy()
        y = np.arange(ROWS) % 3
        for group in ("", "/inner"):
            with self.subTest(group):
                with h5py.File(self.folder / "t.h5", "w") as f:
                    f[f"{group}/X"], f[f"{group}/y"] = values, y
                    f[f"{group}/name"] = self.frame["name"].to_numpy(dtype="S")
                table = f"t.h5:{group}" if group else "t.h5"
                self.same(table, columns=("1", "2", "3"))
                done = self.strata("cluster", table, "--clusters", 2)
                self.assertIn(f"t.h5:{group}/X: {ROWS} rows, 3 columns; no header: the columns are called 1, 2, ...; "
                              "beside it, not clustered: name, y\n", done.err)
                self.labels(table, "--columns", "y")
                self.assertEqual(self.columns, ["y"])
                self.labels(f"t.h5:{group}/X", "--columns", "3,y")
                self.assertEqual(self.columns, ["3", "y"])
                done = self.strata("cluster", table, "--columns", "y", "--clusters", 2)
                self.assertIn(f"{table}: {ROWS} rows, 1 column\n", done.err)
                self.assertIn(f"{group or '/'} is not a column of numbers",
                              self.labels(f"t.h5:{group}/X", "--columns", "X", expect=3))

    def test_which_table_cannot_be_told(self):
        values = self.numbers.to_numpy()
        with h5py.File(self.folder / "t.h5", "w") as f:
            f["X_test"], f["X_train"], f["y"] = values[:7], values, self.frame["a"]
        self.assertIn("t.h5 has datasets of two dimensions in /, X_test, X_train, and others of one, y\n",
                      self.labels("t.h5", expect=3))
        self.labels("t.h5:/X_train")
        self.assertEqual(self.columns, ["1", "2", "3"])
        self.labels("t.h5", "--columns", "y")
        self.assertEqual(self.columns, ["y"])
        with h5py.File(self.folder / "t.h5", "w") as f:
            f["centres"], f["a"], f["b"] = values[:3], self.frame["a"], self.frame["b"]
        self.assertIn("two dimensions in /, centres, and others of one, a, b\n", self.labels("t.h5", expect=3))
        self.labels("t.h5", "--columns", "a,b")
        self.assertEqual(self.columns, ["a", "b"])

    def test_large_rows(self):
        """Parts of rows begin and end inside chunks and at their borders."""
        values = np.random.default_rng(1).normal(size=(5000, 700)).astype("<f4")
        values[:, 3] += np.arange(5000) % 4 * 100
        with h5py.File(self.folder / "t.h5", "w") as f:
            f.create_dataset("x", data=values, chunks=(999, 64), compression="gzip", compression_opts=1)
        pd.DataFrame({"x4": values[:, 3], "x700": values[:, 699]}).to_csv(self.folder / "t.csv", index=False)
        self.assertEqual(self.labels("t.h5", "--columns", "4,700"), self.labels("t.csv"))

    def test_hostile_files(self):
        with h5py.File(self.folder / "t.h5", "w") as f:
            f.create_dataset("big", shape=(1 << 35, 1000), dtype="f8", chunks=(1024, 10))
            f.create_dataset("rows", shape=(1 << 36,), dtype=[("a", "f8"), ("b", "f8")], chunks=(1024,))
            f["soft"] = h5py.SoftLink("/big")
            f["outside"] = h5py.ExternalLink("/etc/passwd", "/")
            f.create_dataset("wide", shape=(1, 1 << 20), dtype="f8", chunks=(1, 1024))
            f.create_group("loop")["again"] = f["/"]
        for place, text in (("big", "claims 34359738368 rows"), ("rows", "claims 68719476736 rows"),
                            ("soft", "no group or dataset"), ("outside", "no group or dataset"),
                            ("wide", "more than 65536 columns"), ("loop/again/loop/again/rows", "claims")):
            self.assertIn(text, self.labels(f"t.h5:/{place}", expect=3), place)
        self.assertIn("several tables", self.labels("t.h5", expect=3))
        virtual = h5py.VirtualLayout(shape=(10, 2), dtype="f8")
        virtual[:] = h5py.VirtualSource(str(self.folder / "t.h5"), "big", shape=(10, 2))
        with h5py.File(self.folder / "v.h5", "w", libver="latest") as f:
            f.create_virtual_dataset("x", virtual)
        self.assertIn("stored in this file", self.labels("v.h5", expect=3))

    def test_assigning(self):
        self.numbers.to_csv(self.folder / "t.csv", index=False)
        expected = self.labels("t.csv")
        self.frame.to_hdf(self.folder / "t.h5", "key", mode="w", format="table")
        self.strata("assign", "labels.h5", "--transactions", "t.h5:/key", "--output", "again.h5")
        with h5py.File(self.folder / "again.h5") as f:
            self.assertEqual(f["labels"][:].tolist(), expected)


if __name__ == "__main__":
    st.main()
