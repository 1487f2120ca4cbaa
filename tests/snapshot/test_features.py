#!/usr/bin/env python3
"""Every feature of every customer of Online Retail against an independent computation in pandas."""
import datetime
import pathlib
import sys
import zoneinfo

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import strata_testing as st

np, pd, h5py = st.need_modules("numpy", "pandas", "h5py")
import reference
import snapshots


def compare(test, ours, theirs):
    """The same customers and columns: counts, days and money exactly, the rest to the last bit."""
    test.assertEqual(sorted(ours.index), sorted(theirs.index))
    ours = ours.loc[theirs.index]
    for name in theirs.columns:
        a, b = ours[name].to_numpy(), theirs[name].to_numpy()
        test.assertEqual(a.dtype, b.dtype, name)
        if a.dtype == np.float32:  # gap_mean, gap_sd: one rounding apart at most
            np.testing.assert_array_max_ulp(np.nan_to_num(a, nan=-1e9), np.nan_to_num(b, nan=-1e9), 1)
        else:
            np.testing.assert_array_equal(a, b, err_msg=name)
    known = set(theirs.columns) | {"customer", "r_score", "f_score", "m_score", "segment", "cluster", "categories"}
    test.assertEqual(set(ours.columns) - known, set())


class OnlineRetail(st.Case):
    def setUp(self):
        super().setUp()
        packed = st.data_path("online_retail/online_retail.csv.gz")
        self.csv = snapshots.unpack(packed, self.folder / "log.csv")
        self.log = snapshots.online_retail(self.csv)

    def run_with(self, *flags):
        done = self.strata("run", "--transactions", self.csv, "--bad-rows", "skip", "--clusters", 0, "--output", "r.h5",
                           "--quiet", *flags)
        return done, snapshots.read_customers(self.folder / "r.h5")

    def check(self, returns, as_of, *flags, log=None):
        done, ours = self.run_with("--returns", returns, *flags)
        log = self.log if log is None else log
        log = log[log["customer"] != ""]
        if returns == "exclude":
            log = log[log["amount"] >= 0]
        compare(self, ours, reference.features(log, as_of, returns))
        self.assertEqual(done.json["transactions"], len(log))
        self.assertEqual(done.json["rejected"], 541_909 - (self.log["customer"] != "").sum()
                         - (0 if returns != "exclude" else ((self.log["customer"] == "")
                                                            & (self.log["amount"] < 0)).sum()))

    def test_returns_are_net(self):
        self.check("net", self.log["day"].max() + 1)

    def test_returns_are_excluded(self):
        self.check("exclude", self.log["day"].max() + 1)

    def test_returns_are_separate(self):
        self.check("separate", self.log["day"].max() + 1)

    def test_as_of_and_window(self):
        as_of = 15218  # 2011-09-01
        log = self.log[self.log["day"].between(as_of - 200, as_of)]
        self.check("net", as_of, "--as-of", "2011-09-01", "--window", 200, log=log)

    def test_clean_revenue_is_exact(self):
        done, ours = self.run_with("--exclude-order-prefix", "C", "--returns", "exclude", "--zero-amounts", "exclude")
        log = self.log
        log = log[~log["order"].str.startswith("C") & (log["amount"] > 0) & (log["customer"] != "")]
        self.assertEqual((len(log), log["amount"].sum()), (397_884, 89_114_079_040))
        self.assertEqual((done.json["customers"], done.json["transactions"]), (4_338, 397_884))
        self.assertEqual(round(ours["monetary"] * reference.SCALE).astype(np.int64).sum(), 89_114_079_040)
        compare(self, ours, reference.features(log, log["day"].max() + 1))

    def test_duplicates(self):
        done, ours = self.run_with("--duplicates", "drop", "--category", "StockCode")
        log = self.log[self.log["customer"] != ""]
        log = log.drop_duplicates(["customer", "order", "category", "time", "quantity", "price"])
        self.assertEqual(done.json["transactions"], len(log))
        compare(self, ours, reference.features(log, log["day"].max() + 1))
        np.testing.assert_array_equal(ours["categories"].sort_index(),
                                      log.groupby("customer")["category"].nunique().sort_index())


