"""One process at a time, measured."""
import os
import subprocess
import sys
import tempfile
import time


def run(command, environment=None):
    """Wall seconds, peak bytes, output and log of one process; ends the comparison if it fails."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=log, stdin=subprocess.DEVNULL,
                                   env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        log.seek(0)
        text, told = out.read().decode(), log.read().decode()
    if process.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))} ended with {process.returncode}\n{text}{told}")
    return seconds, usage.ru_maxrss * 1024, text, told
