#!/usr/bin/env python3
"""A column of weights: a row of weight w is as w rows, in text and in HDF5, and bad weights are refused."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

np, pd, h5py = st.need_modules("numpy", "pandas", "h5py")

CENTRES = np.array([[0, 0, 0], [12, 0, 3], [0, 12, 6], [12, 12, 9]])
INDICES = ("inertia", "silhouette", "simplified_silhouette", "calinski_harabasz", "davies_bouldin", "bic")


class Weights(st.Case):
    def setUp(self):
        super().setUp()
        chance = np.random.default_rng(3)
        which = chance.integers(4, size=900)
        self.frame = pd.DataFrame(np.round((CENTRES[which] + chance.normal(size=(900, 3))) * 64) / 64, columns=["x", "y", "z"])
        self.frame["w"] = chance.integers(1, 5, size=900) * (1 + 3 * (which == 2))
        self.frame.to_csv(self.folder / "w.csv", index=False)
        self.copies = self.frame.loc[np.repeat(self.frame.index, self.frame["w"])].drop(columns="w")
        self.copies.to_csv(self.folder / "copies.csv", index=False)

    def fit(self, table, *flags):
        done = self.strata("cluster", table, "--output", "out.h5", *flags)
        with h5py.File(self.folder / "out.h5") as f:
            clusters = f["clusters"]
            return done, {"labels": f["labels"][:], "columns": clusters["columns"].asstr()[:].tolist(),
                          "centroids": clusters["centroids"][:], "differences": clusters["profile/differences"][:],
                          "validity": {name: clusters["validity"][name][:] for name in ("k", *INDICES)},
                          "attributes": dict(clusters.attrs)}

    def test_as_so_many_rows(self):
        """Values are such that floats hold: only their logarithms are rounded."""
        for flags in (("--clusters", 4), ("--max-k", 6), ("--clusters", 4, "--transform", "log1p"),
                      ("--clusters", 3, "--precision", "float64"), ("--clusters", 4, "--seeding", "kmeans-parallel")):
            with self.subTest(flags):
                done, weighted = self.fit("w.csv", "--weights", "w", "--tolerance", 0, *flags)
                _, copies = self.fit("copies.csv", "--tolerance", 0, *flags)
                self.assertEqual(weighted["columns"], ["x", "y", "z"])
                self.assertEqual(weighted["attributes"]["weights"], "w")
                self.assertNotIn("weights", copies["attributes"])
                self.assertIn("weights of the rows: column w\n", done.err)
                np.testing.assert_array_equal(np.repeat(weighted["labels"], self.frame["w"]), copies["labels"])
                self.assertEqual(done.json["sizes"], np.unique(weighted["labels"], return_counts=True)[1].tolist())
                np.testing.assert_allclose(weighted["centroids"], copies["centroids"], rtol=0, atol=1e-6 if "log1p" in flags else 1e-12)
                np.testing.assert_allclose(weighted["differences"], copies["differences"], rtol=1e-6, atol=1e-9)
                for name in ("k", *INDICES):
                    np.testing.assert_allclose(weighted["validity"][name], copies["validity"][name], rtol=1e-5, err_msg=name)

    def test_every_threads_the_same(self):
        first = None
        for threads in (1, 2, 3, 8):
            self.fit("w.csv", "--weights", "w", "--threads", threads, "--scaling", "standard")
            with h5py.File(self.folder / "out.h5") as f:
                found = [f[name][...].tobytes() for name in ("labels", "clusters/centroids", "clusters/profile/differences")]
            first = first or found
            self.assertEqual(found, first)

    def test_hdf5(self):
        _, expected = self.fit("w.csv", "--weights", "w", "--clusters", 4)
        with h5py.File(self.folder / "columns.h5", "w") as f:
            for name, column in self.frame.items():
                f[name] = column
        with h5py.File(self.folder / "matrix.h5", "w") as f:
            f["X"], f["w"] = self.frame[["x", "y", "z"]], self.frame["w"].astype("<f4")
        self.frame.to_hdf(self.folder / "pandas.h5", key="t", format="table")
        for table in ("columns.h5", "matrix.h5", "matrix.h5:/X", "pandas.h5"):
            for columns in ((), ("--columns", "1,2,3" if "matrix" in table else "x,y,z")):
                with self.subTest(table=table, columns=columns):
                    _, found = self.fit(table, "--weights", "w", "--clusters", 4, *columns)
                    np.testing.assert_array_equal(found["labels"], expected["labels"])
                    np.testing.assert_array_equal(found["centroids"], expected["centroids"])

    def test_also_clustered_on(self):
        _, found = self.fit("w.csv", "--weights", "w", "--columns", "x,w", "--clusters", 4)
        self.assertEqual(found["columns"], ["x", "w"])

    def test_first_centroids(self):
        pd.DataFrame(CENTRES, columns=["x", "y", "z"]).to_csv(self.folder / "init.csv", index=False)
        done, found = self.fit("w.csv", "--weights", "w", "--init", "init.csv", "--tolerance", 0)
        groups = self.frame.groupby(found["labels"])
        means = groups.apply(lambda group: np.average(group[["x", "y", "z"]], axis=0, weights=group["w"]))
        np.testing.assert_allclose(found["centroids"], np.stack(means), atol=1e-6)
        squares = ((self.frame[["x", "y", "z"]] - found["centroids"][found["labels"] - 1]) ** 2).sum(axis=1)
        self.assertAlmostEqual(done.json["inertia"] / (squares * self.frame["w"]).sum(), 1, 9)
        self.assertAlmostEqual(found["validity"]["inertia"][0] / done.json["inertia"], 1, 9)

    def test_scale_of_weights(self):
        _, expected = self.fit("w.csv", "--weights", "w", "--clusters", 4)
        self.frame.assign(w=self.frame["w"] / self.frame["w"].sum()).to_csv(self.folder / "f.csv", index=False)
        self.assertIn("sum to 1, and a row of weight w counts as w rows: too few to choose among 2 to 10 clusters",
                      self.strata("cluster", "f.csv", "--weights", "w", expect=3).err)
        for factor in (1e-100, 2.0**-20, 1e20, 1e98):
            self.frame.assign(w=self.frame["w"] * factor).to_csv(self.folder / "f.csv", index=False)
            done, found = self.fit("f.csv", "--weights", "w", "--clusters", 4)
            np.testing.assert_array_equal(found["labels"], expected["labels"])
            np.testing.assert_allclose(found["centroids"], expected["centroids"], rtol=1e-9)
            self.assertTrue(np.isfinite(done.json["inertia"]))

    def test_rows_without_weight(self):
        """They have a cluster, and no say in it; a row that has no cluster may have any weight."""
        frame = self.frame.copy()
        frame.loc[900] = [1000, 1000, 1000, 0]
        frame.loc[901] = [np.nan, 0, 0, 1e9]
        frame.to_csv(self.folder / "more.csv", index=False)
        _, expected = self.fit("w.csv", "--weights", "w", "--clusters", 4)
        done, found = self.fit("more.csv", "--weights", "w", "--clusters", 4, "--precision", "float64")
        np.testing.assert_array_equal(found["labels"][:900], expected["labels"])
        np.testing.assert_allclose(found["centroids"], expected["centroids"], atol=1e-9)
        self.assertIn(found["labels"][900], (1, 2, 3, 4))
        self.assertEqual(found["labels"][901], -32768)

    def test_refused(self):
        for weight, told in (("-1", "row 3 has the weight -1 in column w"), ("inf", "row 3 has the weight inf in column w"),
                             ("1e101", "row 3 has the weight 1e+101 in column w"), ("1e-101", "the weight 1e-101 in"),
                             ("", "row 3 has no weight in column w"), ("nan", "row 3 has no weight in column w"),
                             ("much", "line 4, column w: not a number: 'much'")):
            (self.folder / "bad.csv").write_text(f"x,w\n1,1\n2,1\n3,{weight}\n4,1\n")
            for columns in ((), ("--columns", "x")):
                with self.subTest(weight=weight, columns=columns):
                    done = self.strata("cluster", "bad.csv", "--weights", "w", "--clusters", 2, *columns, expect=3)
                    self.assertIn(told, done.err)
        with h5py.File(self.folder / "bad.h5", "w") as f:
            f["x"], f["w"] = np.arange(4.0), np.array([1, 1, -0.5, 1])
        self.assertIn("row 3 has the weight -0.5 in column w",
                      self.strata("cluster", "bad.h5", "--weights", "w", "--clusters", 2, expect=3).err)
        (self.folder / "zero.csv").write_text("x,w\n1,0\n2,0\n,1\n")
        self.assertIn("all rows to cluster have the weight 0 in column w",
                      self.strata("cluster", "zero.csv", "--weights", "w", "--clusters", 2, expect=3).err)
        self.assertIn("w.csv has no column v of numbers\nstrata: its columns of numbers are x, y, z, w\n",
                      self.strata("cluster", "w.csv", "--weights", "v", expect=2).err)
        self.assertIn("has no column v\n",
                      self.strata("cluster", "w.csv", "--weights", "v", "--columns", "x", expect=2).err)
        self.assertIn("bad.h5 has no column v in /", self.strata("cluster", "bad.h5", "--weights", "v", expect=2).err)
        (self.folder / "alone.csv").write_text("w\n1\n2\n")
        self.assertIn("no column of numbers beside the weights, w",
                      self.strata("cluster", "alone.csv", "--weights", "w", expect=3).err)
        with h5py.File(self.folder / "short.h5", "w") as f:
            f["X"], f["w"] = np.zeros((5, 2)), np.ones(4)
        self.assertIn("column w has 4 rows where",
                      self.strata("cluster", "short.h5:/X", "--weights", "w", expect=3).err)

    def test_from_night_to_night(self):
        """Assigning needs no weights, tells of those of the fit, and --previous takes another night's."""
        _, first = self.fit("w.csv", "--weights", "w", "--clusters", 4)
        self.strata("assign", "out.h5", "--transactions", "w.csv", "--output", "again.h5")
        with h5py.File(self.folder / "again.h5") as f:
            np.testing.assert_array_equal(f["labels"][:], first["labels"])
            self.assertEqual(f["clusters"].attrs["weights"], "w")
        done, _ = self.fit("copies.csv", "--clusters", 4, "--previous", "again.h5")
        self.assertEqual(done.json["numbers"], [1, 2, 3, 4])
        self.assertIn("4 of 4 clusters keep their numbers", done.err)


if __name__ == "__main__":
    st.main()
