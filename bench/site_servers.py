"""The reading site as it is served in production: gunicorn and PostgreSQL, Node, nginx in front of both, Varnish before
Node; and a Node that answers with pages word for word.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.figures import Server
from bench.nginx import front_command
from bench.servers import Started
from cms.bootstrap import ROOT, Failed, node
from cms.frontend import Build
from cms.supervisor import Supervisor, answers
from tests import debian
from tests.ports import free_port, free_ports

CONSTANT = """
const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');
const [port, folder] = process.argv.slice(1);
const pages = { '/': 'ready' };
createServer(({ url }, response) => {
  pages[url] ??= readFileSync(folder + url);
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(pages[url]);
}).listen(port, '127.0.0.1');
"""
EDITOR = "bench"
"""The name and the password of who edits."""
TAGS = {"CACHE_TAG_HEADER": "xkey"}


class Site:
    """A database and the addresses under which browsers know CMS and reading site: those of nginx."""

    def __init__(self, database: str, folder: Path) -> None:
        self.folder = folder
        self.cms_port, self.port = free_ports(2)
        self.cms, self.address = f"http://127.0.0.1:{self.cms_port}", f"http://127.0.0.1:{self.port}"
        self.environment = TAGS | {
            "DJANGO_SETTINGS_MODULE": "cms.settings.production",
            "SECRET_KEY": "only-for-measurements" * 3,
            "DATABASE_URL": database,
            "ALLOWED_HOSTS": "127.0.0.1",
            "CMS_URL": self.cms,
            "FRONTEND_URL": self.address,
            "ADMIN_ORIGINS": "",
            "CACHE_URL": "locmemcache://",
            "VAR_DIR": str(folder),
            "STATIC_ROOT": str(folder / "static"),
            "MEDIA_ROOT": str(folder / "media"),
            "PRIVATE_MEDIA_ROOT": str(folder / "private"),
            "SHARED_CACHE_SECONDS": "86400",
        }
        folder.mkdir(parents=True, exist_ok=True)

    def fill(self, amounts: Mapping[str, int], front_end: Mapping[str, str]) -> dict[str, Any]:
        """Make what is missing of the content; give what can be edited of it."""
        plan = self.folder / "plan.json"
        plan.write_text(json.dumps({"amounts": dict(amounts), "front_end": front_end}))
        self._run("-m", "bench.site_content", str(plan))
        self._run("manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        found: dict[str, Any] = json.loads(plan.read_text())
        return found

    def _run(self, *command: str) -> None:
        done = subprocess.run([sys.executable, *command], cwd=ROOT, env={**os.environ, **self.environment}, check=False)
        if done.returncode:
            raise Failed("The site to measure could not be made.")


def start_cms(supervisor: Supervisor, site: Site, name: str, **environment: str) -> Started:
    """As in the container, but that no worker is replaced by a new one: its start would be counted as an answer's."""
    port = free_port()
    child = supervisor.start(
        name,
        [sys.executable, "-m", "gunicorn", "cms.wsgi", "--config", "python:cms.gunicorn"]
        + ["--bind", f"127.0.0.1:{port}", "--max-requests", "0"],
        log=f"{name}.log",
        env={**site.environment, **environment},
    )
    return child, Server(port, child.process.pid)


def start_node(supervisor: Supervisor, site: Site, name: str, cms: Server) -> Started:
    port = free_port()
    variables = TAGS | {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "CMS_URL": f"http://127.0.0.1:{cms.port}",
        "CMS_ORIGINS": site.cms,
        "FRONTEND_URL": site.address,
    }
    command = [node(), Build().folder / "server" / "entry.mjs"]
    child = supervisor.start(name, command, log=f"{name}.log", env=variables)
    return child, Server(port, child.process.pid)


def start_constant(supervisor: Supervisor, pages: Path) -> Started:
    """A Node that does nothing but answer with the files of a folder."""
    port = free_port()
    child = supervisor.start("constant", [node(), "-e", CONSTANT, str(port), pages], log="constant.log")
    return child, Server(port, child.process.pid)


def start_nginx(supervisor: Supervisor, site: Site, *, cms: Server, front_end: Server) -> Started:
    """In front of both: compresses what it passes on, and sends the files of `media` itself."""
    program, variables = debian.program("nginx", ["nginx"])
    command = front_command(
        program, site.folder / "nginx", media=site.folder / "media",
        cms=site.cms_port, gunicorn=cms.port, site=site.port, node=front_end.port,
    )  # fmt: skip
    child = supervisor.start("nginx", command, log="nginx.log", env=variables)
    return child, Server(site.port, child.process.pid)


def ready(started: Started, path: str) -> Server:
    child, server = started
    child.wait_until(lambda: answers(f"http://127.0.0.1:{server.port}{path}"), seconds=120)
    return server


def build(supervisor: Supervisor) -> None:
    """The front end of the present sources."""
    found = Build()
    found.start(supervisor)
    found.finish(supervisor)
