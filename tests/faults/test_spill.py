#!/usr/bin/env python3
"""Transactions and results beyond the memory limit wait in temporary files: the same bytes, the limit kept, clean errors,
and nothing left behind, however the run ends."""
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "snapshot"))
import strata_testing as st

try:
    import h5py
    import snapshots
except ImportError:
    snapshots = None

GROUPS = ("customers", "keys", "scores", "segments", "clusters")


class Case(st.Case):
    def setUp(self):
        super().setUp()
        self.spill = self.folder / "spill"
        self.spill.mkdir()

    def generate(self, customers, *flags, merged=False):
        """A log; merged: a hundred customers become one, so that transactions outweigh features."""
        self.strata("generate", "--customers", customers, "--days", 1095, "--output", "log.csv", *flags)
        if merged:
            log = self.folder / "log.csv"
            log.write_bytes(re.sub(rb"(?m)^(C\d+)\d\d,", rb"\1,", log.read_bytes()))

    def write_log(self, rows):
        (self.folder / "log.csv").write_text("customer,time,amount\n" + "".join(rows))

    def run_log(self, limit, *flags, **options):
        return self.strata("run", "--transactions", "log.csv", "--clusters", 0, "--memory-limit", limit, "--temp-dir",
                           "spill", *flags, **options)

    def check_refused(self, done, *texts):
        for text in ("spill", *texts):
            self.assertIn(text, done.err)
        self.assertEqual(done.code, 5, done.err)
        self.assertEqual(self.leftovers("log.csv", "spill", "trace"), [])
        self.assertEqual(list(self.spill.iterdir()), [])


class Results(Case):
    def setUp(self):
        super().setUp()
        if not snapshots:
            self.skipTest("skipped: the Python modules h5py and pandas are not installed")

    def check_same(self, limit, *flags):
        self.run_log(0, "--output", "whole.h5", *flags)
        wanted = snapshots.datasets(self.folder / "whole.h5", *GROUPS)
        for threads in (1, 3):
            done = self.run_log(limit, "--output", "spilled.h5", "--threads", threads, *flags)
            self.assertIn("temporary file in spill", done.err)
            self.assertEqual(snapshots.datasets(self.folder / "spilled.h5", *GROUPS), wanted)
            with h5py.File(self.folder / "spilled.h5") as file:
                self.assertRegex(file.attrs["manifest"], r'"memory":\{"limit_bytes":\d+,"spilled_bytes":[1-9]')
            self.assertEqual(list(self.spill.iterdir()), [])

    def test_plain_log(self):
        self.generate(150_000, "--columns", "customer,time,amount", merged=True)
        self.check_same("40M")

    def test_orders_channels_categories_duplicates_days(self):
        self.generate(40_000, merged=True)
        self.check_same("40M", "--duplicates", "drop", "--as-of", "2025-06-01", "--window", 400)

    def test_results_of_spilled_transactions(self):
        self.generate(60_000, "--columns", "customer,time,amount")
        self.check_same("38M", "--clusters", 4)

    def test_results_alone(self):
        """Transactions that fit, and results that do not: one row for nearly every customer."""
        self.generate(150_000, "--one-time-share", 1, "--columns", "customer,time,amount")
        self.run_log(0, "--output", "whole.h5", "--clusters", 4, "--score-method", "ntile")
        wanted = snapshots.datasets(self.folder / "whole.h5", *GROUPS)
        for threads in (1, 3):
            done = self.run_log("40M", "--output", "filed.h5", "--clusters", 4, "--score-method", "ntile", "--threads", threads)
            self.assertNotIn("transactions go to a temporary file", done.err)
            self.assertIn("results go to temporary files in spill", done.err)
            self.assertEqual(snapshots.datasets(self.folder / "filed.h5", *GROUPS), wanted)
            self.assertEqual(list(self.spill.iterdir()), [])

    def test_texts_of_long_ids_take_the_place_of_transactions(self):
        self.write_log(f"{i % 20_000:060d},2024-{i % 12 + 1:02d}-01,{i % 97}.00\n" for i in range(600_000))
        self.check_same("48M")

    def check_limit_is_kept(self, least, piped=False, limit="40M", flags=()):
        peak = {}
        for limit in ("0", limit):
            command = [st.STRATA, "run", "--transactions", "-" if piped else "log.csv", "--clusters", "0", "--threads", "2", "--output",
                       f"{limit}.h5", "--memory-limit", limit, "--temp-dir", "spill", "--quiet", *flags]
            feeder = subprocess.Popen(["cat", "log.csv"], cwd=self.folder, stdout=subprocess.PIPE)
            process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL,
                                       stdin=feeder.stdout if piped else subprocess.DEVNULL)
            feeder.stdout.close()
            while process.poll() is None:
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
                found = re.search(r"VmHWM:\s+(\d+) kB", status)
                if found and "Name:\tstrata" in status:
                    peak[limit] = int(found[1]) / 1024
                time.sleep(0.002)
            self.assertEqual(process.returncode, 0)
            feeder.wait()
        self.assertGreater(peak["0"], least)
        self.assertLess(peak[limit], 1.1 * int(limit[:-1]))
        self.assertEqual(snapshots.datasets(self.folder / f"{limit}.h5", *GROUPS),
                         snapshots.datasets(self.folder / "0.h5", *GROUPS))

    def test_limit_is_kept_by_transactions(self):
        """Without it two thirds of the memory would be transactions."""
        self.generate(300_000, "--columns", "customer,time,amount", merged=True)
        self.check_limit_is_kept(60)

    def test_limit_is_kept_by_pipes(self):
        """Without it what is kept of a pipe to be read again would take most of the memory."""
        self.generate(300_000, "--columns", "customer,time,amount", merged=True)
        self.check_limit_is_kept(100, piped=True)

    def test_limit_is_kept_by_long_rows(self):
        """Without it the text of a row, and where its commas are, would take most of the memory."""
        rows = [f"{i % 500},2024-01-{i % 28 + 1:02d},1.00\n" for i in range(20_000)]
        self.write_log([*rows, *["," * 9_000_000 + "\n"] * 4, *rows])
        self.check_limit_is_kept(150, limit="120M", flags=("--bad-rows", "skip"))

    def test_limit_is_kept_by_results(self):
        """Without it most of the memory would be results."""
        self.generate(300_000, "--one-time-share", 0.9, "--columns", "customer,time,amount")
        self.check_limit_is_kept(60)


