#!/usr/bin/env python3
"""Outputs that cannot be written: an error, never a success, and an older snapshot stays as it is."""
import os
import shutil
import subprocess
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "snapshot"))
import strata_testing as st


try:
    import snapshots
except ImportError:
    snapshots = None

SAMPLE = st.SOURCE / "datasets/sample.csv"


class OutputCase(st.Case):
    def setUp(self):
        super().setUp()
        self.old = b"an older snapshot\n" * 100
        self.file("r.h5", self.old)

    def run_sample(self, *flags, **options):
        return self.strata("run", "--transactions", SAMPLE, "--clusters", 3, "--output", "r.h5", "--threads", 1, *flags,
                           **options)

    def check_refused(self, done, *texts):
        self.assertEqual(done.code, 5, done.err)
        self.assertEqual(done.out, "")
        for text in texts:
            self.assertIn(text, done.err)
        self.assertEqual((self.folder / "r.h5").read_bytes(), self.old)


class Output(OutputCase):
    def test_unwritable_folder(self):
        prefix = []
        if os.geteuid() == 0:
            prefix = [st.need_program("setpriv"), "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        self.folder.chmod(0o755)
        if prefix:
            readable = subprocess.run([*prefix, str(st.STRATA), "--version"], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL).returncode == 0
            if not readable or subprocess.run([*prefix, "test", "-r", str(SAMPLE)]).returncode != 0:
                self.skipTest("skipped: another user cannot read the program or the sample")
        else:
            self.folder.chmod(0o555)
            self.addCleanup(self.folder.chmod, 0o755)
        self.check_refused(self.run_sample(prefix=prefix, expect=5), "cannot write the output", "Permission denied")
        self.assertEqual(self.leftovers(), ["r.h5"])

    def test_full_device(self):
        self.check_refused(self.run_sample("--output", "/dev/full", expect=5), "not a regular file")

    def test_full_file_system(self):
        if os.geteuid() != 0 or not shutil.which("mount"):
            self.skipTest("skipped: only root can mount a small file system")
        small = self.folder / "small"
        small.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)],
                          stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("skipped: file systems cannot be mounted here")
        try:
            (small / "r.h5").write_bytes(self.old)
            done = self.run_sample("--no-compress", "--output", "small/r.h5", expect=5)
            self.check_refused(done, "No space left on device")
            self.assertEqual((small / "r.h5").read_bytes(), self.old)
            self.assertEqual([path.name for path in small.iterdir()], ["r.h5"])
        finally:
            subprocess.run(["umount", str(small)], check=True)

    def test_file_size_limit(self):
        """Writing beyond a limit of the shell's: EFBIG, or the signal that comes with it."""
        done = self.run_sample("--no-compress", prefix=["bash", "-c", 'ulimit -f 32; trap "" XFSZ; exec "$@"', "bash"],
                               expect=5)
        self.check_refused(done, "File too large")
        self.assertEqual(self.leftovers(), ["r.h5"])


class OutputIsInput(st.Case):
    """An output that leads to an input, by whatever name, would replace it."""

    def setUp(self):
        super().setUp()
        self.log = "customer_id,order_time,amount\na,2024-01-01,5\nb,2024-01-02,x\n"
        self.file("log.csv", self.log)
        self.file("log.csv.rejects.csv", self.log)
        (self.folder / "link.csv").symlink_to("log.csv")

    def check_refused(self, transactions, output, *flags, text="would be replaced"):
        before = self.leftovers()
        done = self.strata("run", "--transactions", transactions, "--output", output, *flags, expect=2)
        self.assertIn(text, done.err)
        self.assertEqual((self.folder / "log.csv").read_text(), self.log)
        self.assertEqual((self.folder / "log.csv.rejects.csv").read_text(), self.log)
        self.assertEqual(self.leftovers(), before)

    def test_same_text(self):
        self.check_refused("log.csv", "log.csv", text="also in transactions")

    def test_other_spelling(self):
        self.check_refused("log.csv", "./log.csv")
        self.check_refused(self.folder / "log.csv", "log.csv")

    def test_symbolic_link(self):
        self.check_refused("log.csv", "link.csv")
        self.check_refused("link.csv", "log.csv")

    def test_glob(self):
        (self.folder / "link.csv").unlink()
        self.check_refused("*.csv", "log.csv")

    def test_standard_input(self):
        with open(self.folder / "log.csv") as log:
            done = subprocess.run([str(st.STRATA), "run", "--transactions", "-", "--output", "log.csv"],
                                  cwd=self.folder, stdin=log, capture_output=True)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual((self.folder / "log.csv").read_text(), self.log)

    def test_rejects_file(self):
        (self.folder / "link.csv").unlink()
        (self.folder / "log.csv").rename(self.folder / "other.csv")
        done = self.strata("run", "--transactions", "*.csv", "--bad-rows", "skip", "--output", "log.csv", expect=2)
        self.assertIn("log.csv.rejects.csv is the same file", done.err)
        self.assertEqual((self.folder / "log.csv.rejects.csv").read_text(), self.log)
        self.strata("run", "--transactions", "*.csv", "--output", "log.csv", expect=3)  # it writes no rejects


