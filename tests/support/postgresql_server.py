"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket in that folder only, gone with the test."""
import glob
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import time
import unittest

import strata_testing as st

PORT = 5432  # only part of the socket's name


def _binary(name):
    """Debian keeps the server's programs out of the PATH."""
    found = shutil.which(name)
    if not found:
        places = glob.glob(f"/usr/lib/postgresql/*/bin/{name}") + glob.glob(f"/usr/pgsql-*/bin/{name}")
        found = max(places, key=lambda path: [int(n) for n in path.split("/")[4:5] if n.isdigit()], default=None)
    if not found:
        raise unittest.SkipTest("skipped: the PostgreSQL server is not installed")
    return found


def _other_user():
    """The server refuses to run as root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    raise unittest.SkipTest("skipped: no user to run the PostgreSQL server as")


class Server:
    """Anyone may connect without a password, but for the roles of `with_password`."""

    def __init__(self, with_password=()):
        self.initdb, self.postgres, self.client = _binary("initdb"), _binary("postgres"), _binary("psql")
        user = _other_user() if os.geteuid() == 0 else None
        self.prefix = [st.need_program("setpriv"), "--pdeathsig", "INT"]
        if user:
            self.prefix += ["--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"]
        # Not where TMPDIR may point: the name of a socket is at most 107 bytes long.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="strata-pg-", dir="/tmp"))
        self.process = None
        try:
            if user:
                os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._start(with_password)
        except BaseException:
            self.stop()
            raise

    def _start(self, with_password):
        data, self.log = self.folder / "data", self.folder / "log"
        self._run([self.initdb, "-D", str(data), "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])
        rules = "".join(f"local all {role} scram-sha-256\n" for role in with_password) + "local all all trust\n"
        (data / "pg_hba.conf").write_text(rules)
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "port": PORT, "fsync": "off",
                    "full_page_writes": "off", "shared_buffers": "64MB", "max_connections": 100,
                    "log_statement": "all", "log_line_prefix": "[%p %a] ", "password_encryption": "scram-sha-256",
                    "autovacuum": "off"}
        flags = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.prefix + [self.postgres, "-D", str(data)] + flags, cwd=self.folder,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for _ in range(600):
            if subprocess.run(self._psql("postgres", "SELECT 1"), capture_output=True).returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError("the PostgreSQL server does not start:\n" + self.log.read_text(errors="replace"))

    def _run(self, command):
        done = subprocess.run(self.prefix + command, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"{command}\n{done.stdout.decode()}\n{done.stderr.decode()}")

    def _psql(self, database, statement):
        return [self.client, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-p", str(PORT),
                "-U", "owner", "-d", database, "-c", statement]

    def sql(self, statement, database="postgres", stdin=None):
        """Run statements; what they give, unaligned."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        environment["PGCLIENTENCODING"] = "UTF8"
        done = subprocess.run(self._psql(database, statement), input=stdin, env=environment, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"{statement}\n{done.stderr.decode('utf-8', 'replace')}")
        return done.stdout.decode("utf-8", "replace").strip()

    def url(self, user="owner", password=None, database="postgres", host=None, more=""):
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@/{database}?host={host or self.folder}&port={PORT}{more}"

    @property
    def socket(self):
        return self.folder / f".s.PGSQL.{PORT}"

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()  # waits for its clients; those of a test that failed may still be there
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.send_signal(2)
                self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


def need_support():
    """Skip the calling test where strata was built without libpq."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([str(st.STRATA), "run", "--source", "postgresql://?host=/nowhere", "--query", "SELECT 1",
                               "--output", f"{folder}/r.h5"], stdin=subprocess.DEVNULL, capture_output=True)
    if b"built without libpq" in done.stderr:
        raise unittest.SkipTest("skipped: strata was built without libpq")
