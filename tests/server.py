"""The server of production, with its settings and behind a socket, on the test's own database."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from cms.env import BASE_DIR
from tests.processes import shared_database

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "cms.settings.production",
    "SECRET_KEY": "x7Kq2-vB9_mLwZ4" * 4,
    "ALLOWED_HOSTS": "cms.example.com",
    "CMS_URL": "https://cms.example.com",
    "FRONTEND_URL": "https://www.example.com",
    "PROXY_COUNT": "1",
    "WEB_CONCURRENCY": "1",
    "THREADS": "4",
}
BEHIND_TLS = {"Host": "cms.example.com", "X-Forwarded-Proto": "https"}


class Server:
    def __init__(self, port: int, log: Path, process: "subprocess.Popen[bytes]") -> None:
        self.port, self.log, self.process = port, log, process

    def ask(
        self, address: str, headers: dict[str, str] = BEHIND_TLS, method: str = "GET", body: bytes | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """By a connection of its own; the path and the headers are sent as they are."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.putrequest(method, address, skip_host=True)
            length = {} if body is None else {"Content-Length": str(len(body))}
            for name, value in {**headers, **length, "Connection": "close"}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return response, response.read()

    def lines(self, request_id: str, count: int = 1, seconds: float = 10) -> list[dict[str, Any]]:
        """The lines of the log that have this id, as soon as there are so many."""
        deadline = time.monotonic() + seconds
        while True:
            found = [line for line in self.all_lines() if line.get("request_id") == request_id]
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.05)

    def all_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[Server]:
    with (
        shared_database(folder) as database,
        socket.create_server(("127.0.0.1", 0)) as listening,
        (folder / "server.log").open("wb") as log,
    ):
        # It inherits a socket that listens already: nobody else can take the port, and early requests wait.
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "cms.wsgi", "--config", "python:cms.gunicorn"]
            + ["--bind", f"fd://{listening.fileno()}"],
            cwd=BASE_DIR,
            env={**os.environ, **SETTINGS, "DATABASE_URL": database, "STATIC_ROOT": str(folder), **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[listening.fileno()],
        )
        try:
            yield Server(listening.getsockname()[1], folder / "server.log", process)
        finally:
            process.terminate()
            process.wait(30)
