#!/usr/bin/env python3
"""Columns prepared for clustering, against scikit-learn, by hand, and at the edges."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

np, pd, h5py, sklearn = st.need_modules("numpy", "pandas", "h5py", "sklearn")
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer, QuantileTransformer, RobustScaler, StandardScaler

import snapshots

TRANSFORMS = ("none", "log1p", "winsor", "yeo-johnson", "box-cox", "quantile", "quantile-normal")
SCALINGS = ("none", "standard", "robust", "whiten")


def long_tails(n, seed=7):
    """Positive columns as customers have them, the third with many equal values."""
    chance = np.random.default_rng(seed)
    return np.column_stack([chance.lognormal(3, 1.2, n), chance.gamma(1.5, 30, n), 1.0 + chance.poisson(1.5, n)])


class Prepared(st.Case):
    def cluster(self, points, *options, **keywords):
        names = [f"c{i}" for i in range(points.shape[1])]
        pd.DataFrame(points, columns=names).to_csv(self.folder / "points.csv", index=False, float_format="%.17g")
        return self.strata("cluster", "points.csv", "--output", "c.h5", *options, **keywords)

    def stored(self):
        with h5py.File(self.folder / "c.h5") as f:
            self.assertEqual(f["clusters"].attrs["scaling"] == "whiten", "whitening" in f["clusters"])
            return {name: thing[:] for name, thing in f["clusters"].items() if isinstance(thing, h5py.Dataset)}

    def means(self, placed):
        """The mean of each cluster's rows: what centroids_scaled must be."""
        with h5py.File(self.folder / "c.h5") as f:
            labels = f["labels"][:]
        return np.array([placed[labels == k].mean(axis=0) for k in range(1, labels.max() + 1)])

    def check_places(self, placed, tolerance=1e-6):
        """The centroids are the means of these places, so rows are placed like that."""
        np.testing.assert_allclose(self.stored()["centroids_scaled"], self.means(placed), rtol=tolerance,
                                   atol=tolerance * np.ptp(placed))


class AgainstScikitLearn(Prepared):
    def test_power_transforms(self):
        for kind in ("yeo-johnson", "box-cox"):
            for seed in range(3):
                points = long_tails(1500, seed)
                if kind == "yeo-johnson":
                    points = np.column_stack([points, np.random.default_rng(seed).normal(-4, 9, 1500),
                                              -points[:, 0]])
                self.cluster(points, "--clusters", 6, "--transform", kind, "--scaling", "standard", "--tolerance", 0)
                peer = PowerTransformer(kind).fit(points)
                np.testing.assert_allclose(self.stored()["lambda"], peer.lambdas_, atol=1e-5)
                self.check_places(peer.transform(points), 1e-5)

    def test_quantile_transforms(self):
        for kind, distribution in (("quantile", "uniform"), ("quantile-normal", "normal")):
            for n in (50, 1000, 2500):
                # Without equal values: whether a grid point lies on them is a matter of the peer's last digit.
                points = long_tails(n)[:, :2]
                self.cluster(points, "--clusters", 5, "--transform", kind, "--tolerance", 0)
                peer = QuantileTransformer(n_quantiles=min(1000, n), output_distribution=distribution, subsample=10**9)
                placed = peer.fit_transform(points)
                np.testing.assert_allclose(self.stored()["quantiles"].T, peer.quantiles_, rtol=1e-12)
                self.check_places(placed)

    def test_robust(self):
        for n in (3, 4, 999):
            points = long_tails(n)
            self.cluster(points, "--clusters", 2, "--scaling", "robust", "--tolerance", 0)
            peer = RobustScaler().fit(points)
            np.testing.assert_allclose(self.stored()["shift"], peer.center_, rtol=1e-12)
            np.testing.assert_allclose(self.stored()["divisor"], peer.scale_, rtol=1e-12)
            self.check_places(peer.transform(points))

    def test_whitening(self):
        chance = np.random.default_rng(3)
        for d in (1, 2, 5, 20):
            points = chance.normal(size=(800, d)) @ chance.normal(size=(d, d)) * 10.0 ** chance.integers(-3, 4, d) + 5
            self.cluster(points, "--clusters", 4, "--scaling", "whiten", "--tolerance", 0)
            peer = make_pipeline(StandardScaler(), PCA(whiten=True))
            placed = peer.fit_transform(points)
            stored = self.stored()
            found = (points - stored["shift"]) / stored["divisor"] @ stored["whitening"].T
            np.testing.assert_allclose(np.abs(found), np.abs(placed), rtol=1e-6, atol=1e-6)
            for row in stored["whitening"]:
                self.assertGreater(row[np.argmax(np.abs(row))], 0)
            self.check_places(found)
            # The distances are those of whitened raw columns too.
            plain = PCA(whiten=True, svd_solver="full").fit_transform((points - points.mean(0)) / np.ptp(points, axis=0))
            self.assertAlmostEqual(np.linalg.norm(found[0] - found[1]) / np.linalg.norm(plain[0] - plain[1]), 1, 6)

    def test_a_sample_is_enough_for_powers(self):
        """More values than the likelihood is computed from."""
        points = long_tails(150_000)[:, :2]
        self.cluster(points, "--clusters", 2, "--transform", "yeo-johnson", "--scaling", "standard")
        np.testing.assert_allclose(self.stored()["lambda"], PowerTransformer().fit(points).lambdas_, atol=0.01)

    def test_columns_of_customers(self):
        self.strata("run", "--transactions", st.SOURCE / "datasets/sample.csv", "--clusters", 3,
                    "--cluster-transform", "yeo-johnson", "--cluster-scaling", "robust", "--output", "r.h5")
        customers = snapshots.read_customers(self.folder / "r.h5")[["recency", "frequency", "monetary"]]
        peer = PowerTransformer(standardize=False).fit(customers)
        with h5py.File(self.folder / "r.h5") as f:
            np.testing.assert_allclose(f["clusters/lambda"][:], peer.lambdas_, atol=1e-5)
            np.testing.assert_allclose(f["clusters/shift"][:],
                                       RobustScaler().fit(peer.transform(customers)).center_, rtol=1e-4)


