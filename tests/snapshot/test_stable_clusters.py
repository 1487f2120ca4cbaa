#!/usr/bin/env python3
"""Clusters from night to night: numbers and names stay, agreement is what scikit-learn says, small ones go."""
import pathlib
import random
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

np, pd, h5py = st.need_modules("numpy", "pandas", "h5py")
metrics = st.need_modules("sklearn.metrics")
import snapshots

SAMPLE = st.SOURCE / "datasets/sample.csv"
COLUMNS = ("recency", "frequency", "monetary")


def scaled(path):
    """The clustered columns as k-means saw them, but for whitening."""
    with h5py.File(path) as f:
        raw = np.column_stack([f["customers"][name][:].astype(float) for name in COLUMNS])
        z = np.sign(raw) * np.log1p(np.abs(raw))
        return (z - f["clusters/shift"][:]) / f["clusters/divisor"][:]


class StableClusters(st.Case):
    def night(self, output, *options, log=SAMPLE, expect=0, **keywords):
        return self.strata("run", "--transactions", log, "--output", output, *options, expect=expect, **keywords)

    def part_of_sample(self, share, seed=1):
        """A log with the rows of some of the customers."""
        log = pd.read_csv(SAMPLE, dtype=str)
        ids = log["customer_id"].drop_duplicates().sample(frac=share, random_state=seed)
        log[log["customer_id"].isin(ids)].to_csv(self.folder / "part.csv", index=False)
        return self.folder / "part.csv"

    def previous(self, path):
        with h5py.File(self.folder / path) as f:
            return dict(f["clusters/previous"].attrs)

    def numbers(self, path):
        with h5py.File(self.folder / path) as f:
            return dict(zip(f["clusters/values"][:].tolist(), f["clusters/names"].asstr()[:]))

    def test_agreement_is_that_of_scikit_learn(self):
        part = self.part_of_sample(0.7)
        for clusters in (3, 5):
            with self.subTest(clusters):
                self.night("a.h5", "--clusters", 4, log=part)
                done = self.night("b.h5", "--clusters", clusters, "--previous", "a.h5")
                before = snapshots.read_customers(self.folder / "a.h5")["cluster"]
                after = snapshots.read_customers(self.folder / "b.h5")["cluster"]
                both = pd.concat([before, after], axis=1, join="inner", keys=("before", "after"))
                told = self.previous("b.h5")
                self.assertEqual(told["common"], len(both))
                self.assertEqual(told["clusters"], 4)
                self.assertAlmostEqual(told["ari"], metrics.adjusted_rand_score(both["before"], both["after"]), 12)
                self.assertAlmostEqual(told["ami"], metrics.adjusted_mutual_info_score(both["before"], both["after"]), 9)
                self.assertIn(told["explanation"], done.err)

    def test_numbers_and_names_stay(self):
        part = self.part_of_sample(0.9)
        for prepared in ((), ("--cluster-scaling", "whiten"),
                         ("--cluster-transform", "quantile-normal", "--cluster-scaling", "robust"),
                         ("--cluster-transform", "box-cox", "--cluster-columns", "frequency,average_order")):
            with self.subTest(prepared):
                self.night("a.h5", "--clusters", 4, *prepared)
                for threads in (1, 3):
                    self.night(f"b{threads}.h5", "--clusters", 4, "--previous", "a.h5", "--threads", threads, *prepared,
                               log=part)
                self.assertEqual(snapshots.datasets(self.folder / "b1.h5", "/"),
                                 snapshots.datasets(self.folder / "b3.h5", "/"))
                self.assertEqual(self.numbers("a.h5"), self.numbers("b1.h5"))
                told = self.previous("b1.h5")
                self.assertEqual((told["start"], told["measure"], told["kept"], told["margin"]),
                                 ("warm", "inertia", 4, 0.01))
                self.assertLessEqual(told["gain"], 0.01)
                self.assertAlmostEqual(told["gain"], 1 - told["fresh"] / told["warm"], 12)
                self.assertGreater(told["ari"], 0.9)
                before = snapshots.read_customers(self.folder / "a.h5")["cluster"]
                after = snapshots.read_customers(self.folder / "b1.h5")["cluster"]
                self.assertGreater((before[after.index] == after).mean(), 0.95)

    def test_assigned_customers(self):
        """strata assign keeps the numbers, also those that are not 1 to k, and can be the next night's earlier one."""
        self.night("3.h5", "--clusters", 3)
        self.night("2.h5", "--clusters", 2, "--previous", "3.h5")
        self.night("3b.h5", "--clusters", 3, "--previous", "2.h5")
        self.assertIn(4, self.numbers("3b.h5"))
        self.strata("assign", "3b.h5", "--transactions", SAMPLE, "--output", "a.h5")
        self.assertEqual(self.numbers("a.h5"), self.numbers("3b.h5"))
        customers = [snapshots.read_customers(self.folder / name) for name in ("3b.h5", "a.h5")]
        pd.testing.assert_frame_equal(*customers)
        parts = [snapshots.datasets(self.folder / name, "segments") for name in ("3b.h5", "a.h5")]
        self.assertEqual(*parts)
        with h5py.File(self.folder / "3b.h5") as run, h5py.File(self.folder / "a.h5") as assigned:
            for name in ("clusters/sizes", "clusters/values", "clusters/fit/clusters"):
                self.assertEqual(run[name][:].tolist(), assigned[name][:].tolist())
            for name in ("next_number", "min_size", "dissolved"):
                self.assertEqual(run["clusters"].attrs[name], assigned["clusters"].attrs[name])
        self.night("n.h5", "--clusters", 3, "--previous", "a.h5")
        self.assertEqual(self.numbers("n.h5"), self.numbers("3b.h5"))
        self.assertEqual(self.previous("n.h5")["ari"], 1)

    def test_other_transform(self):
        """Earlier centroids are put into the new preparation; what it does not take is new."""
        self.night("a.h5", "--clusters", 3, "--cluster-columns", "recency,frequency")
        self.night("b.h5", "--clusters", 3, "--cluster-columns", "recency,frequency", "--cluster-scaling", "whiten",
                   "--previous", "a.h5")
        self.assertGreaterEqual(self.previous("b.h5")["kept"], 1)
        self.night("c.h5", "--clusters", 3, "--cluster-columns", "frequency,monetary", "--cluster-scaling", "whiten",
                   "--previous", "a.h5")
        self.assertEqual((self.previous("c.h5")["kept"], self.previous("c.h5")["start"]), (0, "fresh"))

    def test_the_output_may_be_the_earlier_one(self):
        self.night("r.h5", "--clusters", 3)
        first = self.numbers("r.h5")
        self.night("r.h5", "--clusters", 3, "--previous", "r.h5")
        self.assertEqual(self.numbers("r.h5"), first)
        self.assertEqual(self.previous("r.h5")["ari"], 1)

    def test_a_number_is_not_given_twice(self):
        self.night("3.h5", "--clusters", 3)
        self.night("2.h5", "--clusters", 2, "--previous", "3.h5")
        self.night("3b.h5", "--clusters", 3, "--previous", "2.h5")
        two, three = self.numbers("2.h5"), self.numbers("3b.h5")
        self.assertLess(set(two), {1, 2, 3})
        self.assertEqual(set(three), set(two) | {4})
        self.assertTrue(set(two.items()) < set(three.items()))
        self.assertEqual(self.previous("3b.h5")["start"], "fresh")
        with h5py.File(self.folder / "3b.h5") as f:
            self.assertEqual(f["clusters"].attrs["next_number"], 5)
            moved = dict(zip(f["clusters/values"][:], f["clusters/previous/moved"][:]))
            self.assertEqual(set(f["customers/cluster"][:]), set(three))
        self.assertEqual([number for number, way in moved.items() if np.isnan(way)], [4])

    def test_other_columns(self):
        self.night("a.h5", "--clusters", 3)
        self.night("b.h5", "--clusters", 3, "--cluster-columns", "monetary,average_order", "--previous", "a.h5")
        self.assertGreaterEqual(self.previous("b.h5")["kept"], 1)
        self.night("c.h5", "--clusters", 3, "--cluster-columns", "average_order", "--previous", "a.h5")
        self.assertEqual(self.previous("c.h5")["kept"], 0)
        self.assertEqual(set(self.numbers("c.h5")), {4, 5, 6})

    def test_what_was_changed_is_refused(self):
        def swap_labels(f):
            labels = f["customers/cluster"][:]
            f["customers/cluster"][:] = np.where(labels == 1, 2, np.where(labels == 2, 1, labels))

        def move_centroid(f):
            f["clusters/fit/centroids"][0] += 1e-6

        def swap_numbers(f):
            f["clusters/fit/clusters"][:] = f["clusters/fit/clusters"][:][::-1]

        def change_size(f):
            f["clusters/sizes"][0] += 1

        def rename(f):
            names = f["clusters/names"][:]
            names[0] = b"VIP"
            f["clusters/names"][:] = names

        assigned = ("assign", "a.h5", "--transactions", SAMPLE, "--output", "b.h5")
        for change, where, breaks_assign in ((swap_labels, "/customers/cluster", False), (move_centroid, "/clusters", True),
                                             (swap_numbers, "/clusters", True), (change_size, "/clusters", True),
                                             (rename, None, False)):
            with self.subTest(change=change.__name__):
                self.night("a.h5", "--clusters", 4)
                with h5py.File(self.folder / "a.h5", "r+") as f:
                    change(f)
                wanted = 3 if where else 0
                done = self.night("b.h5", "--clusters", 4, "--previous", "a.h5", expect=wanted)
                self.assertIn(f"{where} was changed after strata wrote it" if where else "4 of 4 clusters", done.err)
                self.assertEqual((self.folder / "b.h5").exists(), not where)
                self.strata(*assigned, expect=3 if breaks_assign else 0)
                if not where:
                    self.assertIn("VIP", self.numbers("b.h5").values())
                    continue
                with h5py.File(self.folder / "a.h5", "r+") as f:
                    del f[where].attrs["xxh3"]
                self.night("b.h5", "--clusters", 4, "--previous", "a.h5")
                (self.folder / "b.h5").unlink()

    def test_checksums(self):
        def checksums(name):
            with h5py.File(self.folder / name) as f:
                return [f[place].attrs["xxh3"] for place in ("customers/cluster", "customers/segment", "clusters")]

        self.night("a.h5", "--clusters", 4)
        self.night("b.h5", "--clusters", 4, "--threads", 1, "--no-compress")
        self.night("c.h5", "--clusters", 5)
        self.assertEqual(checksums("a.h5"), checksums("b.h5"))
        for checksum in checksums("a.h5"):
            self.assertRegex(checksum, "^[0-9a-f]{32}$")
        self.assertEqual([a == c for a, c in zip(checksums("a.h5"), checksums("c.h5"))], [False, True, False])
        for n in (3, 3, 4):
            self.strata("cluster", "a.h5", "--columns", "recency,monetary", "--clusters", n, "--output", f"{n}.h5")
        with h5py.File(self.folder / "3.h5") as three, h5py.File(self.folder / "4.h5") as four:
            self.assertNotEqual(three["labels"].attrs["xxh3"], four["labels"].attrs["xxh3"])

    def test_a_fresh_start_above_the_margin(self):
        """Earlier centroids that all lie in one corner: their start is worse."""
        self.night("a.h5", "--clusters", 8)
        with h5py.File(self.folder / "a.h5", "r+") as f:
            f["clusters/centroids"][:] = np.array([[700, 1, 1 + i / 100] for i in range(8)])
            del f["clusters"].attrs["xxh3"]
        self.night("b.h5", "--clusters", 8, "--previous", "a.h5", "--previous-margin", 0)
        told = self.previous("b.h5")
        self.assertGreater(told["gain"], 0)
        self.assertEqual(told["start"], "fresh")
        self.night("c.h5", "--clusters", 8, "--previous", "a.h5", "--previous-margin", 1)
        self.assertEqual(self.previous("c.h5")["start"], "warm")

    def test_small_clusters_go(self):
        for clusters in (8, "auto"):
            for option, least in (("--cluster-min-size", 150), ("--cluster-min-share", 0.08)):
                with self.subTest(clusters=clusters, option=option):
                    done = self.night("r.h5", "--clusters", clusters, "--cluster-criterion", "bic", option, least)
                    z = scaled(self.folder / "r.h5")
                    with h5py.File(self.folder / "r.h5") as f:
                        sizes, attributes = f["clusters/sizes"][:], dict(f["clusters"].attrs)
                        labels, centroids = f["customers/cluster"][:], f["clusters/centroids_scaled"][:]
                        tried, went = f["clusters/validity/k"][:], f["clusters/validity/dissolved"][:]
                    wanted = least if least > 1 else np.ceil(least * len(labels))
                    self.assertEqual(attributes["min_size"], wanted)
                    self.assertGreaterEqual(sizes.min(), wanted)
                    self.assertIn(len(sizes) + attributes["dissolved"], tried)
                    self.assertGreater(went.max(), 0)
                    if attributes["dissolved"]:
                        self.assertIn("went to their neighbours", done.err)
                    distances = ((z[:, None] - centroids[None]) ** 2).sum(axis=2)
                    chosen = distances[np.arange(len(z)), labels - 1]
                    np.testing.assert_allclose(chosen, distances.min(axis=1), atol=1e-4)
        self.night("r.h5", "--clusters", 5, "--cluster-min-size", 100000)
        self.assertEqual(len(self.numbers("r.h5")), 1)

    def test_profile(self):
        for scaling in ("standard", "whiten", "robust"):
            with self.subTest(scaling):
                self.check_profile(scaling)

    def check_profile(self, scaling):
        self.night("r.h5", "--clusters", 4, "--cluster-scaling", scaling)
        customers, z = snapshots.read_customers(self.folder / "r.h5"), scaled(self.folder / "r.h5")
        with h5py.File(self.folder / "r.h5") as f:
            profile = {name: values[:] for name, values in f["clusters/profile"].items() if name != "features"}
            features = {name: values[:] for name, values in f["clusters/profile/features"].items()}
        for j in range(4):
            own = (customers["cluster"] == j + 1).to_numpy()
            self.assertAlmostEqual(profile["customer_share"][j], own.mean(), 12)
            self.assertAlmostEqual(profile["revenue_share"][j],
                                   customers["monetary"][own].sum() / customers["monetary"].sum(), 6)
            np.testing.assert_allclose(profile["medians"][j], customers.loc[own, list(COLUMNS)].median(), rtol=1e-6)
            spread = np.sqrt((z[own].var(axis=0) + z[~own].var(axis=0)) / 2)
            np.testing.assert_allclose(profile["differences"][j], (z[own].mean(axis=0) - z[~own].mean(axis=0)) / spread,
                                       rtol=1e-4, atol=1e-5)
            self.check_features(features, customers, own, j)
        shown = self.strata("show", "r.h5", "--scheme", "cluster").out
        farthest = np.abs(features["differences"][0]).argmax()
        self.assertIn(f"{features['columns'][farthest].decode()} {features['differences'][0][farthest]:+.1f}", shown)
        self.assertIn(f"{profile['differences'][0][2]:+.1f}", shown)

    def check_features(self, features, customers, own, j):
        names = [name.decode() for name in features["columns"]]
        self.assertLessEqual({"recency", "tenure", "frequency", "monetary", "gap_mean", "returns"}, set(names))
        for c, name in enumerate(names):
            column = customers[name].astype(float)
            np.testing.assert_allclose(features["medians"][j, c], column[own].median(), rtol=1e-6)
            z = np.sign(column) * np.log1p(column.abs())
            inside, rest = z[own].dropna(), z[~own].dropna()
            spread = np.sqrt((inside.var(ddof=0) + rest.var(ddof=0)) / 2)
            wanted = 0 if spread == 0 else (inside.mean() - rest.mean()) / spread
            np.testing.assert_allclose(features["differences"][j, c], wanted, rtol=1e-6, atol=1e-9, err_msg=name)

    def test_indices_of_scikit_learn(self):
        """Up to 2,048 rows the silhouette is that of all; of more it is near, and in its interval's neighbourhood."""
        chance = np.random.default_rng(3)
        for rows in (1500, 8000):
            points = chance.normal(size=(rows, 3)) + 4 * chance.integers(0, 3, (rows, 1))
            pd.DataFrame(points, columns=["x", "y", "z"]).to_csv(self.folder / "p.csv", index=False)
            self.strata("cluster", "p.csv", "--max-k", 5, "--criterion", "gap", "--output", "c.h5")
            with h5py.File(self.folder / "c.h5") as f:
                labels, tried = f["labels"][:], f["clusters/validity/k"][:]
                index = {name: values[list(tried).index(3)] for name, values in f["clusters/validity"].items()}
            self.assertEqual((tried.tolist(), labels.max()), ([1, 2, 3, 4, 5], 3))
            whole = metrics.silhouette_score(points, labels)
            self.assertAlmostEqual(index["euclidean_silhouette"], whole, 5 if rows <= 2048 else 1)
            self.assertLess(index["euclidean_silhouette_low"], index["euclidean_silhouette_high"])
            self.assertLess(abs(index["euclidean_silhouette"] - whole), 0.03)
            self.assertAlmostEqual(index["davies_bouldin"], metrics.davies_bouldin_score(points, labels), 4)

    def test_earlier_snapshots_that_are_none(self):
        self.night("none.h5", "--clusters", 0)
        done = self.night("r.h5", "--clusters", 3, "--previous", "none.h5")
        self.assertIn("no clusters", done.err)
        self.assertEqual(set(self.numbers("r.h5")), {1, 2, 3})
        self.file("text.h5", "no snapshot")
        with h5py.File(self.folder / "other.h5", "w") as f:
            f["x"] = [1, 2]
        for name, code in (("missing.h5", 5), ("text.h5", 3), ("other.h5", 3)):
            done = self.night("n.h5", "--clusters", 3, "--previous", name, expect=code)
            self.assertIn(name, done.err)
        self.assertIn("--previous", self.night("n.h5", "--clusters", 0, "--previous", "r.h5", expect=2).err)
        self.assertFalse((self.folder / "n.h5").exists())

    def test_earlier_snapshots_with_false_contents(self):
        self.night("a.h5", "--clusters", 3)

        def swap_ids(f):
            ids = f["keys/customer_id"][:]
            ids[[0, 1]] = ids[[1, 0]]
            f["keys/customer_id"][:] = ids

        def replace(path, values):
            def change(f):
                attributes = dict(f[path].attrs)
                del f[path]
                f[path] = values
                f[path].attrs.update(attributes)
            return change

        def poke(path, place, value):
            def change(f):
                f[path][place] = value
            return change

        for number, change in enumerate((
                swap_ids, poke("clusters/values", 0, 2), poke("clusters/values", 1, -5),
                poke("clusters/centroids", (0, 0), np.nan), poke("clusters/centroids", (0, 0), 1e300),
                replace("clusters/centroids", np.zeros((2, 3))), replace("clusters/centroids", np.zeros(9)),
                replace("clusters/values", np.zeros(0, "int16")), replace("clusters/names", np.arange(3)),
                replace("customers/cluster", np.ones(7, "int16")), lambda f: f.__delitem__("customers/cluster"),
                lambda f: f.__delitem__("clusters/names"), lambda f: f.__delitem__("keys"),
                lambda f: f.attrs.__setitem__("schema_version", 99))):
            with self.subTest(number):
                shutil.copy(self.folder / "a.h5", self.folder / "false.h5")
                with h5py.File(self.folder / "false.h5", "r+") as f:
                    change(f)
                done = self.night("n.h5", "--clusters", 3, "--previous", "false.h5", expect=3)
                self.assertIn("false.h5", done.err)
                self.assertFalse((self.folder / "n.h5").exists())

    def test_earlier_snapshots_with_changed_bytes(self):
        self.night("a.h5", "--clusters", 3, "--no-compress")
        whole, chance = (self.folder / "a.h5").read_bytes(), random.Random(5)
        for number in range(25):
            damaged = bytearray(whole)
            for _ in range(chance.randint(1, 200)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            self.file("damaged.h5", bytes(damaged))
            done = self.night("n.h5", "--clusters", 3, "--previous", "damaged.h5", expect=None,
                              env=st.DAMAGED_HDF5)
            self.assertIn(done.code, (0, 3, 5), f"damage {number}: {done.err}")


if __name__ == "__main__":
    st.main()
