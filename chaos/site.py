"""The CMS as it runs in production, to be hurt: gunicorn behind the nginx of `cms/nginx`, a worker, and a PostgreSQL
that keeps what it has acknowledged.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg

from bench.processes import workers
from cms.bootstrap import ROOT, Failed
from cms.supervisor import Child, Supervisor, answers, stop_on_signals
from tests.debian import program
from tests.ports import free_ports
from tests.postgres import Cluster, cluster

EDITOR = "chaos"
"""The name of who edits, and the password."""
CONFIGURATION = """\
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder};
  proxy_temp_path {folder};
  fastcgi_temp_path {folder};
  uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  {site}
}}
"""
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class Stage:
    """A database with content, on which sites are started one after the other."""

    def __init__(self, folder: Path, address: str, database: Cluster | None) -> None:
        self.folder, self.address, self._database = folder, address, database
        self.environment = {
            "DJANGO_SETTINGS_MODULE": "cms.settings.production",
            "SECRET_KEY": "only-for-chaos" * 5,
            "DATABASE_URL": self.address,
            "ALLOWED_HOSTS": "127.0.0.1",
            "FRONTEND_URL": "http://127.0.0.1:9",
            "ADMIN_ORIGINS": "",
            "CACHE_URL": "locmemcache://",
            "PROXY_COUNT": "1",
            "VAR_DIR": str(folder),
            "STATIC_ROOT": str(folder / "static"),
            "MEDIA_ROOT": str(folder / "media"),
            "PRIVATE_MEDIA_ROOT": str(folder / "private"),
            "SETUP_PASSWORD": EDITOR * 3,
            "PURGE_BACKEND": "",
            "SENTRY_DSN": "",
        }
        self.take_ports()

    def take_ports(self) -> None:
        """Anew for each site: nobody keeps them for the next."""
        self.port, self.cms_port = free_ports(2)
        self.origin = self.environment["CMS_URL"] = f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Cluster:
        if self._database is None:
            raise Failed("Only a PostgreSQL of its own is stopped.")
        return self._database

    def manage(self, *command: str) -> str:
        return self.run("manage.py", *command)

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Failed(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def fill(self, articles: int) -> None:
        self.manage("migrate", "--verbosity", "0")
        self.manage("setup", "--username", EDITOR, "--email", "chaos@example.com")
        self.manage("generate_content", "--articles", str(articles), "--tools", "20", "--comparisons", "5")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")

    def sql(self, statement: str, *parameters: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.address) as connection:
            return connection.execute(statement.encode(), parameters).fetchall()

    @contextmanager
    def site(self, **environment: str) -> Iterator["Site"]:
        self.take_ports()
        try:
            with Supervisor(self.folder / "log") as supervisor:
                found = Site(self, supervisor, self.environment | environment)
                found.start()
                yield found
        finally:
            # A supervisor that has ended its children listens to no signal any more.
            stop_on_signals()


@contextmanager
def stage(
    folder: Path, *, articles: int, address: str | None = None, data: Path | None = None, **settings: str
) -> Iterator[Stage]:
    """On the database at an address, or on a PostgreSQL of its own, whose files are in `data`."""
    with ExitStack() as stack:
        if address:
            found = Stage(folder, address, None)
        else:
            database = stack.enter_context(cluster(data, **DURABLE, **settings))
            with psycopg.connect(f"{database.address}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE chaos")
            found = Stage(folder, f"{database.address}/chaos", database)
        found.fill(articles)
        yield found


class Site:
    """Its processes; `origin` is nginx, `direct` is gunicorn without it."""

    def __init__(self, stage: Stage, supervisor: Supervisor, environment: dict[str, str]) -> None:
        self.stage, self.supervisor, self.environment = stage, supervisor, environment
        self.origin, self.direct = stage.origin, f"http://127.0.0.1:{stage.cms_port}"

    def start(self) -> None:
        self.gunicorn = self.start_gunicorn()
        self.worker = self.start_worker()
        self.nginx = self.start_nginx()
        self.gunicorn.wait_until(lambda: answers(f"{self.direct}/livez"), seconds=120)
        self.nginx.wait_until(lambda: answers(f"{self.origin}/livez"), seconds=30)

    def start_gunicorn(self) -> Child:
        command = [sys.executable, "-m", "gunicorn", "cms.wsgi", "--config", "python:cms.gunicorn"]
        address = f"127.0.0.1:{self.stage.cms_port}"
        return self.supervisor.start(
            "gunicorn", [*command, "--bind", address], log="gunicorn.log", env=self.environment
        )

    def start_worker(self) -> Child:
        return self.supervisor.start(
            "worker", [sys.executable, "manage.py", "worker"], log="worker.log", env=self.environment
        )

    def start_nginx(self) -> Child:
        found, variables = program("nginx", ["nginx"])
        folder = self.stage.folder / "nginx"
        folder.mkdir(exist_ok=True)
        os.chmod(folder, 0o777)
        (folder / "nginx.conf").write_text(
            CONFIGURATION.format(folder=folder, site=shipped(self.stage.port, self.stage.cms_port))
        )
        command: list[str | Path] = [found, "-c", folder / "nginx.conf", "-p", folder]
        if os.geteuid() == 0:
            command += ["-g", "user root;"]
        return self.supervisor.start("nginx", command, log="nginx.log", env=variables)

    def workers(self) -> list[int]:
        """The processes of gunicorn that answer."""
        return workers(self.gunicorn.process.pid)

    def wait_for_workers(self, gone: set[int]) -> None:
        """Until others than these answer, as many as before."""
        count = int(self.environment.get("WEB_CONCURRENCY", "2"))
        wait_until(
            lambda: len([pid for pid in self.workers() if pid not in gone and accepts(pid)]) >= count, 60, "New workers"
        )

    def kill_worker(self) -> None:
        """The one that does jobs; and start another, as whoever supervises it would."""
        self.worker.signal_group(signal.SIGKILL)
        self.worker.process.wait()
        self.supervisor.children.remove(self.worker)
        self.worker = self.start_worker()


def accepts(pid: int) -> bool:
    """Whether a worker has loaded everything and looks for connections: its epoll has the listening socket as well."""
    for each in Path(f"/proc/{pid}/fdinfo").glob("*"):
        with suppress(OSError):
            if each.read_text().count("tfd:") > 1:
                return True
    return False


def shipped(port: int, cms_port: int) -> str:
    """The configuration that we ship, but for addresses and the certificate."""
    text = (ROOT / "cms" / "nginx" / "cms.conf").read_text()
    text = re.sub(r"^\s+ssl_\w+ .*\n", "", text, flags=re.MULTILINE)
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};").replace("cms.example.com", "127.0.0.1")
    return text.replace("127.0.0.1:8000", f"127.0.0.1:{cms_port}")


def wait_until(claim: Callable[[], object], seconds: float, what: str) -> float:
    """How long it took."""
    began = time.monotonic()
    while not claim():
        if time.monotonic() - began > seconds:
            raise Failed(f"{what}: not within {seconds:.0f} s.")
        time.sleep(0.02)
    return time.monotonic() - began