class ByHand(Prepared):
    def test_quantile_of_ties(self):
        """Four of six are 1, at 0; 2 is at 4/5; 3 at 1."""
        self.cluster(np.array([[1, 1, 1, 1, 2, 3.0]]).T, "--clusters", 3, "--transform", "quantile")
        np.testing.assert_allclose(sorted(self.stored()["centroids_scaled"][:, 0]), [0, 0.8, 1], atol=1e-6)

    def test_median_of_the_others(self):
        points = np.array([[1, 10], [2, np.nan], [4, 30], [np.inf, 40], [-np.inf, 50.0]])
        done = self.cluster(points, "--clusters", 1, "--missing", "median")
        stored = self.stored()
        self.assertEqual(stored["imputed"].tolist(), [2, 35])
        self.assertEqual(stored["missing_values"].tolist(), [2, 1])
        self.assertEqual(done.json["sizes"], [5])
        np.testing.assert_allclose(stored["centroids"], [[11 / 5, 165 / 5]], rtol=1e-6)
        self.assertIn("it counts as 35", done.err)

    def test_zero_for_missing(self):
        done = self.cluster(np.array([[1, 10], [3, np.nan]]), "--clusters", 1, "--missing", "zero")
        np.testing.assert_allclose(self.stored()["centroids"], [[2, 5]], rtol=1e-6)
        self.assertEqual(done.json["sizes"], [2])

    def test_missing_refused(self):
        done = self.cluster(np.array([[1, 10], [3, np.nan]]), "--clusters", 1, "--missing", "refuse", expect=3)
        self.assertIn("column c1 has no usable value in 1 of 2 rows", done.err)
        self.assertNotIn("c.h5", self.leftovers())
        self.assertEqual(self.cluster(np.array([[1, 10], [3, 4.0]]), "--clusters", 1, "--missing", "refuse").code, 0)

    def test_box_cox_takes_positive_values(self):
        points = np.array([[1, 2, 4, 8, 0, -1.0]]).T
        done = self.cluster(points, "--clusters", 2, "--transform", "box-cox")
        self.assertIn("2 rows without a value that is positive in c0: no cluster", done.err)
        self.assertEqual(sum(done.json["sizes"]), 4)
        done = self.cluster(points, "--clusters", 2, "--transform", "box-cox", "--missing", "median")
        self.assertEqual(self.stored()["imputed"].tolist(), [3])
        self.cluster(points, "--clusters", 2, "--transform", "box-cox", "--missing", "refuse", expect=3)
        done = self.cluster(points, "--clusters", 2, "--transform", "box-cox", "--missing", "zero", expect=2)
        self.assertIn("takes positive values", done.err)

    def test_robust_without_spread(self):
        """Most are alike: centred, and not divided by 0."""
        self.cluster(np.array([[5, 5, 5, 5, 5, 5, 9.0]]).T, "--clusters", 2, "--scaling", "robust")
        stored = self.stored()
        self.assertEqual((stored["shift"][0], stored["divisor"][0]), (5, 1))
        np.testing.assert_allclose(stored["centroids_scaled"], [[4], [0]], atol=1e-6)

    def test_whitening_without_variance(self):
        """The third column is the sum of the others: a direction without variance says nothing."""
        chance = np.random.default_rng(1)
        points = chance.normal(size=(300, 2))
        points = np.column_stack([points, points.sum(axis=1)])
        self.cluster(points, "--clusters", 3, "--scaling", "whiten", "--tolerance", 0)
        stored = self.stored()
        self.assertEqual(stored["whitening"][2].tolist(), [0, 0, 0])
        with h5py.File(self.folder / "c.h5") as f:
            labels = f["labels"][:]
        means = np.array([points[labels == k].mean(axis=0) for k in (1, 2, 3)])
        np.testing.assert_allclose(stored["centroids"], means, atol=1e-6)
        self.assertTrue((np.diff(stored["centroids"][:, 0]) < 0).all())


