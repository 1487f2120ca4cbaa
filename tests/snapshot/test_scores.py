#!/usr/bin/env python3
"""Scores and segments of every customer, recomputed by their definitions; the rfm package's example as published."""
import csv
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import strata_testing as st

np, pd, h5py = st.need_modules("numpy", "pandas", "h5py")
import reference
import snapshots

SCORED = {"r_score": ("recency", True), "f_score": ("frequency", False), "m_score": ("monetary", False)}
CUTS = {"recency": [30, 90, 180, 365], "frequency": [2, 3, 5, 10], "monetary": [250, 500, 1000, 2500.5]}
METHODS = {
    "quantile": reference.quantile_score,
    "ntile": reference.ntile_score,
    "r-rfm": reference.r_rfm_score,
    "mean": reference.mean_score,
    "fixed": lambda value, lower_is_better: reference.fixed_score(value, lower_is_better, CUTS[value.name]),
}


class Scores(st.Case):
    def run_log(self, log, *flags):
        self.strata("run", "--transactions", log, "--clusters", 0, "--output", "r.h5", "--quiet", *flags)
        return snapshots.read_customers(self.folder / "r.h5")

    def check_scores(self, customers, method, **options):
        for score, (column, lower_is_better) in SCORED.items():
            value = customers[column].astype(np.float64)
            wanted = METHODS[method](value, lower_is_better, **options)
            pd.testing.assert_series_equal(customers[score], wanted, check_dtype=False, check_names=False)

    def check_segments(self, customers, map_name):
        path = self.folder / "r.h5"
        names = customers["segment"].map(snapshots.label_names(path))
        wanted = reference.segments(customers, map_name)
        self.assertEqual(names.tolist(), wanted.tolist())
        with h5py.File(path) as f:
            group = f["segments/segment"]
            self.assertEqual(group.attrs["map"], map_name)
            rows = pd.DataFrame({name: column[:] for name, column in group.items()})
        rows.index = [name.decode() for name in rows["names"]]
        total = customers["monetary"].sum()
        for name, row in rows.iterrows():
            mine = customers[wanted == name]
            self.assertEqual(row["customers"], len(mine))
            self.assertAlmostEqual(row["customer_share"], len(mine) / len(customers), 12)
            self.assertEqual(row["revenue_minor"], round(mine["monetary"] * reference.SCALE).astype(np.int64).sum())
            self.assertAlmostEqual(row["revenue_share"], mine["monetary"].sum() / total, 12)
            for column in ("recency", "frequency", "monetary"):
                np.testing.assert_equal(row[f"{column}_median"], mine[column].astype(np.float64).median())
        self.assertEqual(rows["customers"].sum(), len(customers))

    def check_log(self, log, *flags):
        for method in METHODS:
            more = [f"--{column}-cuts={','.join(map(str, cuts))}" for column, cuts in CUTS.items()]
            for map_name in ("chinese-8",) if method == "mean" else ("default", "r-vignette", "r-0.3.0"):
                with self.subTest(method=method, map=map_name):
                    customers = self.run_log(log, "--score-method", method, "--segment-map", map_name, *flags,
                                             *(more if method == "fixed" else []))
                    self.check_scores(customers, method)
                    self.check_segments(customers, map_name)

    def test_generated(self):
        self.check_log(st.SOURCE / "datasets/sample.csv")

    def test_online_retail(self):
        log = snapshots.unpack(st.data_path("online_retail/online_retail.csv.gz"), self.folder / "log.csv")
        customers = self.run_log(log, "--bad-rows", "skip")
        self.check_scores(customers, "quantile")
        self.check_segments(customers, "default")
        for method in ("ntile", "mean"):
            customers = self.run_log(log, "--bad-rows", "skip", "--score-method", method, "--segment-map",
                                     "chinese-8" if method == "mean" else "default")
            self.check_scores(customers, method)

    def test_other_numbers_of_levels(self):
        for levels in (3, 4, 7, 10):
            for method in ("quantile", "ntile", "r-rfm"):
                with self.subTest(levels=levels, method=method):
                    customers = self.run_log(st.SOURCE / "datasets/sample.csv", "--score-method", method,
                                             "--score-levels", levels)
                    self.check_scores(customers, method, levels=levels)

    def test_thresholds_are_stored(self):
        customers = self.run_log(st.SOURCE / "datasets/sample.csv")
        with h5py.File(self.folder / "r.h5") as f:
            self.assertEqual(sorted(f["scores"]), sorted(SCORED))
            for score, (column, lower_is_better) in SCORED.items():
                group = f["scores"][score]
                self.assertEqual((group.attrs["column"], group.attrs["method"], group.attrs["levels"]),
                                 (column, "quantile", 5))
                edges = group["thresholds"][:]
                self.assertEqual(edges.shape, (4,))
                value = customers[column].to_numpy(np.float64)
                met = [value < edge if lower_is_better else value > edge for edge in edges]
                np.testing.assert_array_equal(customers[score], 1 + np.sum(met, axis=0))


class PackageRfm(st.Case):
    """The example of the R package rfm: every customer's values, scores and segment."""

    def setUp(self):
        super().setUp()
        self.data = st.data_path("rfm_orders")
        self.strata("run", "--transactions", self.data / "orders.csv", "--score-method", "r-rfm", "--segment-map",
                    "r-vignette", "--as-of", "2006-12-31", "--clusters", 0, "--output", "r.h5", "--quiet")
        self.customers = snapshots.read_customers(self.folder / "r.h5")

    def test_every_customer(self):
        with open(self.data / "scores.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), len(self.customers))
        ours = self.customers.to_dict("index")
        for row in rows:
            mine = ours[row["customer_id"]]
            self.assertEqual(
                [mine[name] for name in ("recency", "orders", "monetary", "r_score", "f_score", "m_score")],
                [float(row[name]) for name in ("recency", "n", "amount", "r", "f", "m")], row["customer_id"])

    def test_every_segment(self):
        names = self.customers["segment"].map(snapshots.label_names(self.folder / "r.h5"))
        with open(self.data / "segments.csv", encoding="utf-8", newline="") as file:
            wanted = {row["seg"]: (int(row["customers"]), int(row["orders"]), int(row["revenue"]))
                      for row in csv.DictReader(file)}
        ours = {name: (len(group), group["orders"].sum(), group["monetary"].sum())
                for name, group in self.customers.groupby(names)}
        self.assertEqual(ours, wanted)


if __name__ == "__main__":
    st.main()
