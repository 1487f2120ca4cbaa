#!/usr/bin/env python3
"""strata assign: the snapshot's own log gets its labels, other logs those that its parameters say; damage is refused."""
import json
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

np, pd, h5py = st.need_modules("numpy", "pandas", "h5py")
import snapshots

SAMPLE = st.SOURCE / "datasets/sample.csv"


class Assign(st.Case):
    def run_log(self, *options, log=SAMPLE, output="r.h5"):
        return self.strata("run", "--transactions", log, "--output", output, *options)

    def assign(self, *options, log=SAMPLE, output="a.h5", snapshot="r.h5", **keywords):
        return self.strata("assign", snapshot, "--transactions", log, "--output", output, *options, **keywords)

    def same_customers(self, but=(), a="a.h5", b="r.h5"):
        a, b = snapshots.read_customers(self.folder / a), snapshots.read_customers(self.folder / b)
        pd.testing.assert_frame_equal(a.drop(columns=list(but)), b.drop(columns=list(but)))


class OwnLog(Assign):
    def test_clusters_of_all_preparations(self):
        columns = "recency,frequency,monetary,average_order,gap_mean,r_score"
        for transform, scaling in (("none", "none"), ("log1p", "standard"), ("winsor", "robust"),
                                   ("yeo-johnson", "whiten"), ("box-cox", "standard"), ("quantile", "none"),
                                   ("quantile-normal", "whiten")):
            for missing in ("drop", "median") + (("zero",) if transform != "box-cox" else ()):
                with self.subTest(transform=transform, scaling=scaling, missing=missing):
                    self.run_log("--cluster-transform", transform, "--cluster-scaling", scaling, "--cluster-missing",
                                 missing, "--cluster-columns", columns, "--clusters", 7)
                    self.assign()
                    self.same_customers()
                    parts = [snapshots.datasets(self.folder / name, "scores", "segments", "clusters")
                             for name in ("r.h5", "a.h5")]
                    self.assertEqual(parts[1], {path: content for path, content in parts[0].items()
                                                if not path.startswith(("/clusters/validity", "/clusters/profile"))})

    def test_scores_and_segments_of_all_methods(self):
        for options in (("--score-method", "quantile"), ("--score-method", "quantile", "--score-levels", 10),
                        ("--score-method", "r-rfm"), ("--segment-map", "chinese-8"),
                        ("--score-method", "fixed", "--recency-cuts", "30,90", "--frequency-cuts", "2,5",
                         "--monetary-cuts", "50,500")):
            with self.subTest(options):
                self.run_log(*options)
                self.assign()
                self.same_customers()

    def test_ntile_keeps_equal_values_together(self):
        self.run_log("--score-method", "ntile")
        done = self.assign()
        self.assertIn("ntile", done.err)
        self.same_customers(but=("r_score", "f_score", "m_score", "segment"))
        run, assigned = (snapshots.read_customers(self.folder / name) for name in ("r.h5", "a.h5"))
        for score, column in (("r_score", "recency"), ("f_score", "frequency"), ("m_score", "monetary")):
            self.assertEqual(assigned.groupby(column)[score].nunique().max(), 1)
            self.assertTrue((assigned[score] <= run[score]).all())
            with h5py.File(self.folder / "r.h5") as f:
                away = ~run[column].isin(f[f"scores/{score}/thresholds"][:])
            self.assertTrue((assigned[score] == run[score])[away].all())

    def test_equal_distances(self):
        """Customers midway between centroids, on a grid: ties are decided as in the run."""
        rows = [f"c{i},2024-01-{1 + day:02d},{10 * (i % 5)}" for i in range(200) for day in range(1 + i // 5 % 5)]
        log = self.file("grid.csv", "customer,date,amount\n" + "\n".join(rows) + "\n")
        for k in (2, 3, 4, 7):
            self.run_log("--clusters", k, "--cluster-columns", "frequency,largest_order", "--cluster-transform", "none",
                         "--cluster-scaling", "none", "--as-of", "2024-02-01", log=log)
            self.assign(log=log)
            self.same_customers()

    def test_column_left_out(self):
        """In the run, a customer without a value in the column that is left out had no cluster: nor has she here."""
        log = self.file("log.csv", "customer,date,amount\n" + "".join(
            f"c{i},2024-01-{d:02d},{i + 1}\n" for i in range(9) for d in ((1, 3) if i % 3 else (1,))))
        self.run_log("--clusters", 2, "--cluster-columns", "monetary,gap_mean", log=log)
        self.assign(log=log)
        self.same_customers()
        clusters = snapshots.read_customers(self.folder / "a.h5")["cluster"]
        self.assertEqual((clusters < 0).sum(), 3)

    def test_generated_customers(self):
        self.strata("generate", "--customers", 20_000, "--output", "g.csv")
        self.run_log("--clusters", 6, log="g.csv")
        contents = []
        for threads in (1, 2, 3, 8):
            self.assign("--threads", threads, log="g.csv")
            contents.append(snapshots.datasets(self.folder / "a.h5", "/"))
        self.same_customers()
        self.assertTrue(all(content == contents[0] for content in contents))

    def test_both_precisions(self):
        self.strata("generate", "--customers", 20_000, "--output", "g.csv")
        for precision in ("float32", "float64"):
            self.run_log("--clusters", 6, "--cluster-precision", precision, log="g.csv")
            self.assign(log="g.csv")
            self.same_customers()
            with h5py.File(self.folder / "a.h5") as f:
                self.assertEqual(f["clusters"].attrs["precision"], precision)

    def test_in_turn(self):
        self.run_log("--clusters", 3)
        self.assign()
        self.assign(snapshot="a.h5", output="b.h5")
        self.same_customers(a="b.h5")

    def test_no_clusters(self):
        self.run_log("--clusters", 0)
        done = self.assign()
        self.assertIn("r.h5 has no clusters", done.err)
        self.same_customers()


class OtherLog(Assign):
    def test_by_the_stored_parameters(self):
        """Half of the log made the snapshot; the other half is assigned as numpy does it, outliers too."""
        log = pd.read_csv(SAMPLE, dtype=str)
        half = pd.util.hash_array(log[log.columns[0]].to_numpy()) % 2 == 0
        log[half].to_csv(self.folder / "first.csv", index=False)
        log[~half].to_csv(self.folder / "second.csv", index=False)
        columns = ["recency", "frequency", "monetary"]
        self.run_log("--clusters", 5, "--cluster-transform", "yeo-johnson", "--cluster-scaling", "whiten", "--as-of",
                     "2026-06-30", log="first.csv")
        self.assign(log="second.csv")
        customers = snapshots.read_customers(self.folder / "a.h5")
        with h5py.File(self.folder / "r.h5") as f:
            stored = {name: f["clusters"][name][:] for name in ("lambda", "shift", "divisor", "whitening",
                                                                "centroids_scaled")}
            thresholds = {score: f[f"scores/{score}/thresholds"][:] for score in ("r_score", "f_score", "m_score")}
        x = customers[columns].to_numpy(float)
        self.assertTrue((x >= 0).all())
        s = (((x + 1) ** stored["lambda"] - 1) / stored["lambda"] - stored["shift"]) / stored["divisor"]
        distance = (((s @ stored["whitening"].T)[:, None] - stored["centroids_scaled"][None]) ** 2).sum(axis=2)
        wanted, near = distance.argmin(axis=1) + 1, np.sort(distance, axis=1)
        clear = near[:, 1] - near[:, 0] > 1e-5
        self.assertGreater(clear.mean(), 0.99)
        np.testing.assert_array_equal(customers["cluster"].to_numpy()[clear], wanted[clear])
        for score, column, sign in (("r_score", "recency", -1), ("f_score", "frequency", 1), ("m_score", "monetary", 1)):
            level = 1 + (sign * customers[column].to_numpy()[:, None] > sign * thresholds[score]).sum(axis=1)
            np.testing.assert_array_equal(customers[score], level)
        with h5py.File(self.folder / "a.h5") as f:
            self.assertEqual(np.bincount(customers["cluster"], minlength=6)[1:].tolist(), f["clusters/sizes"][:].tolist())
            self.assertEqual(f["segments/cluster/customers"][:].tolist(), f["clusters/sizes"][:].tolist())

    def test_far_beyond_the_fit(self):
        self.file("log.csv", "customer,date,amount\na,2024-01-01,1\nb,2024-01-01,2\nc,2024-01-01,8\nd,2024-01-01,9\n")
        self.file("far.csv", "customer,date,amount\nx,2024-01-01,-900000000000\ny,2024-01-01,900000000000\n"
                             "z,2024-01-01,5.1\n")
        self.run_log("--clusters", 2, "--cluster-columns", "monetary", "--cluster-transform", "none", log="log.csv")
        self.assign(log="far.csv")
        customers = snapshots.read_customers(self.folder / "a.h5")
        self.assertEqual(customers["cluster"].loc[["x", "y", "z"]].tolist(), [2, 1, 1])

    def test_missing_values_by_the_stored_policy(self):
        self.file("log.csv", "customer,date,amount\n" + "".join(
            f"c{i},2024-01-{d:02d},5\n" for i in range(6) for d in (1, 3 + 3 * (i % 3))))
        self.file("once.csv", "customer,date,amount\nn,2024-01-01,5\nm,2024-01-01,5\nm,2024-01-05,5\n")
        for policy, code in (("drop", 0), ("refuse", 3), ("median", 0), ("zero", 0)):
            self.run_log("--clusters", 2, "--cluster-columns", "gap_mean", "--cluster-missing", policy, log="log.csv")
            done = self.assign(log="once.csv", expect=code)
            if code:
                self.assertIn("column gap_mean has no usable value in 1 of 2 rows", done.err)
                continue
            labels = snapshots.read_customers(self.folder / "a.h5")["cluster"]
            self.assertEqual(labels["n"] > 0, policy != "drop")
            with h5py.File(self.folder / "a.h5") as f:
                self.assertEqual(f["clusters/missing_values"][:].tolist(), [1])
                self.assertEqual(f["clusters"].attrs["missing"], int(policy == "drop"))

    def test_configuration_and_manifest(self):
        self.file("log.csv", "wer;wann;was\na;31.01.2024;1,5\nb;01.02.2024;2\nc;03.02.2024;9\n")
        self.file("new.csv", "who;wann;was\nq;05.03.2024;1,25\n")
        self.run_log("--customer", "wer", "--time", "wann", "--amount", "was", "--amount-style", "grouped-comma",
                     "--time-format", "%d.%m.%Y", "--clusters", 2, "--threads", 1, "--cluster-columns", "monetary",
                     log="log.csv")
        done = self.assign("--customer", "who", log="new.csv").json
        self.assertEqual((done["customers"], done["snapshot"]), (1, "a.h5"))
        with h5py.File(self.folder / "r.h5") as r, h5py.File(self.folder / "a.h5") as a:
            source = json.loads(a.attrs["manifest"])["assigned_by"]
            self.assertEqual(source, {"path": "r.h5", "run_id": r.attrs["run_id"],
                                      "created_utc": r.attrs["created_utc"], "tool_version": r.attrs["tool_version"]})
            self.assertNotIn("assigned_by", json.loads(r.attrs["manifest"]))
            self.assertIn("grouped-comma", a.attrs["config"])
            self.assertIn("threads: 0", a.attrs["config"])
            self.assertEqual(a.attrs["as_of"], "2024-03-06")


class Refused(Assign):
    def setUp(self):
        super().setUp()
        self.run_log("--clusters", 3, "--cluster-columns", "recency,monetary,channels", "--cluster-transform",
                     "quantile", "--cluster-scaling", "whiten", "--channel", "channel")

    def test_usage(self):
        self.assertIn("which snapshot?", self.strata("assign", "--transactions", SAMPLE, expect=2).err)
        self.assertIn("no transactions are given", self.strata("assign", "r.h5", "--output", "a.h5", expect=2).err)
        self.assertIn("also the snapshot", self.assign(output="r.h5", expect=2).err)
        self.assertIn("two snapshots", self.strata("assign", "r.h5", "s.h5", expect=2).err)
        self.assertIn("no flag --clusters", self.assign("--clusters", 4, expect=2).err)
        self.assertIn("no column channels", self.assign("--channel", "", expect=2).err)
        self.strata("assign", "nowhere.h5", "--transactions", SAMPLE, expect=5)
        self.file("text.h5", "no HDF5")
        self.assign(snapshot="text.h5", expect=3)
        self.assertEqual(self.leftovers("r.h5", "text.h5"), [])

    def test_damage(self):
        nan, two = float("nan"), np.zeros((2, 2))
        for name, value in (
            ("clusters/shift", [0.0, nan, 0.0]), ("clusters/divisor", [1.0, 0.0, 1.0]), ("clusters/divisor", [1.0]),
            ("clusters/origin", [0, np.inf, 0]), ("clusters/lower", [nan] * 3), ("clusters/imputed", [1.0] * 3),
            ("clusters/whitening", two), ("clusters/whitening", np.full((3, 3), nan)), ("clusters/whitening", None),
            ("clusters/quantiles", np.zeros((3, 1))), ("clusters/quantiles", [[3, 2, 1.0]] * 3),
            ("clusters/quantiles", None), ("clusters/columns", np.array([b"a", b"b", b"c"])), ("clusters/columns", None),
            ("clusters/sizes", np.zeros(0)), ("clusters/sizes", np.zeros(40_000)), ("clusters/names", None),
            ("clusters/values", [1, 3, 2]), ("clusters/values", [0, 1, 2]), ("clusters/values", [1, 2, 9]),
            ("clusters/values", None), ("clusters/fit/clusters", [1, 2, 9]), ("clusters/fit/clusters", [0, 1, 2]), ("clusters/fit", None),
            ("clusters/fit/centroids", np.full((3, 3), nan)), ("clusters/fit/centroids", two),
            ("clusters/centroids", None), ("scores", None), ("scores/r_score/thresholds", [1.0, 2, 3, 4]),
            ("scores/m_score/thresholds", [1.0] * 9), ("scores/m_score/thresholds", [1.0, nan, 2, 3]),
            ("scores/f_score/thresholds", np.zeros(50)),
        ):
            with self.subTest(name, value=value):
                with self.damaged() as f:
                    del f[name]
                    if value is not None:
                        f[name] = np.asarray(value)
                self.refused()
        for group, name, value in (
            ("clusters", "transform", "cube"), ("clusters", "scaling", "none "), ("clusters", "missing_policy", None), ("clusters", "precision", "float16"),
            ("clusters", "unit", 0.0), ("clusters", "unit", nan), ("clusters", "unit", "one"), ("clusters", "seed", None),
            ("clusters", "next_number", 3), ("clusters", "next_number", None),
            ("scores/r_score", "method", "ntile"), ("scores/r_score", "method", None), ("/", "config", "threads: many"),
            ("/", "config", None), ("/", "config", "segments: {map: own}"), ("/", "schema", "other"),
            ("/", "schema_version", 99),
        ):
            with self.subTest(group, name=name, value=value):
                with self.damaged() as f:
                    del f[group].attrs[name]
                    if value is not None:
                        f[group].attrs[name] = value
                self.refused()

    def test_claims_of_size(self):
        """A few bytes that claim to be gigabytes are not allocated."""
        with self.damaged() as f:
            for name, shape in (("columns", (60_000,)), ("whitening", (60_000, 60_000))):
                del f["clusters"][name]
                kind = "S1" if name == "columns" else "f8"
                f["clusters"].create_dataset(name, shape, kind, chunks=True, compression="gzip")
        self.refused()

    def test_links(self):
        with self.damaged() as f:
            del f["clusters"]
            f["clusters"] = h5py.ExternalLink("r.h5", "/clusters")
        self.assign(snapshot="bad.h5")
        self.assertNotIn("cluster", snapshots.read_customers(self.folder / "a.h5"))

    def test_cut_short(self):
        whole = (self.folder / "r.h5").read_bytes()
        for n in (0, 100, len(whole) // 2, len(whole) - 1):
            self.file("bad.h5", whole[:n])
            self.refused()

    def damaged(self):
        shutil.copy(self.folder / "r.h5", self.folder / "bad.h5")
        return h5py.File(self.folder / "bad.h5", "r+")

    def refused(self):
        done = self.assign("--channel", "channel", snapshot="bad.h5", expect=None)
        self.assertIn(done.code, (2, 3, 5), done.err)
        self.assertIn("strata: ", done.err)
        self.assertEqual(self.leftovers("r.h5", "bad.h5"), [])


if __name__ == "__main__":
    st.main()
