#!/usr/bin/env python3
"""strata cluster on any table: known inertias, labels that fit, the same bytes for any number of threads."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

np, pd, h5py = st.need_modules("numpy", "pandas", "h5py")
import snapshots

KNOWN = {  # points, true centroids, inertia of Lloyd from these centroids
    "S1": ("kmeans/s1.txt", "kmeans/s1-cb.txt", 8.917650e12),
    "A1": ("kmeans/a1.txt", "kmeans/a1-ga-cb.txt", 1.214634e10),
    "Unbalance": ("kmeans/unbalance.txt", "kmeans/unbalance-gt.txt", 2.144921e11),
}


def inertia(points, centroids):
    return ((points[:, None, :] - centroids[None]) ** 2).sum(axis=2).min(axis=1).sum()


class Cluster(st.Case):
    def test_known_inertia(self):
        for name, (points, centroids, wanted) in KNOWN.items():
            with self.subTest(name):
                points = np.loadtxt(st.data_path(points))
                centroids = np.loadtxt(st.data_path(centroids))
                pd.DataFrame(points, columns=["x", "y"]).to_csv(self.folder / "points.csv", index=False)
                pd.DataFrame(centroids, columns=["x", "y"]).to_csv(self.folder / "init.csv", index=False)
                contents = []
                for threads in (1, 2, 3, 8):
                    done = self.strata("cluster", "points.csv", "--columns", "x,y", "--clusters", len(centroids),
                                       "--init", "init.csv", "--tolerance", 0, "--output", "c.h5", "--threads",
                                       threads).json
                    self.assertAlmostEqual(done["inertia"] / wanted, 1, 6)
                    self.assertEqual(sum(done["sizes"]), len(points))
                    contents.append(snapshots.datasets(self.folder / "c.h5", "/"))
                self.assertTrue(all(content == contents[0] for content in contents))
                with h5py.File(self.folder / "c.h5") as f:
                    labels, found = f["labels"][:], f["clusters/centroids"][:]
                self.assertEqual(np.bincount(labels, minlength=len(found) + 1)[1:].tolist(), done["sizes"])
                np.testing.assert_allclose(inertia(points, found), wanted, rtol=1e-6)
                np.testing.assert_allclose(found, self.means(points, labels), rtol=1e-9)

    def test_seeding(self):
        data, _, wanted = KNOWN["S1"]
        pd.DataFrame(np.loadtxt(st.data_path(data)), columns=["x", "y"]).to_csv(self.folder / "points.csv", index=False)
        flags = ("cluster", "points.csv", "--clusters", 15)
        seedings = ("coreset", "kmeans-parallel")
        for how in seedings:
            self.assertAlmostEqual(self.strata(*flags, "--seeding", how).json["inertia"] / wanted, 1, 4)
        # With so many clusters hardly two searches end in the same place.
        flags = ("cluster", "points.csv", "--clusters", 200)
        self.assertNotEqual(*(self.strata(*flags, "--seeding", how).json["inertia"] for how in seedings))
        self.strata(*flags, "--seeding", "random", expect=2)

    def means(self, points, labels):
        return np.array([points[labels == k].mean(axis=0) for k in range(1, labels.max() + 1)])

    def test_centroids_are_means(self):
        """To nine digits of the range that the points lie in."""
        chance = np.random.default_rng(5)
        for offset, spread in ((0, 1), (500_000, 1000), (1e6, 1), (12.34, 0.01)):
            with self.subTest(offset=offset, spread=spread):
                groups = 8 * chance.integers(0, 3, (3000, 1))
                points = np.round(offset + spread * (chance.normal(size=(3000, 2)) + groups), 4)
                pd.DataFrame(points, columns=["x", "y"]).to_csv(self.folder / "points.csv", index=False)
                self.strata("cluster", "points.csv", "--clusters", 3, "--tolerance", 0, "--output", "c.h5")
                with h5py.File(self.folder / "c.h5") as f:
                    labels, found = f["labels"][:], f["clusters/centroids"][:]
                np.testing.assert_allclose(found, self.means(points, labels), rtol=1e-9, atol=1e-9 * np.ptp(points))

    def test_columns_of_a_snapshot(self):
        """The same clusters as the run that made the snapshot."""
        self.strata("run", "--transactions", st.SOURCE / "datasets/sample.csv", "--clusters", 4, "--output", "r.h5")
        done = self.strata("cluster", "r.h5", "--columns", "recency,frequency,monetary", "--clusters", 4, "--transform",
                           "log1p", "--scaling", "standard", "--output", "c.h5").json
        with h5py.File(self.folder / "r.h5") as run, h5py.File(self.folder / "c.h5") as alone:
            self.assertAlmostEqual(run["clusters"].attrs["inertia"] / done["inertia"], 1, 9)
            self.assertEqual(sorted(run["clusters/sizes"][:]), sorted(done["sizes"]))
            pairs = set(zip(run["customers/cluster"][:], alone["labels"][:]))
            self.assertEqual(len(pairs), 4)

    def test_rows_without_a_value(self):
        self.file("points.csv", "x,y,name\n1,1,a\n2,,b\n1,2,c\n9,9,d\n8,9,e\n")
        done = self.strata("cluster", "points.csv", "--columns", "x,y", "--clusters", 2, "--output", "c.h5").json
        self.assertEqual(sorted(done["sizes"]), [2, 2])
        with h5py.File(self.folder / "c.h5") as f:
            labels = f["labels"][:]
        self.assertEqual((labels[0], labels[3]), (labels[2], labels[4]))
        self.assertNotIn(labels[1], (1, 2))

    def test_last_line_is_json(self):
        self.file("points.csv", "x\n1\n2\n10\n11\n")
        done = self.strata("cluster", "points.csv", "--clusters", 2).json
        self.assertLessEqual({"fit_seconds", "inertia", "iterations", "sizes"}, set(done))
        self.assertEqual((done["inertia"], sorted(done["sizes"])), (1, [2, 2]))
        self.assertEqual(self.leftovers(), ["points.csv"])


if __name__ == "__main__":
    st.main()
