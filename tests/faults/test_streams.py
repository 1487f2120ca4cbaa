#!/usr/bin/env python3
"""Standard streams that are full or closed, inputs that fail while they are read, snapshots that are damaged, and too
little memory: an error, never a wrong result."""
import os
import resource
import subprocess
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "snapshot"))
import strata_testing as st
st.need_modules("h5py", "pandas")
import snapshots

SAMPLE = st.SOURCE / "datasets/sample.csv"


class Streams(st.Case):
    def shell(self, command):
        environment = dict(os.environ, STRATA=str(st.STRATA), SAMPLE=str(SAMPLE), OMP_WAIT_POLICY="passive")
        return subprocess.run(["bash", "-c", command], cwd=self.folder, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60)

    def test_full_standard_output(self):
        self.strata("run", "--transactions", SAMPLE, "--clusters", 0, "--output", "a.h5")
        for command in ("run --transactions $SAMPLE --clusters 0 --output r.h5", "generate --customers 10", "features",
                        "generate --customers 5000", "show a.h5", "check", "--help", "run --help", "--version"):
            with self.subTest(command):
                done = self.shell(f'"$STRATA" {command} >/dev/full')
                self.assertEqual(done.returncode, 5)
                self.assertIn(b"No space left on device", done.stderr)

    def test_closed_streams_get_no_data_file(self):
        """A file that is opened meanwhile must not take the number of a closed stream."""
        self.strata("generate", "--customers", 30_000, "--output", "wanted.csv")
        wanted = st.digest(self.folder / "wanted.csv")
        for closed in ("2>&-", "<&- 2>&-", "<&- >&- 2>&-"):
            with self.subTest(closed):
                self.shell(f'"$STRATA" generate --customers 30000 --progress always --output log.csv {closed}')
                self.assertEqual(st.digest(self.folder / "log.csv"), wanted)
                done = self.shell('"$STRATA" run --transactions "$SAMPLE" --clusters 0 --progress always --output r.h5 '
                                  + closed)
                self.assertEqual(done.returncode, 5 if ">&- 2" in closed else 0)
                self.assertNotIn(b"rows read", (self.folder / "r.h5").read_bytes())
                self.strata("show", "r.h5")

    def test_reader_goes_away(self):
        done = self.shell('"$STRATA" run --transactions "$SAMPLE" --clusters 0 --output r.h5 2>err | true; '
                          'echo "${PIPESTATUS[0]}"; "$STRATA" show r.h5 >/dev/null && echo whole')
        self.assertTrue(done.stdout.endswith(b"whole\n"), done)


def need_strace(case):
    strace = st.need_program("strace")
    if subprocess.run([strace, "-o", os.devnull, "true"], stderr=subprocess.DEVNULL).returncode != 0:
        case.skipTest("skipped: strace is not allowed to trace here")
    return strace


class Reads(st.Case):
    """Reads that the system fails, cuts short or interrupts, in plain and in compressed files."""

    def setUp(self):
        super().setUp()
        self.strace = need_strace(self)
        self.strata("generate", "--customers", 30_000, "--output", "log.csv")
        subprocess.run(["gzip", "-k", "-1", "log.csv"], cwd=self.folder, check=True)
        self.logs = ["log.csv", "log.csv.gz"]
        for program, suffix in (("zstd", "zst"), ("bgzip", "bgz")):
            with open(self.folder / f"log.csv.{suffix}", "wb") as out:
                subprocess.run([st.need_program(program), "-c", "log.csv"], cwd=self.folder, check=True, stdout=out,
                               stderr=subprocess.DEVNULL)
            self.logs.append(f"log.csv.{suffix}")

    def run_with(self, log, injected, expect):
        return self.strata("run", "--transactions", log, "--clusters", 0, "--output", "r.h5", "--threads", 2,
                           expect=expect, prefix=[self.strace, "-f", "-o", os.devnull, "-P", str(self.folder / log),
                                                  "-P", log, "-e", "trace=pread64", "-e", f"inject=pread64:{injected}"])

    def test_errors(self):
        for log in self.logs:
            for number in (1, 2, 3):
                with self.subTest(log=log, number=number):
                    done = self.run_with(log, f"error=EIO:when={number}", 5)
                    self.assertIn(f"cannot read {log} at byte", done.err)
                    self.assertIn("Input/output error", done.err)
                    self.assertEqual(self.leftovers(*self.logs), [])

    def test_ends_too_early(self):
        """A file that is cut while it is read: nothing more comes, though it had more bytes when it was opened."""
        for log in self.logs:
            for number in (2, 3, 4):
                with self.subTest(log=log, number=number):
                    done = self.run_with(log, f"retval=0:when={number}+", 5)
                    self.assertRegex(done.err, f"{log} has (changed|become shorter) while it was read")
                    self.assertEqual(self.leftovers(*self.logs), [])

    def test_interrupted(self):
        self.strata("run", "--transactions", "log.csv", "--clusters", 0, "--output", "r.h5")
        wanted = snapshots.datasets(self.folder / "r.h5", "customers", "keys")
        for log in self.logs:
            with self.subTest(log=log):
                self.run_with(log, "error=EINTR:when=1+2", 0)
                self.assertEqual(snapshots.datasets(self.folder / "r.h5", "customers", "keys"), wanted)


class Inputs(st.Case):
    def test_memory_limit(self):
        self.strata("generate", "--customers", 30_000, "--output", "log.csv")
        flags = ("run", "--transactions", "log.csv", "--clusters", 0, "--output", "r.h5")
        done = self.strata(*flags, "--memory-limit", "1M", expect=5)
        self.assertIn("--memory-limit", done.err)
        self.assertEqual(self.leftovers("log.csv"), [])
        self.strata(*flags, "--memory-limit", "2G")

    def test_too_little_memory(self):
        """Address space from hardly enough to start up to enough: an error about memory, or a whole run."""
        self.strata("generate", "--customers", 30_000, "--output", "log.csv")
        codes = set()
        for megabytes in (*range(40, 200, 20), 300, 500, 1000, 4000):
            def limit(megabytes=megabytes):
                resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            done = self.strata("run", "--transactions", "log.csv", "--clusters", 3, "--output", "r.h5", "--threads", 1,
                               expect=None, preexec_fn=limit)
            if done.code == 127 or "loading shared libraries" in done.err:
                continue
            codes.add(done.code)
            if done.code == 0:
                self.strata("show", "r.h5")
                (self.folder / "r.h5").unlink()
            else:
                self.assertEqual(done.code, 5, f"{megabytes} MB: {done.err}")
                self.assertIn("memory", done.err)
            self.assertEqual(self.leftovers("log.csv"), [])
        self.assertIn(0, codes)


class DamagedSnapshots(st.Case):
    def setUp(self):
        super().setUp()
        self.strata("run", "--transactions", SAMPLE, "--clusters", 2, "--output", "r.h5")
        self.whole = (self.folder / "r.h5").read_bytes()

    def test_truncated(self):
        for n in (0, 1, 8, 100, 512, 2000, len(self.whole) // 2, len(self.whole) - 1):
            with self.subTest(bytes=n):
                self.file("cut.h5", self.whole[:n])
                done = self.strata("show", "cut.h5", expect=None)
                self.assertIn(done.code, (3, 5))
                self.assertIn("cut.h5", done.err)

    def test_other_files(self):
        self.assertIn("not an HDF5 file", self.strata("show", SAMPLE, expect=3).err)
        self.strata("show", self.folder, expect=5)
        self.strata("show", "nowhere.h5", expect=5)


if __name__ == "__main__":
    st.main()
