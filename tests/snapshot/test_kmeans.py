#!/usr/bin/env python3
"""Lloyd's iteration against scikit-learn's, from the same first centroids, on random data."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

np, pd, h5py, sklearn = st.need_modules("numpy", "pandas", "h5py", "sklearn")
from sklearn.cluster import KMeans


def mixture(chance, n, d, k):
    centres = chance.normal(size=(k, d)) * 6
    return centres[chance.integers(0, k, n)] + chance.normal(size=(n, d)) * chance.uniform(0.3, 2)


def cloud(chance, n, d, k):
    return chance.lognormal(0, 1, (n, d))


def grid(chance, n, d, k):
    """Whole numbers: many equal rows and equal distances."""
    return chance.integers(0, 9, (n, d)).astype(float)


def far_away(chance, n, d, k):
    return 1e6 + mixture(chance, n, d, k)


class AgainstScikitLearn(st.Case):
    def fit(self, points, start, *flags):
        names = [f"c{i}" for i in range(points.shape[1])]
        for name, rows in (("points.csv", points), ("start.csv", start)):
            pd.DataFrame(rows, columns=names).to_csv(self.folder / name, index=False, float_format="%.17g")
        done = self.strata("cluster", "points.csv", "--init", "start.csv", "--tolerance", 0, "--max-iterations", 2000,
                           "--output", "c.h5", *flags).json
        self.assertTrue(done["converged"])
        with h5py.File(self.folder / "c.h5") as f:
            return f["labels"][:], f["clusters/centroids"][:], done["inertia"]

    def test_doubles_far_from_0(self):
        """In float64, where float32 has steps of 64."""
        chance = np.random.default_rng(12)
        for n, d, k in ((300, 1, 3), (500, 3, 8), (900, 8, 5), (2000, 4, 33)):
            for threads in (1, 3):
                with self.subTest(n=n, d=d, k=k, threads=threads):
                    points = 1e9 + mixture(chance, n, d, k)
                    start = points[chance.choice(n, k, replace=False)]
                    # Differences from 1e9 are exact in float64.
                    peer = KMeans(k, init=start - 1e9, n_init=1, tol=0, max_iter=2000, algorithm="lloyd").fit(points - 1e9)
                    labels, centroids, inertia = self.fit(points, start, "--precision", "float64", "--threads", threads)
                    place = np.array([np.abs(centroids - 1e9 - row).sum(axis=1).argmin() for row in peer.cluster_centers_])
                    self.assertEqual(sorted(place), list(range(k)))
                    np.testing.assert_array_equal(labels, place[peer.labels_] + 1)
                    # 1e9 + x has steps of 1.2e-7.
                    np.testing.assert_allclose(centroids[place] - 1e9, peer.cluster_centers_, rtol=0, atol=2e-7)
                    self.assertAlmostEqual(inertia / peer.inertia_, 1, 11)

    def test_same_start_same_end(self):
        chance = np.random.default_rng(11)
        n_clear = 0
        for kind in (mixture, cloud, far_away):
            for n, d, k in ((40, 1, 3), (300, 2, 2), (500, 3, 8), (900, 8, 5), (700, 16, 20), (2000, 4, 33), (64, 5, 64)):
                with self.subTest(kind.__name__, n=n, d=d, k=k):
                    # What a float32 matrix can hold, so that both see the same numbers.
                    points = kind(chance, n, d, k).astype(np.float32).astype(float)
                    start = points[chance.choice(n, k, replace=False)]
                    peer = KMeans(k, init=start, n_init=1, tol=0, max_iter=2000, algorithm="lloyd").fit(points)
                    labels, centroids, inertia = self.fit(points, start)
                    place = np.array([np.abs(centroids - row).sum(axis=1).argmin() for row in peer.cluster_centers_])
                    self.assertEqual(sorted(place), list(range(k)))
                    np.testing.assert_array_equal(labels, place[peer.labels_] + 1)
                    np.testing.assert_allclose(centroids[place], peer.cluster_centers_, rtol=1e-6,
                                               atol=1e-6 * np.ptp(points))
                    self.assertAlmostEqual(inertia, peer.inertia_, delta=1e-6 * max(peer.inertia_, 1))
                    n_clear += 1
        self.assertEqual(n_clear, 21)

    def test_fixed_point(self):
        """With ties, where peers may part: every label is nearest, every centroid the mean of its rows."""
        chance = np.random.default_rng(5)
        for n, d, k in ((200, 2, 5), (1000, 1, 4), (500, 3, 12)):
            points = grid(chance, n, d, k)
            start = np.unique(points, axis=0)[:: max(1, len(np.unique(points, axis=0)) // k)][:k]
            labels, centroids, _ = self.fit(points, start)
            distance = ((points[:, None] - centroids[None]) ** 2).sum(axis=2)
            own = distance[np.arange(n), labels - 1]
            np.testing.assert_allclose(own, distance.min(axis=1), atol=1e-5)
            means = np.array([points[labels == j + 1].mean(axis=0) for j in range(len(centroids))])
            np.testing.assert_allclose(centroids, means, rtol=1e-6, atol=1e-6)


if __name__ == "__main__":
    st.main()
