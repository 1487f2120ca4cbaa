"""What the end-to-end tests share: the program, a folder of its own for every test, runs and their results."""
import hashlib
import importlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77
SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
# With damaged bytes the HDF5 library itself may lose memory, ask for terabytes or be ended by a signal: AddressSanitizer is
# to leave that to the program.
DAMAGED_HDF5 = {
    "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1:handle_segv=0:handle_sigbus=0:handle_sigfpe=0"}
STRATA = None


def need_modules(*names):
    """Import modules, or end the program as skipped."""
    found = []
    for name in names:
        try:
            found.append(importlib.import_module(name))
        except ImportError:
            print(f"skipped: the Python module {name} is not installed")
            sys.exit(SKIPPED)
    return found if len(found) > 1 else found[0]


def data_path(name):
    """A file of the public data sets; the test is skipped where they are not there."""
    path = pathlib.Path(os.environ.get("STRATA_TEST_DATA", "/nowhere")) / name
    if not path.exists():
        raise unittest.SkipTest("skipped: data not found")
    return path.resolve()


def need_program(name):
    path = shutil.which(name)
    if not path:
        raise unittest.SkipTest(f"skipped: the program {name} is not installed")
    return path


class Run:
    """One finished run of the program."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode("utf-8", "backslashreplace")
        self.err = done.stderr.decode("utf-8", "backslashreplace")

    @property
    def json(self):
        return json.loads(self.out.splitlines()[-1])


class Case(unittest.TestCase):
    """A test in an empty folder, which is removed afterwards."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="strata-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def strata(self, *arguments, expect=0, prefix=(), timeout=120, env=None, **options):
        command = [*prefix, str(STRATA), *map(str, arguments)]
        environment = dict(os.environ, TZ="UTC", OMP_WAIT_POLICY="passive", **(env or {}))
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        done = Run(subprocess.run(command, cwd=self.folder, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=timeout, env=environment, **options))
        if expect is not None:
            self.assertEqual(done.code, expect, f"{command}\n{done.out}\n{done.err}")
        return done

    def leftovers(self, *known):
        """What is in the folder besides the known files."""
        return sorted({path.name for path in self.folder.iterdir()} - set(known))


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


class _Result(unittest.TextTestResult):
    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.stream.writeln(f"{test.id()}: {reason}")


def main():
    """Run the tests of the calling script: SCRIPT STRATA [TEST...]."""
    global STRATA
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} STRATA [TEST...]")
    STRATA = pathlib.Path(sys.argv.pop(1)).resolve()
    program = unittest.main(module="__main__", exit=False,
                            testRunner=unittest.TextTestRunner(resultclass=_Result, stream=sys.stdout))
    result = program.result
    if not result.wasSuccessful() or result.testsRun == 0:
        sys.exit(1)
    sys.exit(SKIPPED if len(result.skipped) == result.testsRun else 0)