class Degenerate(Prepared):
    def each(self):
        return [("--transform", transform, "--scaling", scaling) for transform in TRANSFORMS for scaling in SCALINGS]

    def test_constant_column(self):
        points = np.column_stack([long_tails(40)[:, 0], np.full(40, 3.0)])
        for options in self.each():
            done = self.cluster(points, "--clusters", 2, *options)
            self.assertIn("column c1 is the same for all", done.err)
            with h5py.File(self.folder / "c.h5") as f:
                self.assertEqual(f["clusters/columns"].asstr()[:].tolist(), ["c0"])
                self.assertEqual(f["clusters/dropped"].asstr()[:].tolist(), ["c1"])

    def test_column_without_any_value(self):
        points, both = np.column_stack([long_tails(40)[:, 0], np.full(40, np.nan)]), ("--columns", "c0,c1")
        for options in self.each():
            self.assertIn("no row has a value in each of the 2 columns", self.cluster(points, *options, *both, expect=3).err)
            done = self.cluster(points, "--clusters", 2, "--missing", "median", *options, *both)
            self.assertIn("column c1 is the same for all", done.err)
            self.assertEqual(sum(done.json["sizes"]), 40)
        self.cluster(np.full((5, 2), np.nan), "--missing", "median", *both, expect=3)

    def test_one_value(self):
        for options in self.each():
            for points in (np.array([[7.0, 2.0]]), np.full((9, 2), 7.0)):
                done = self.cluster(points, "--clusters", 3, *options).json
                self.assertEqual(done["sizes"], [len(points)])
                np.testing.assert_allclose(self.stored()["centroids"], points[:1], rtol=1e-5)

    def test_offset(self):
        """A large common size: values stay apart, and come back."""
        points = 1e6 + np.random.default_rng(2).permutation(np.arange(60.0)).reshape(30, 2)
        for sign in (1, -1):
            for options in self.each():
                if sign < 0 and "box-cox" in options:
                    continue
                if "none" in options[2:] and ("box-cox" in options or "yeo-johnson" in options):
                    continue  # powers of such sizes are only comparable once they are scaled
                done = self.cluster(sign * points, "--clusters", 30, *options).json
                if "winsor" not in options:
                    self.assertEqual(done["sizes"], [1] * 30)
                    np.testing.assert_allclose(np.sort(self.stored()["centroids"], axis=0),
                                               np.sort(sign * points, axis=0), rtol=0, atol=0.5)

    def test_whale(self):
        points = long_tails(500)
        points[17] = 1e12
        for options in self.each():
            done = self.cluster(points, "--clusters", 4, *options).json
            self.assertEqual(sum(done["sizes"]), 500)
            self.assertTrue(np.isfinite(self.stored()["centroids"]).all())

    def test_as_many_clusters_as_rows(self):
        points = np.array([[1, 5], [2, 9], [4, 2], [9, 4.0]])
        for options in self.each():
            done = self.cluster(points, "--clusters", 4, *options).json
            if "winsor" not in options:
                self.assertEqual((done["sizes"], round(done["inertia"], 9)), ([1] * 4, 0))
            done = self.cluster(np.repeat(points, 3, axis=0), "--clusters", 9, *options)
            self.assertEqual(done.json["sizes"], [3] * 4)
            self.assertIn("9 clusters asked for, 4 found", done.err)
            self.assertEqual(self.cluster(points, "--clusters", 1, *options).json["sizes"], [4])

    def test_same_bytes_for_all_threads(self):
        points = long_tails(10_000)
        points[::97, 1] = np.nan
        for options in self.each():
            contents = []
            for threads in (1, 2, 3, 8):
                self.cluster(points, "--clusters", 3, "--missing", "median", "--threads", threads, *options)
                contents.append(snapshots.datasets(self.folder / "c.h5", "/"))
            self.assertTrue(all(content == contents[0] for content in contents))


if __name__ == "__main__":
    st.main()
