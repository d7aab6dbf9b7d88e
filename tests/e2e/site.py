"""A whole Toolshelf of its own, started as `make up` starts it, for tests that need real servers."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from cms.bootstrap import ROOT, end_with_parent, node
from cms.frontend import Build
from tests import debian
from tests.ports import free_ports

_no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Site:
    """Where it is reached, and ways to look behind it."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port, self.frontend_port = free_ports(2)
        self.cms = f"http://127.0.0.1:{self.port}"
        self.cms_localhost = f"http://localhost:{self.port}"
        self.frontend = f"http://127.0.0.1:{self.frontend_port}"
        # Every variable that leads to a database or an address: neither this process's nor a developer's `.env` may
        # decide.
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "cms.settings.development",
            "VAR_DIR": str(var),
            "PORT": str(self.port),
            "FRONTEND_PORT": str(self.frontend_port),
            "DATABASE_URL": f"sqlite:///{var / 'db.sqlite3'}",
            "CACHE_URL": "locmemcache://",
            "MEDIA_ROOT": str(var / "media"),
            "PRIVATE_MEDIA_ROOT": str(var / "private"),
            "CMS_URL": self.cms,
            "FRONTEND_URL": self.frontend,
            "ADMIN_ORIGINS": f"{self.cms},{self.cms_localhost}",
        }

    def graphql(
        self, query: str, variables: dict[str, Any] | None = None, *, token: str | None = None
    ) -> dict[str, Any]:
        """The whole answer of the public API, errors included."""
        request = urllib.request.Request(
            f"{self.cms}/graphql", json.dumps({"query": query, "variables": variables or {}}).encode()
        )
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        answer: dict[str, Any] = json.loads(self.open(request)[1])
        return answer

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a front-end page."""
        return self.open(urllib.request.Request(f"{self.frontend}{path}"))

    def open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with _no_proxy.open(request, timeout=20) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def is_alive(self) -> bool:
        try:
            return self.open(urllib.request.Request(f"{self.cms}/livez"))[0] == 200
        except urllib.error.URLError:
            return False

    def copy_database(self, to: Path) -> None:
        with closing(sqlite3.connect(self.var / "db.sqlite3")) as database:
            database.execute("VACUUM INTO ?", [str(to)])

    def manage(self, *command: str) -> str:
        """Run `manage.py` on this site's database, while it runs, and return what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def shell(self, code: str) -> str:
        """Run Python with Django set up, on this site's database: `site.shell("from content.models… import …;
        print(…)")`.
        """
        return self.manage("shell", "--no-imports", "-c", code)

    def log(self, name: str) -> str:
        """The log of "cms", "frontend", "worker" or "setup" so far."""
        return (self.var / "log" / f"{name}.log").read_text()


@contextmanager
def running(site: Site, seconds: float = 240) -> Iterator["subprocess.Popen[str]"]:
    """Start `manage.py up`, wait for its "is up", and stop it at the end."""
    site.var.mkdir(parents=True, exist_ok=True)
    printed = site.var / "up.txt"
    with open(printed, "w") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=site.environment,
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
    try:
        deadline = time.monotonic() + seconds
        while "is up after" not in printed.read_text():
            assert process.poll() is None, printed.read_text()
            assert time.monotonic() < deadline, printed.read_text()
            time.sleep(0.2)
        yield process
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def untouched(site: Site, database: Path, **settings: str) -> Iterator[Site]:
    """The CMS of a site once more, over a copy of its database that no other test changes."""
    demo = Site(database.parent)
    demo.frontend = site.frontend
    demo.environment = site.environment | {
        "PORT": str(demo.port),
        "CMS_URL": demo.cms,
        "DATABASE_URL": f"sqlite:///{database}",
        **settings,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "cms.wsgi", "--bind", f"127.0.0.1:{demo.port}", "--no-control-socket"],
        cwd=ROOT,
        env=demo.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=end_with_parent,
    )
    try:
        deadline = time.monotonic() + 60
        while not demo.is_alive():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
        yield demo
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def reading(site: Site, database: Path, folder: Path) -> Iterator[Site]:
    """CMS and front end of a site once more, over a copy of this database."""
    reading = Site(folder)
    shutil.copy(database, folder / "db.sqlite3")
    reading.environment |= {name: site.environment[name] for name in ("MEDIA_ROOT", "PRIVATE_MEDIA_ROOT")}
    cms = [sys.executable, "-m", "gunicorn", "cms.wsgi", "--bind", f"127.0.0.1:{reading.port}", "--no-control-socket"]
    front_end = [node(), Build().folder / "server" / "entry.mjs"]
    # Patient: what is judged here is what pages say, by many at once.
    own = {"HOST": "127.0.0.1", "PORT": str(reading.frontend_port), "CMS_TIMEOUT_MS": "60000"}
    with (
        debian.serving([*cms, "--threads", "4"], reading.port, folder / "cms.log", reading.environment),
        debian.serving(front_end, reading.frontend_port, folder / "frontend.log", reading.environment | own),
    ):
        yield reading
