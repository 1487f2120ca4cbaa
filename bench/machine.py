"""Records of comparisons, with the machine that they were made on."""
import datetime
import os
import pathlib
import platform


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def record(folder, kind, summary, table):
    """Write DATE-PROCESSOR[-KIND].md into the folder."""
    today = datetime.date.today().isoformat()
    parts = "".join(c if c.isalnum() else " " for c in cpu_model()).split() + ([kind] if kind else [])
    path = pathlib.Path(folder) / f"{today}-{'-'.join(parts)}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# {summary}\n\n{today}, {cpu_model()}, {os.cpu_count()} processors, "
                    f"{platform.freedesktop_os_release()['PRETTY_NAME']}\n\n{table}\n")
    print(f"\nrecorded in {path}")
