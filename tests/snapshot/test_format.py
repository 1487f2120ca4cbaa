#!/usr/bin/env python3
"""The shape of a snapshot: what h5py, pandas and xarray find in it."""
import json
import warnings
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import strata_testing as st

np, pd, h5py, xarray = st.need_modules("numpy", "pandas", "h5py", "xarray")
st.need_modules("h5netcdf")
import snapshots

SAMPLE = st.SOURCE / "datasets/sample.csv"
warnings.filterwarnings("ignore", category=RuntimeWarning, module="xarray")  # its cast of a missing day
FILL = {"i1": -128, "i2": -32768, "i4": -2147483648}


class Format(st.Case):
    def setUp(self):
        super().setUp()
        self.done = self.strata("run", "--transactions", SAMPLE, "--currency", "EUR", "--time-zone", "Europe/Berlin",
                                "--clusters", 3, "--output", "r.h5")
        self.path = self.folder / "r.h5"
        self.file = h5py.File(self.path)
        self.addCleanup(self.file.close)

    def test_notebook_lines(self):
        with h5py.File(self.path) as f:
            customers = pd.DataFrame({name: column[:] for name, column in f["customers"].items()})
        self.assertEqual(len(customers), self.done.json["customers"])
        self.assertTrue((customers["customer"] == np.arange(len(customers))).all())

    def test_root_attributes(self):
        attributes = self.file.attrs
        self.assertEqual(set(attributes), {"schema", "schema_version", "tool_version", "run_id", "created_utc", "as_of",
                                           "time_zone", "currency", "config", "manifest"})
        self.assertEqual(attributes["schema"], "strata-snapshot")
        self.assertEqual((attributes["as_of"], attributes["time_zone"], attributes["currency"]),
                         ("2025-12-31", "Europe/Berlin", "EUR"))
        self.assertRegex(attributes["run_id"], "^[0-9a-f]{32}$")
        self.assertRegex(attributes["created_utc"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_manifest_reconciles(self):
        manifest = json.loads(self.file.attrs["manifest"])
        (source,), total = manifest["inputs"], manifest["total"]
        self.assertEqual((source["path"], source["bytes"]), (str(SAMPLE), SAMPLE.stat().st_size))
        self.assertRegex(source["xxh3_128"], "^[0-9a-f]{32}$")
        rows = total["rows"]
        self.assertEqual(rows["read"], sum(1 for _ in open(SAMPLE)) - 1)
        self.assertEqual(rows["read"], rows["used"] + rows["rejected"] + rows["excluded"] + rows["duplicate"])
        self.assertEqual((source["rows"], source["amounts"]), (total["rows"], total["amounts"]))
        cents = sum(snapshots.round_exactly(line.split(",")[2], 2) for line in open(SAMPLE).readlines()[1:])
        self.assertEqual(snapshots.round_exactly(total["amounts"]["read"], 2), cents)

    def test_configuration_makes_the_same_snapshot(self):
        self.file_config = self.folder / "again.yaml"
        self.file_config.write_text(self.file.attrs["config"], encoding="utf-8")
        self.strata("run", "again.yaml", "--output", "again.h5", "--quiet")
        groups = ("customers", "keys", "scores", "segments", "clusters")
        self.assertEqual(snapshots.datasets(self.path, *groups), snapshots.datasets(self.folder / "again.h5", *groups))

    def test_columns(self):
        n = self.done.json["customers"]
        for name, column in self.file["customers"].items():
            with self.subTest(column=name):
                attributes = column.attrs
                self.assertEqual(column.shape, (n,))
                self.assertIn(column.dtype.str[1:], ("i1", "i2", "i4", "i8", "f4", "f8"))
                for text in ("long_name", "description", "units"):
                    self.assertTrue(attributes[text])
                self.assertNotEqual(attributes["units"], "days")
                if column.dtype.str[1:] in FILL:
                    self.assertEqual(attributes["_FillValue"], FILL[column.dtype.str[1:]])
                    self.assertEqual(attributes["_FillValue"].dtype, column.dtype)
                else:
                    self.assertNotIn("_FillValue", attributes)
                filters = [column.id.get_create_plist().get_filter(i)[0]
                           for i in range(column.id.get_create_plist().get_nfilters())]
                self.assertLessEqual(set(filters), {h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_DEFLATE})
                self.assertEqual(column.compression_opts, 1)
                if name != "customer":
                    self.assertEqual([scale.name for scale in column.dims[0].values()], ["/customers/customer"])
        self.assertTrue(h5py.h5ds.is_scale(self.file["customers/customer"].id))
        self.assertEqual(self.file["customers/customer"].dtype, np.int64)
        ids = self.file["keys/customer_id"]
        self.assertEqual((ids.shape, ids.dtype.kind), ((n,), "S"))
        self.assertEqual(h5py.check_string_dtype(ids.dtype).encoding, "utf-8")

    def test_types_and_units(self):
        for line in self.strata("features").out.splitlines()[1:]:
            name, kind, rest = line.split(None, 2)
            if name == "channels" or name == "categories" or name in self.file["customers"]:
                column = self.file["customers"][name]
                self.assertEqual(column.dtype, np.dtype(kind), name)
                self.assertTrue(rest.startswith(column.attrs["units"]), name)
                self.assertTrue(rest.endswith(column.attrs["description"]), name)

    def test_labels(self):
        for name, group in (("segment", "segments/segment"), ("cluster", "segments/cluster")):
            column = self.file["customers"][name]
            values, meanings = column.attrs["flag_values"], column.attrs["flag_meanings"].split(" ")
            self.assertEqual(values.dtype, column.dtype)
            self.assertEqual(len(values), len(meanings))
            self.assertEqual(len(set(values)), len(values))
            self.assertLessEqual(set(np.unique(column[:])), set(values))
            names = [text.decode() for text in self.file[group]["names"][:]]
            self.assertEqual(names, list(column.attrs["flag_names"]))
            counts = dict(zip(self.file[group]["values"][:], self.file[group]["customers"][:]))
            found = dict(zip(*np.unique(column[:], return_counts=True)))
            self.assertEqual({value: count for value, count in counts.items() if count}, found)

    def test_clusters(self):
        clusters, customers = self.file["clusters"], snapshots.read_customers(self.path)
        columns = [text.decode() for text in clusters["columns"][:]]
        self.assertEqual(columns, ["recency", "frequency", "monetary"])
        self.assertEqual(clusters["centroids"].shape, (3, 3))
        self.assertEqual(clusters["centroids"].dtype, np.float64)
        self.assertEqual(clusters["sizes"][:].sum() + clusters.attrs["missing"], len(customers))
        # Every customer is in the cluster of the nearest centroid, and inertia is the sum of the squares.
        points = customers[columns].to_numpy(np.float64)
        points = np.clip(points, clusters["lower"][:], clusters["upper"][:])
        points = (np.sign(points) * np.log1p(np.abs(points)) - clusters["shift"][:]) / clusters["divisor"][:]
        distance = ((points[:, None, :] - clusters["centroids_scaled"][:][None]) ** 2).sum(axis=2)
        self.assertTrue(np.isfinite(distance).all())
        mine = np.searchsorted(clusters["values"][:], customers["cluster"])
        np.testing.assert_allclose(distance[np.arange(len(mine)), mine], distance.min(axis=1), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(distance.min(axis=1).sum(), clusters.attrs["inertia"], rtol=1e-6)

    def test_xarray(self):
        with xarray.open_dataset(self.path, engine="h5netcdf", group="customers") as table:
            self.assertEqual(dict(table.sizes), {"customer": self.done.json["customers"]})
            for name, column in self.file["customers"].items():
                if name in ("first_purchase_day", "last_purchase_day"):
                    days = (table[name].values - np.datetime64("1970-01-01")) / np.timedelta64(1, "D")
                    np.testing.assert_array_equal(days, column[:])
                    continue
                self.assertNotIn(table[name].dtype.kind, "mM", name)
                raw = column[:].astype(np.float64)
                if "_FillValue" in column.attrs:
                    raw[column[:] == column.attrs["_FillValue"]] = np.nan
                np.testing.assert_array_equal(table[name].values.astype(np.float64), raw, err_msg=name)

    def test_missing_values(self):
        self.file_log = self.folder / "log.csv"
        self.file_log.write_text("customer,date,amount\na,2024-01-01,1\nb,2024-01-02,-2\n")
        self.strata("run", "--transactions", "log.csv", "--clusters", 0, "--output", "m.h5", "--quiet")
        table = snapshots.read_customers(self.folder / "m.h5").loc["b"]
        for name in ("recency", "tenure", "purchase_span", "gap_mean", "average_order", "largest_order"):
            self.assertTrue(np.isnan(table[name]), name)
        self.assertEqual((table["first_purchase_day"], table["orders"], table["monetary"]), (-2147483648, 0, -2))
        with xarray.open_dataset(self.folder / "m.h5", engine="h5netcdf", group="customers") as table:
            self.assertEqual(int(np.isnat(table["first_purchase_day"].values).sum()), 1)

    def test_contiguous(self):
        self.strata("run", "--transactions", SAMPLE, "--no-compress", "--currency", "EUR", "--time-zone",
                    "Europe/Berlin", "--clusters", 3, "--output", "plain.h5", "--quiet")
        with h5py.File(self.folder / "plain.h5") as f:
            for name, column in [*f["customers"].items(), ("id", f["keys/customer_id"])]:
                self.assertIsNone(column.chunks, name)
                self.assertEqual(column.id.get_create_plist().get_nfilters(), 0)
                self.assertGreater(column.id.get_offset() or 0, 0, name)
        groups = ("customers", "keys", "scores", "segments", "clusters")
        self.assertEqual(snapshots.datasets(self.path, *groups), snapshots.datasets(self.folder / "plain.h5", *groups))

    def test_old_readers_can_open_it(self):
        with h5py.File(self.path, libver=("earliest", "v108")) as f:
            self.assertIn("customers", f)
        self.assertLessEqual(self.path.read_bytes()[8], 2)  # the version of the superblock that HDF5 1.8 reads

    def test_nothing_else_is_left(self):
        self.file.close()
        self.assertEqual(self.leftovers(), ["r.h5"])


if __name__ == "__main__":
    st.main()