class Limits(Case):
    def test_too_small(self):
        self.generate(100)
        done = self.run_log("1M", expect=5)
        self.assertIn("--memory-limit", done.err)

    def test_too_small_for_clusters(self):
        self.generate(300_000, "--one-time-share", 1, "--columns", "customer,time,amount")
        done = self.run_log("34M", "--threads", 2, "--clusters", 3, expect=5)
        self.assertRegex(done.err, r"300000 customers with 24 bytes each for clusters need at least \d+M of memory, and the "
                                   r"limit is 34M \(--memory-limit\)\n(strata: )?raise --memory-limit, or take --clusters 0")
        self.assertEqual(self.leftovers("log.csv", "spill"), [])

    def check_too_much(self, limit, text):
        done = self.run_log(limit, "--threads", 2, expect=5)
        self.assertRegex(done.err, text)
        self.assertIn("raise --memory-limit", done.err)
        self.assertEqual(self.leftovers("log.csv", "spill"), [])
        self.assertEqual(list(self.spill.iterdir()), [])
        self.run_log("1G", "--threads", 2)

    def test_too_small_for_texts_of_ids(self):
        self.write_log(f"{i:090d},2024-01-01,1.00\n" for i in range(200_000))
        self.check_too_much("40M", r"texts of customer ids of more than 15 bytes take \d+M so far.* 40M \(--memory-limit\)")

    def test_too_small_for_one_customer(self):
        self.write_log(f"A,2024-01-{i % 28 + 1:02d},1.00\n" for i in range(400_000))
        self.check_too_much("40M", r"400000 transactions of one customer, or of few, need 1\dM")

    def test_too_small_for_what_comes_back(self):
        self.write_log(f"A,2024-01-{i % 28 + 1:02d},1.00\n" for i in range(1_000_000))
        self.check_too_much("40M", r"come back from a temporary file take \d\dM at a time")

    def test_too_small_for_a_row(self):
        """In a file, compressed, and on standard input; with the line on which the field begins that may have no end."""
        self.write_log(['a,2024-01-01,1\n"b","2024-01-02","' + "2\n" * 4_000_000 + '"\n', "c,2024-01-01,1\n"])
        text = (self.folder / "log.csv").read_bytes()
        message = (r"(log.csv(\.gz)?|standard input), line 3: the row is longer than \d\.\d MiB, the most that the memory limit "
                   r"leaves room for; is a quote not closed in field 3\?\n(strata: )?if not, raise --memory-limit")
        self.file("log.csv.gz", gzip.compress(text, 1))
        for path, more in (("log.csv", {}), ("log.csv.gz", {}), ("-", {"input": text})):
            for threads in (1, 2):
                with self.subTest(path, threads=threads):
                    limit = f"{46 + 2 * threads}M"
                    done = self.strata("run", "--transactions", path, "--memory-limit", limit, "--temp-dir", "spill",
                                       "--threads", threads, expect=5, **more)
                    self.assertRegex(done.err, message)
                    self.assertEqual(self.leftovers("log.csv", "log.csv.gz", "spill"), [])
        # The row can be read where there is room for it, and is a bad one then.
        self.assertIn("field longer than", self.run_log("1G", expect=3).err)

    def test_too_small_for_bad_rows(self):
        """Their places are kept until the end, unless fewer reject the run."""
        self.write_log(["a,2024-01-01,1\n", "b,2024-01-01,x\n" * 400_000])
        done = self.run_log("48M", "--bad-rows", "skip", "--threads", 2, expect=5)
        self.assertRegex(done.err, r"there are more than \d+ bad rows, .*\n(strata: )?mend them, raise --memory-limit, or")
        self.assertEqual(self.leftovers("log.csv", "spill"), [])
        for more in (("--max-bad-rows", 1000), ("--max-bad-rows", 0)):
            done = self.run_log("48M", "--bad-rows", "skip", *more, "--threads", 2, expect=3)
            self.assertIn("400000 of 400001 rows are bad", done.err)
            self.assertEqual([line for line in range(1, 20) if f"log.csv, line {line}, " in done.err], list(range(3, 13)))
        self.assertEqual(self.run_log("1G", "--bad-rows", "skip").json["rejected"], 400_000)

    def test_too_small_for_what_zstd_looks_back_to(self):
        self.generate(2000)
        text = (self.folder / "log.csv").read_bytes()
        # From a pipe zstd does not know how much there is to look back to.
        back = subprocess.run([st.need_program("zstd"), "-q", "--long=27", "-c"], input=text + b"\n" * (9 << 20), check=True,
                              stdout=subprocess.PIPE).stdout
        self.file("back.zst", back)
        flags = ("run", "--transactions", "back.zst", "--clusters", 0, "--output", "r.h5")
        done = self.strata(*flags, "--memory-limit", "64M", "--threads", 2, expect=5)
        self.assertIn("back.zst needs more than 8 MiB of memory to be decompressed, the most that the memory limit leaves",
                      done.err)
        self.strata(*flags, "--memory-limit", "1G", "--threads", 2)

    def test_no_such_folder(self):
        self.generate(100)
        done = self.run_log("1G", "--temp-dir", "nowhere", expect=5)
        self.assertIn("cannot make a temporary file in nowhere: No such file or directory", done.err)

    def test_folder_of_the_environment(self):
        self.generate(50_000, merged=True)
        flags = ("run", "--transactions", "log.csv", "--clusters", 0, "--memory-limit", "40M", "--output", "r.h5")
        done = self.strata(*flags, env={"TMPDIR": "nowhere"}, expect=5)
        self.assertIn("cannot make a temporary file in nowhere", done.err)
        self.assertIn("temporary file in spill", self.strata(*flags, env={"TMPDIR": "spill"}).err)