class Injected(OutputCase):
    """Errors of the kernel at the n-th call, by strace."""

    def setUp(self):
        super().setUp()
        self.strace = st.need_program("strace")
        trial = subprocess.run([self.strace, "-o", os.devnull, "true"], stderr=subprocess.DEVNULL)
        if trial.returncode != 0:
            self.skipTest("skipped: strace is not allowed to trace here")

    def count(self, call, *flags):
        self.run_sample(*flags, prefix=[self.strace, "-f", "-o", "trace", "-e", f"trace={call}"])
        n = sum(f" {call}(" in line for line in (self.folder / "trace").read_text(errors="replace").splitlines())
        self.file("r.h5", self.old)
        return n

    def inject(self, call, fault, number, *flags):
        return self.run_sample(*flags, expect=None, prefix=[
            self.strace, "-f", "-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={number}"])

    def check_every(self, call, error, text, most=12):
        n = self.count(call)
        self.assertGreater(n, 0, f"the program calls no {call}")
        for number in sorted({1, max(1, n - 1), n, *range(1, n + 1, max(1, n // most))}):
            with self.subTest(call=call, error=error, number=number):
                self.check_refused(self.inject(call, f"error={error}", number), text)
                self.assertEqual(self.leftovers("trace"), ["r.h5"])

    def test_no_space_in_any_write(self):
        self.check_every("pwrite64", "ENOSPC", "No space left on device")

    def test_broken_device_in_any_write(self):
        self.check_every("pwrite64", "EIO", "Input/output error", most=4)

    def test_rename(self):
        self.check_every("rename", "EACCES", "Permission denied")

    def test_fsync(self):
        self.check_refused(self.inject("fsync", "error=EIO", 1), "Input/output error", "untouched")

    def test_rejects_file_first(self):
        """Where the rejects file cannot be written, the snapshot does not appear either."""
        self.file("log.csv", "customer,date,amount\na,2024-01-01,1\n,2024-01-01,1\n")
        flags = ("run", "--transactions", "log.csv", "--bad-rows", "skip", "--clusters", "0", "--output", "r.h5")
        for call, error in (("rename", "EACCES"), ("fsync", "EIO")):
            done = self.strata(*flags, expect=None, prefix=[
                self.strace, "-f", "-o", os.devnull, "-e", f"trace={call}", "-e",
                f"inject={call}:error={error}:when=1"])
            self.check_refused(done, "r.h5.rejects.csv")
            self.assertEqual(self.leftovers(), ["log.csv", "r.h5"])

    def test_killed_at_any_call(self):
        """Killed at a write, an fsync, a rename: the old file or the new one, whole; the next run works."""
        groups = ("customers", "keys", "clusters", "segments", "scores")
        if not snapshots:
            self.skipTest("skipped: the Python modules h5py and pandas are not installed")
        self.run_sample()
        new = snapshots.datasets(self.folder / "r.h5", *groups)
        self.file("r.h5", self.old)
        for call in ("pwrite64", "fsync", "rename", "close"):
            n = self.count(call)
            for number in sorted({1, max(1, n - 1), n, *range(1, n + 1, max(1, n // 6))}):
                with self.subTest(call=call, number=number):
                    self.file("r.h5", self.old)
                    done = self.inject(call, "signal=KILL", number)
                    self.assertNotEqual(done.code, 0)
                    if (self.folder / "r.h5").read_bytes() != self.old:
                        self.assertEqual(snapshots.datasets(self.folder / "r.h5", *groups), new)
                    self.run_sample()
                    self.assertEqual(snapshots.datasets(self.folder / "r.h5", *groups), new)
                    self.assertEqual(self.leftovers("trace"), ["r.h5"])


if __name__ == "__main__":
    st.main()
