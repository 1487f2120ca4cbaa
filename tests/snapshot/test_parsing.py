#!/usr/bin/env python3
"""Delimited text as pandas reads it: random quoting, newlines inside quotes across the blocks that threads read."""
import random
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

np, pd, h5py = st.need_modules("numpy", "pandas", "h5py")
import reference
import snapshots

WORDS = ["x", "a,b", 'say "hi"', "two\nlines", "three\r\nmore\n", "", "'", '"', '""', ",", "\n", "\n\n\n", "日本", " ",
         "a;b\tc|d", "2024-01-01,1,2", '\n"k1","2024-01-01"\n']


def quoted(text, delimiter, always):
    if always or any(mark in text for mark in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


class Parsing(st.Case):
    def log(self, seed, n, delimiter, newline, long_notes):
        chance = random.Random(seed)
        lines, always = [delimiter.join(("note", "customer", "date", "amount", "remark"))], chance.random()
        for i in range(n):
            note = "".join(chance.choice(WORDS) for _ in range(chance.randrange(8)))
            if long_notes and chance.random() < 0.001:
                note *= chance.randrange(20_000)
            fields = (note, chance.choice(("k", 'q"', "c,", "m\n", "客")) + str(chance.randrange(n // 5 + 1)),
                      f"2024-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
                      f"{chance.randrange(-999, 99999) / 100:.2f}", chance.choice(WORDS))
            lines.append(delimiter.join(quoted(field, delimiter, chance.random() < always) for field in fields))
        return newline.join(lines) + newline * chance.randrange(2)

    def check(self, text, delimiter, threads, *flags):
        path = self.file("log.csv", text)
        table = pd.read_csv(path, sep=delimiter, dtype=str, keep_default_na=False, encoding="utf-8")
        log = pd.DataFrame({"customer": table["customer"], "day": snapshots.day_of(pd.to_datetime(table["date"])),
                            "amount": [snapshots.round_exactly(amount) for amount in table["amount"]]})
        done = self.strata("run", "--transactions", path, "--clusters", 0, "--output", "r.h5", "--threads", threads,
                           *flags)
        self.assertEqual((done.json["transactions"], done.json["rejected"]), (len(log), 0))
        ours, theirs = snapshots.read_customers(self.folder / "r.h5"), reference.features(log, log["day"].max() + 1)
        self.assertEqual(sorted(ours.index), sorted(theirs.index))
        for name in ("monetary", "orders", "first_purchase_day", "last_purchase_day", "purchase_days", "returns"):
            np.testing.assert_array_equal(ours[name].loc[theirs.index], theirs[name], err_msg=name)

    def test_small_logs(self):
        for seed in range(25):
            delimiter = ",;\t|"[seed % 4]
            with self.subTest(seed=seed):
                text = self.log(seed, 1 + seed * 3, delimiter, "\r\n" if seed % 3 == 0 else "\n", False)
                word = ("comma", "semicolon", "tab", "pipe")[seed % 4]
                self.check(text, delimiter, 1 + seed % 3, *(("--delimiter", word) if seed < 12 else ()))

    def test_many_blocks(self):
        for seed, threads in ((100, 2), (101, 3), (102, 8)):
            with self.subTest(seed=seed):
                text = self.log(seed, 40_000, ",", "\n", True)
                self.assertGreater(len(text), 2 << 20)
                self.check(text, ",", threads)

    def test_one_long_quoted_field(self):
        """A field of many blocks that is full of what looks like rows."""
        inside = "k1,2024-01-01,1\n" * 150_000
        text = f'note,customer,date,amount\nn,k1,2024-01-01,1\n"{inside}",k2,2024-01-02,2\nn,k3,2024-01-03,3\n'
        for threads in (1, 2, 5):
            self.check(text, ",", threads)


if __name__ == "__main__":
    st.main()
