"""The servers that are measured: gunicorn as in the container, and nginx."""

import sys
from http.client import HTTPConnection

from bench.client import HEADERS
from bench.databases import Content
from bench.figures import Server
from bench.nginx import command
from cms.bootstrap import Failed
from cms.supervisor import Child, Supervisor, answers
from tests.debian import Program
from tests.ports import free_port

Started = tuple[Child, Server]
"""A server that may not listen yet."""


def start_gunicorn(supervisor: Supervisor, content: Content, name: str, **environment: str) -> Started:
    """As in the container, but that no worker is replaced by a new one: its start would be counted as an answer's."""
    port = free_port()
    child = supervisor.start(
        name,
        [sys.executable, "-m", "gunicorn", "cms.wsgi", "--config", "python:cms.gunicorn"]
        + ["--bind", f"127.0.0.1:{port}", "--max-requests", "0"],
        log=f"{name}.log",
        env={**content.environment, **environment},
    )
    return child, Server(port, child.process.pid)


def start_nginx(supervisor: Supervisor, content: Content, program: Program) -> Started:
    port = free_port()
    found, variables = program
    started = command(found, port=port, files=content.answers, folder=content.folder / "nginx")
    child = supervisor.start("nginx", started, log="nginx.log", env=variables)
    return child, Server(port, child.process.pid)


def ready(started: Started) -> Server:
    child, server = started
    child.wait_until(lambda: answers(f"http://127.0.0.1:{server.port}/livez"), seconds=120)
    return server


def ask(server: Server, path: str) -> tuple[bytes, str]:
    """The body of an answer and its ETag, empty if there is none."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path, headers=HEADERS)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200 or b'"errors"' in body[:20]:
        raise Failed(f"{path[:200]} was answered {response.status}: {body[:500].decode(errors='replace')}")
    return body, response.headers.get("ETag", "")


def conditional(server: Server, path: str) -> dict[str, str]:
    """The header with which a client asks that has the answer already; none if the answer has no ETag."""
    _, etag = ask(server, path)
    return {"If-None-Match": etag} if etag else {}