class SmallLogs(st.Case):
    """Random small logs with every corner: returns before purchases, zero amounts, orders over several days."""

    def test_random_logs(self):
        random = np.random.default_rng(20240229)
        for number in range(12):
            n = int(random.integers(1, 400))
            day = random.integers(18_000, 18_000 + int(random.integers(1, 900)), n)
            amount = random.integers(-200_000, 900_000, n) * random.integers(0, 2, n) * 7
            log = pd.DataFrame({"customer": [f"k{c}" for c in random.integers(0, 1 + n // 4, n)], "day": day,
                                "amount": amount, "order": [f"o{o}" for o in random.integers(0, 1 + n // 2, n)]})
            dates = pd.to_datetime(log["day"], unit="D").dt.strftime("%Y-%m-%d")
            lines = ["customer_id,date,amount,order_id"] + [
                f"{c},{d},{'-' if a < 0 else ''}{abs(a) // 10_000}.{abs(a) % 10_000:04d},{o}"
                for c, d, a, o in zip(log["customer"], dates, log["amount"], log["order"])]
            self.file("log.csv", "\n".join(lines) + "\n")
            for returns in ("net", "exclude", "separate"):
                used = log[log["amount"] >= 0] if returns == "exclude" else log
                if used.empty:
                    continue
                for order in ("order_id", ""):
                    with self.subTest(number=number, returns=returns, order=order):
                        self.strata("run", "--transactions", "log.csv", "--returns", returns, "--order", order,
                                    "--clusters", 0, "--output", "r.h5", "--quiet", "--threads", 1)
                        known = used if order else used.drop(columns="order")
                        compare(self, snapshots.read_customers(self.folder / "r.h5"),
                                reference.features(known, used["day"].max() + 1, returns))


class Channels(st.Case):
    """Distinct channels and categories as pandas counts them: a value that is not there is none."""

    def test_missing_values(self):
        random = np.random.default_rng(7)
        n = 3000
        log = pd.DataFrame({"customer_id": random.integers(0, 400, n), "date": "2024-01-02", "amount": 1,
                            "channel": random.choice(["", "web", "shop", "a rather long name of a channel"], n),
                            "category": random.choice(["", "x", "y"], n, p=[0.8, 0.1, 0.1])})
        for quoted in (0, 1):  # QUOTE_MINIMAL, QUOTE_ALL
            log.to_csv(self.folder / "log.csv", index=False, quoting=quoted)
            expected = log.replace("", np.nan).groupby("customer_id")[["channel", "category"]].nunique()
            for flags in ((), ("--duplicates", "drop")):
                self.strata("run", "--transactions", "log.csv", "--clusters", 0, "--output", "r.h5", "--quiet", *flags)
                ours = snapshots.read_customers(self.folder / "r.h5")
                ours.index = ours.index.astype(int)
                ours = ours.loc[expected.index]
                self.assertEqual(ours["channels"].tolist(), expected["channel"].tolist())
                self.assertEqual(ours["categories"].tolist(), expected["category"].tolist())


class TimeZones(st.Case):
    """The calendar day of a moment, in zones with every kind of rule, against Python's zoneinfo."""

    ZONES = ("UTC", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu",
             "Europe/Berlin", "Africa/Casablanca", "Pacific/Apia", "America/Sao_Paulo")

    def days(self, zone, texts, *flags):
        self.file("log.csv", "customer,time,amount\n" + "".join(f"{i},{text},1\n" for i, text in enumerate(texts)))
        self.strata("run", "--transactions", "log.csv", "--time-zone", zone, "--clusters", 0, "--output", "r.h5",
                    *flags)
        days = snapshots.read_customers(self.folder / "r.h5")["first_purchase_day"]
        return [days[str(i)] for i in range(len(texts))]

    def test_moments(self):
        random = np.random.default_rng(11)
        epochs = [int(second) for second in random.integers(10**9, 2_871_763_200, 400)]  # 2001 to 2060, ten digits
        # and the hours around midnight, and the changes of clocks of one year
        epochs += [second for day in range(1_704_067_200, 1_735_689_600, 86_400) for second in (day, day - 1)]
        epochs += list(range(1_711_843_200, 1_711_936_800, 1800)) + list(range(1_730_592_000, 1_730_685_600, 1800))
        moments = [datetime.datetime.fromtimestamp(second, datetime.timezone.utc) for second in epochs]
        for zone in self.ZONES:
            with self.subTest(zone):
                there = [moment.astimezone(zoneinfo.ZoneInfo(zone)) for moment in moments]
                wanted = [moment.date().toordinal() - 719_163 for moment in there]
                self.assertEqual(self.days(zone, epochs), wanted)
                texts = [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in moments]
                self.assertEqual(self.days(zone, texts), wanted)
                elsewhere = datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))
                texts = [moment.astimezone(elsewhere).isoformat(sep=" ") for moment in moments]
                self.assertEqual(self.days(zone, texts), wanted)

    def test_local_times_keep_their_day(self):
        moments = [datetime.datetime(2024, 3, 31, 0, 0) + datetime.timedelta(minutes=10 * i) for i in range(300)]
        wanted = [moment.date().toordinal() - 719_163 for moment in moments]
        for zone in self.ZONES:
            self.assertEqual(self.days(zone, [moment.strftime("%Y-%m-%d %H:%M:%S") for moment in moments]), wanted)


if __name__ == "__main__":
    st.main()