class Faults(Case):
    def setUp(self):
        super().setUp()
        self.generate(50_000, merged=True)

    def trace(self, *flags):
        """Run on one thread under strace; without leave to trace, skip."""
        strace = st.need_program("strace")
        if subprocess.run([strace, "-o", os.devnull, "true"], stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("skipped: strace is not allowed to trace here")
        return self.run_log("34M", "--threads", 1, expect=None, prefix=[strace, "-f", "-y", "-o", "trace", *flags])

    def calls(self, call):
        """Numbers, from 1, of the calls that are on a temporary file."""
        self.trace("-e", f"trace={call}")
        lines = [line for line in (self.folder / "trace").read_text(errors="replace").splitlines() if f" {call}(" in line]
        (self.folder / "results.h5").unlink()
        numbers = [i + 1 for i, line in enumerate(lines) if "spill/" in line.split(",")[0]]
        self.assertTrue(numbers)
        return numbers

    def inject(self, call, fault, number):
        return self.trace("-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={number}")

    def test_full_file_system(self):
        if os.geteuid() != 0 or not shutil.which("mount"):
            self.skipTest("skipped: only root can mount a small file system")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(self.spill)],
                          stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("skipped: file systems cannot be mounted here")
        try:
            self.check_refused(self.run_log("34M", expect=5), "No space left on device", "--temp-dir")
            subprocess.run(["mount", "-o", "remount,size=100m", str(self.spill)], check=True)
            done = self.run_log("34M")
            self.assertIn("spill is kept in memory", done.err)
        finally:
            subprocess.run(["umount", str(self.spill)], check=True)

    def test_errors_of_the_disk(self):
        for call, fault, text in (("pwrite64", "error=ENOSPC", "No space left on device"),
                                  ("fallocate", "error=ENOSPC", "No space left on device"),
                                  ("pwrite64", "error=EIO", "Input/output error"),
                                  ("pread64", "error=EIO", "Input/output error"),
                                  ("pread64", "retval=0", "shorter than what was written")):
            numbers = self.calls(call)
            for number in sorted({numbers[0], numbers[len(numbers) // 2], numbers[-1]}):
                with self.subTest(call=call, fault=fault, number=number):
                    self.check_refused(self.inject(call, fault, number), text)

    def test_interrupted_calls_are_repeated(self):
        for call in ("pwrite64", "pread64", "fallocate"):
            done = self.inject(call, "error=EINTR", self.calls(call)[1])
            self.assertEqual(done.code, 0, done.err)
            (self.folder / "results.h5").unlink()

    def test_killed(self):
        for call in ("pwrite64", "pread64", "fallocate"):
            numbers = self.calls(call)
            for number in (numbers[0], numbers[-1]):
                self.assertNotEqual(self.inject(call, "signal=KILL", number).code, 0)
                self.assertEqual(list(self.spill.iterdir()), [])


if __name__ == "__main__":
    st.main()
