#!/usr/bin/env python3
"""Runs that are killed, runs that meet, readers in between, and what the logs must never say."""
import fcntl
import os
import random
import signal
import struct
import subprocess
import threading
import time
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import strata_testing as st

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "snapshot"))
h5py = st.need_modules("h5py")
st.need_modules("pandas")
import snapshots

GROUPS = ("customers", "keys", "segments", "scores")
KILLS = 30


class Killed(st.Case):
    def test_at_random_moments(self):
        self.strata("generate", "--customers", 20_000, "--seed", 4, "--output", "log.csv")
        flags = ["run", "--transactions", "log.csv", "--clusters", "0", "--output", "r.h5", "--quiet", "--threads", "2"]
        started = time.monotonic()
        self.strata(*flags)
        seconds = time.monotonic() - started
        new = snapshots.datasets(self.folder / "r.h5", *GROUPS)
        old = b"an older snapshot"
        chance = random.Random(20240607)
        n_killed = n_new = 0
        for _ in range(KILLS):
            self.file("r.h5", old)
            run = subprocess.Popen([str(st.STRATA), *flags], cwd=self.folder, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0, 1.1 * seconds))
            run.kill()
            n_killed += run.wait() == -signal.SIGKILL
            if (self.folder / "r.h5").read_bytes() != old:
                n_new += 1
                self.assertEqual(snapshots.datasets(self.folder / "r.h5", *GROUPS), new)
        self.assertGreater(n_killed, 0)
        self.strata(*flags)
        self.assertEqual(snapshots.datasets(self.folder / "r.h5", *GROUPS), new)
        self.assertEqual(self.leftovers("log.csv"), ["r.h5"])
        print(f"{KILLS} runs: {n_killed} killed, {n_new} had published before")


def is_locked(path):
    """Does some process hold a lock on the file?"""
    lock = struct.Struct("hhqqi4x")  # struct flock of 64-bit Linux
    try:
        with open(path, "rb") as file:
            wanted = lock.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            return lock.unpack(fcntl.fcntl(file, fcntl.F_OFD_GETLK, wanted))[0] != fcntl.F_UNLCK
    except FileNotFoundError:
        return False


class Together(st.Case):
    def setUp(self):
        super().setUp()
        self.strata("generate", "--customers", 2000, "--seed", 4, "--output", "log.csv")
        self.flags = ["run", "--transactions", "log.csv", "--clusters", "0", "--output", "r.h5", "--quiet"]

    def start(self, *prefix):
        return subprocess.Popen([*prefix, str(st.STRATA), *self.flags], cwd=self.folder, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def test_one_wins_the_other_exits_6_at_once(self):
        """The first run is stopped while it holds the output."""
        self.strata("generate", "--customers", 150_000, "--seed", 4, "--output", "log.csv")
        first = self.start()
        try:
            temporary = self.folder / ".r.h5.strata-tmp"
            while not is_locked(temporary) and first.poll() is None:
                time.sleep(0.001)
            first.send_signal(signal.SIGSTOP)
            self.assertIsNone(first.poll(), "the first run ended too early")
            started = time.monotonic()
            second = self.strata(*self.flags, expect=6, timeout=10)
            self.assertLess(time.monotonic() - started, 5)
            self.assertIn("another run is writing", second.err)
            self.assertFalse((self.folder / "r.h5").exists())
        finally:
            first.send_signal(signal.SIGCONT)
        out, err = first.communicate(timeout=60)
        self.assertEqual(first.returncode, 0, err)
        self.assertEqual(self.leftovers("log.csv"), ["r.h5"])
        self.strata(*self.flags)

    def test_many_at_once(self):
        runs = [self.start() for _ in range(8)]
        codes = []
        for run in runs:
            run.communicate(timeout=60)
            codes.append(run.returncode)
        self.assertLessEqual(set(codes), {0, 6})
        self.assertIn(0, codes)
        self.assertTrue(snapshots.datasets(self.folder / "r.h5", *GROUPS))
        self.assertEqual(self.leftovers("log.csv"), ["r.h5"])

    def test_readers_while_it_is_replaced(self):
        self.strata(*self.flags)
        wanted = snapshots.datasets(self.folder / "r.h5", *GROUPS)
        stop, failures = threading.Event(), []

        def publish():
            while not stop.is_set():
                if subprocess.run([str(st.STRATA), *self.flags], cwd=self.folder, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL).returncode != 0:
                    failures.append("a run failed")

        publisher = threading.Thread(target=publish)
        publisher.start()
        try:
            for _ in range(60):
                self.assertEqual(snapshots.datasets(self.folder / "r.h5", *GROUPS), wanted)
        finally:
            stop.set()
            publisher.join()
        self.assertEqual(failures, [])


class Canary(st.Case):
    """Customer ids are in /keys and nowhere else: not on the terminal, not in messages, rejects or the manifest."""

    CANARY = "Canary"

    def check(self, *texts):
        for text in texts:
            self.assertNotIn(self.CANARY.lower(), text.lower())

    def test_runs(self):
        good = "".join(f"{self.CANARY}{i},2024-01-{1 + i % 28:02d},{i}\n" for i in range(200))
        bad = [f"{self.CANARY}x,2024-01-01,12x\n", f"{self.CANARY}x,never,1\n", f"{self.CANARY}x\n",
               f"{self.CANARY}\0x,2024-01-01,1\n", f"{self.CANARY * 1000},2024-01-01,1\n",
               f'"{self.CANARY}"x,2024-01-01,1\n', f'{self.CANARY}"x,2024-01-01,1\n']
        for number, row in enumerate(["", *bad, "".join(bad[:5])]):
            for log in ("text", "json"):
                with self.subTest(number=number, log=log):
                    self.file("log.csv", "customer,date,amount\n" + good + row)
                    flags = ("run", "--transactions", "log.csv", "--clusters", 3, "--output", "r.h5", "--progress",
                             "always", "--log", log)
                    done = self.strata(*flags, expect=3 if row else 0)
                    self.check(done.out, done.err)
                    done = self.strata(*flags, "--bad-rows", "skip")
                    self.check(done.out, done.err, (self.folder / "r.h5.rejects.csv").read_text())
                    shown = self.strata("show", "r.h5")
                    self.check(shown.out, shown.err)
                    with h5py.File(self.folder / "r.h5") as f:
                        self.check(f.attrs["manifest"], f.attrs["config"])
                        self.assertIn(self.CANARY, f["keys/customer_id"][0].decode())

    def test_a_header_that_is_a_row(self):
        self.file("log.csv", f"{self.CANARY}1,2024-01-01,1\n{self.CANARY}2,2024-01-02,2\n")
        done = self.strata("run", "--transactions", "log.csv", "--customer", 1, "--time", 2, "--amount", 3)
        self.check(done.out, done.err)
        done = self.strata("run", "--transactions", "log.csv", expect=3)
        self.check(done.out, done.err)


if __name__ == "__main__":
    st.main()
