#!/usr/bin/env python3
"""One log, plain, compressed in every way, from a pipe and in parts: the same customers; damage is noticed."""
import gzip
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

h5py = st.need_modules("h5py")
SAMPLE = (st.SOURCE / "datasets/sample.csv").read_bytes()


class Compressed(st.Case):
    def customers(self, *flags, **options):
        self.strata("run", *flags, "--output", "r.h5", **options)
        found = {}
        with h5py.File(self.folder / "r.h5") as file:
            for group in ("customers", "keys"):
                file[group].visititems(lambda name, item: found.update({f"{group}/{name}": item[()].tobytes()})
                                       if isinstance(item, h5py.Dataset) and item.dtype != object
                                       else found.update({f"{group}/{name}": repr(item[()].tolist())})
                                       if isinstance(item, h5py.Dataset) else None)
        return found

    def pipe(self, command, *flags, expect=0):
        """Run with the output of a shell command as standard input."""
        return self.strata("run", "--transactions", "-", "--output", "r.h5", *flags, expect=expect,
                           prefix=["bash", "-c", f'{command} | "$@"', "bash"])

    def packed(self, program, *arguments):
        return subprocess.run([st.need_program(program), *arguments], input=SAMPLE, stdout=subprocess.PIPE,
                              check=True).stdout

    def test_the_same_customers(self):
        self.file("a.csv", SAMPLE)
        expected = self.customers("--transactions", "a.csv")
        self.assertGreater(len(expected), 10)
        half = SAMPLE.index(b"\n", len(SAMPLE) // 2) + 1
        self.file("a.csv.gz", gzip.compress(SAMPLE))
        self.file("members.gz", gzip.compress(SAMPLE[:half]) + gzip.compress(SAMPLE[half:]))
        names = ["a.csv.gz", "members.gz"]
        for name, program, *arguments in (("a.csv.zst", "zstd", "-q"), ("a.csv.bgz", "bgzip", "-c")):
            try:
                self.file(name, self.packed(program, *arguments))
                names.append(name)
            except st.unittest.SkipTest as reason:
                print(reason)
        for name in names:
            for threads in (1, 2, 3, 8):
                with self.subTest(name, threads=threads):
                    self.assertEqual(self.customers("--transactions", name, "--threads", threads), expected)
        for command in ("cat a.csv", "cat a.csv.gz"):
            with self.subTest(command):
                prefix = ["bash", "-c", f'{command} | "$@"', "bash"]
                self.assertEqual(self.customers("--transactions", "-", prefix=prefix), expected)
        header = SAMPLE[:SAMPLE.index(b"\n") + 1]
        self.file("one.csv", SAMPLE[:half])
        self.file("two.csv", gzip.compress(header + SAMPLE[half:]))
        self.assertEqual(self.customers("--transactions", "one.csv", "--transactions", "t*.csv"), expected)

    def test_manifest(self):
        self.file("a.csv.gz", gzip.compress(SAMPLE))
        self.customers("--transactions", "a.csv.gz")
        with h5py.File(self.folder / "r.h5") as file:
            text = repr([dict(group.attrs) for group in (file, *file.values())])
        self.assertIn(f'"bytes":{(self.folder / "a.csv.gz").stat().st_size}', text.replace("\\", "").replace(" ", ""))

    def test_damage(self):
        whole = gzip.compress(SAMPLE)
        for name, content in (("cut off", whole[:-1]), ("cut off", whole[:len(whole) // 2]), ("damaged", whole + b"\n"),
                              ("damaged", whole[:-6] + b"12" + whole[-4:])):
            self.file("a.gz", content)
            for threads in (1, 3):
                done = self.strata("run", "--transactions", "a.gz", "--output", "r.h5", "--threads", threads, expect=3)
                self.assertIn(f"a.gz is {name}", done.err)
                self.assertEqual(self.leftovers("a.gz"), [])

    def test_standard_input(self):
        self.file("a.csv", b"customer,date,amount\na,2024-01-01,1\nb\"x,2024-01-02,2\n")
        done = self.pipe("cat a.csv", "--bad-rows", "skip")
        self.assertEqual((done.json["transactions"], done.json["rejected"]), (1, 1))
        self.assertIn("standard input,3,", (self.folder / "r.h5.rejects.csv").read_text())
        self.assertIn("standard input is empty", self.pipe("true", expect=3).err)
        self.assertIn("standard input is given twice", self.pipe("cat a.csv", "--transactions", "-", expect=2).err)

    def test_a_long_pipe_is_not_read_twice(self):
        write = "python3 -c \"print('customer,date,amount'); [print('a,2024-01-01,1,\\n'[:14] + '0' * 80 + '1')" \
                " for _ in range(800000)]; print('b\\\"x,2024-01-01,1')\""
        done = self.pipe(write, "--bad-rows", "skip", expect=3)
        self.assertIn("the quotes of standard input break RFC 4180", done.err)
        self.assertIn("of standard input the first 64.0 MiB alone are kept", done.err)
        self.assertEqual(self.leftovers(), [])

    def test_online_retail(self):
        path = st.data_path("online_retail/online_retail.csv.gz")
        flags = ("--bad-rows", "skip", "--exclude-order-prefix", "C", "--returns", "exclude", "--zero-amounts",
                 "exclude", "--clusters", "0", "--output", "r.h5")
        done = self.strata("run", "--transactions", path, *flags)
        self.assertEqual(done.json["customers"], 4338)
        self.assertIn("8,911,407.90", done.out)


if __name__ == "__main__":
    st.main()
