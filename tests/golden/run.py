#!/usr/bin/env python3
"""Golden tests: commands with the standard output, the standard error and the exit code that they must have.

    run.py STRATA [CASE...]            compare with what is recorded
    run.py STRATA --update [CASE...]   record

A case is a folder of cases/: `cmd` is run by bash in an empty folder, where `strata` is the program, $SOURCE the
repository and $DATA the public data sets (STRATA_TEST_DATA); beside it are the expected `stdout`, `stderr` (absent when
empty) and `exit` (absent when 0). Paths and seconds are replaced by words before the comparison.
"""
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
SKIPPED = 77


def data_folder():
    folder = pathlib.Path(os.environ.get("STRATA_TEST_DATA", "/nowhere"))
    return folder.resolve() if folder.is_dir() else None


def normalise(text, folder, data):
    words = [(str(folder), "TMP"), (str(SOURCE), "SOURCE")]
    if data:
        words.insert(0, (str(data), "DATA"))
    for path, word in words:
        text = text.replace(path, word)
    text = re.sub(r'"seconds":[0-9.]+', '"seconds":S', text)
    return re.sub(r'"bytes":[0-9]+,"share":[0-9.]+', '"bytes":N,"share":N', text)


def run_case(case, strata, data):
    with tempfile.TemporaryDirectory(prefix="strata-golden-") as folder:
        folder = pathlib.Path(folder).resolve()
        programs, work = folder / "bin", folder / "work"
        programs.mkdir()
        work.mkdir()
        (programs / "strata").symlink_to(strata)
        environment = dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}", SOURCE=str(SOURCE), LC_ALL="C.UTF-8",
                           DATA=str(data), TZ="UTC", OMP_NUM_THREADS="2", OMP_WAIT_POLICY="passive")
        done = subprocess.run(["bash", "-u", str(case / "cmd")], cwd=work, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        said = {name: normalise(text.decode("utf-8", "backslashreplace"), work, data)
                for name, text in (("stdout", done.stdout), ("stderr", done.stderr))}
        said["exit"] = f"{done.returncode}\n" if done.returncode else ""
        return said


def expected(case, name):
    path = case / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def record(case, said):
    for name, text in said.items():
        if text:
            (case / name).write_text(text, encoding="utf-8")
        else:
            (case / name).unlink(missing_ok=True)


def compare(case, said):
    is_same = True
    for name, text in said.items():
        wanted = expected(case, name)
        if text != wanted:
            is_same = False
            sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), text.splitlines(True),
                                                       f"{case.name}/{name}", "now"))
    return is_same


def main():
    arguments = sys.argv[1:]
    update = "--update" in arguments
    arguments = [argument for argument in arguments if argument != "--update"]
    if not arguments:
        sys.exit(__doc__)
    strata = pathlib.Path(arguments[0]).resolve()
    names = arguments[1:] or sorted(path.name for path in (HERE / "cases").iterdir())
    data = data_folder()
    n_failed = n_skipped = 0
    for name in names:
        case = HERE / "cases" / name
        if "$DATA" in (case / "cmd").read_text(encoding="utf-8") and not data:
            print(f"{name}: skipped: data not found")
            n_skipped += 1
            continue
        said = run_case(case, strata, data)
        if update:
            record(case, said)
        elif not compare(case, said):
            print(f"{name}: FAILED")
            n_failed += 1
    if n_failed:
        sys.exit(1)
    sys.exit(SKIPPED if n_skipped == len(names) else 0)


if __name__ == "__main__":
    main()
