#!/usr/bin/env python3
"""A snapshot with bytes changed at random: show says so or shows it, and is never ended by a signal."""
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

SAMPLE = st.SOURCE / "datasets/sample.csv"


class DamagedSnapshot(st.Case):
    def test_changed_bytes(self):
        self.strata("run", "--transactions", SAMPLE, "--clusters", 0, "--output", "whole.h5")
        whole = (self.folder / "whole.h5").read_bytes()
        chance = random.Random(3)
        for number in range(60):
            damaged = bytearray(whole)
            for _ in range(chance.randint(1, 20)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            self.file("damaged.h5", bytes(damaged))
            done = self.strata("show", "damaged.h5", expect=None, env=st.DAMAGED_HDF5)
            self.assertIn(done.code, (0, 3, 5), f"damage {number}: {done.err}")
            self.assertEqual(done.code == 0, not done.err)


if __name__ == "__main__":
    st.main()
