#!/usr/bin/env python3
"""HDF5 files that end the library: whoever reads them gets a message, and goes on."""
import collections
import pathlib
import random
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

SAMPLE = st.SOURCE / "datasets/sample.csv"
HOSTILE = st.SOURCE / "tests/faults/hostile"
SEEDS = st.SOURCE / "tests/fuzz/seeds/hdf5"
SEGMENTATION_FAULT = " is damaged or hostile: reading it ended with signal 11 (Segmentation fault)"


class HostileHdf5(st.Case):
    def setUp(self):
        super().setUp()
        self.strata("run", "--transactions", SAMPLE, "--clusters", 3, "--output", "whole.h5")

    def commands(self, path):
        """Whatever reads HDF5 that somebody else may have made."""
        log, sample = ("--transactions", path), ("--transactions", SAMPLE)
        return {
            "input": ("run", *log, "--bad-rows", "skip", "--clusters", 0, "--output", "r.h5"),
            "show": ("show", path),
            "assign": ("assign", path, *sample, "--output", "r.h5"),
            "previous": ("run", *sample, "--clusters", 3, "--previous", path, "--output", "r.h5"),
            "cluster": ("cluster", path, "--columns", "recency", "--clusters", 2, "--output", "r.h5"),
        }

    def test_files_that_ended_the_library(self):
        """Found by damaging good files: a crash, elements beyond their rows. Later libraries may take them otherwise."""
        for path in sorted(HOSTILE.iterdir()):
            with self.subTest(path.name):
                done = self.strata("run", "--transactions", path, "--clusters", 0, "--output", "r.h5", expect=3,
                                   env=st.DAMAGED_HDF5)
                self.assertIn(f"{path} is damaged", done.err)
                self.assertEqual(self.leftovers("whole.h5"), [])

    def reads(self, strace, path, command):
        """How often the process reads the file that does so most: the one that runs the library."""
        trace = self.folder / "trace"
        self.strata(*command, prefix=[strace, "-f", "-o", str(trace), "-P", path, "-e", "trace=pread64"])
        lines = [line.split()[0] for line in trace.read_text().splitlines() if "pread64(" in line]
        trace.unlink()
        for path in self.folder.glob("r.h5*"):
            path.unlink()
        return max(collections.Counter(lines).values())

    def test_crash_anywhere(self):
        """The process that runs the library is ended by a signal at one of its reads."""
        strace = st.need_program("strace")
        shutil.copy(SEEDS / "chunks", self.folder / "log.h5")
        for name in self.commands("whole.h5"):
            path = "log.h5" if name == "input" else "whole.h5"
            command = self.commands(path)[name]
            n_reads = self.reads(strace, path, command)
            self.assertGreater(n_reads, 6)
            for when in sorted({n_reads * part // 6 for part in (3, 4, 5, 6)}):
                with self.subTest(f"{name}, read {when} of {n_reads}"):
                    done = self.strata(*command, expect=3,
                                       prefix=[strace, "-f", "-o", "/dev/null", "-P", path, "-e", "trace=pread64", "-e",
                                               f"inject=pread64:signal=SEGV:when={when}"])
                    self.assertEqual(done.err.splitlines()[-1], f"strata: {path}{SEGMENTATION_FAULT}")
                    self.assertEqual(self.leftovers("whole.h5", "log.h5"), [])

    def test_no_process(self):
        prlimit = st.need_program("prlimit")
        setpriv = st.need_program("setpriv")
        done = self.strata("show", "whole.h5", expect=None,
                           prefix=[setpriv, "--reuid=65533", "--clear-groups", prlimit, "--nproc=0"])
        if "setpriv" in done.err or "prlimit" in done.err or done.code in (0, 126):
            self.skipTest("skipped: limiting processes needs root and a folder that others may read")
        self.assertEqual(done.code, 5)
        self.assertIn("cannot", done.err)

    def test_changed_bytes(self):
        """However a file is damaged: what reads it ends with a code of its own."""
        chance = random.Random(11)
        files = [self.folder / "whole.h5", *sorted(SEEDS.iterdir())]
        for number in range(60):
            path = chance.choice(files)
            damaged = bytearray(path.read_bytes())
            for _ in range(chance.randint(1, 12)):
                damaged[chance.randrange(min(len(damaged), 8000))] = chance.choice((0, 255, chance.randrange(256)))
            self.file("damaged.h5", bytes(damaged))
            names = ("assign", "previous", "cluster", "show") if path.name == "whole.h5" else ("input",)
            for name in names:
                done = self.strata(*self.commands("damaged.h5")[name], expect=None, env=st.DAMAGED_HDF5)
                self.assertIn(done.code, (0, 2, 3, 5), f"damage {number}, {name}: {done.err}")
                (self.folder / "r.h5").unlink(missing_ok=True)


if __name__ == "__main__":
    st.main()
