"""The nginx and the Varnish that we ship, before a server that does as the test says."""

import http.client
import json
import os
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from chaos.site import CONFIGURATION, shipped
from cms.media import public_file
from content.admin.files import INERT
from tests.debian import program, serving, varnish
from tests.ports import free_port

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
ROOM = 64


class Backend:
    """Reads requests, and does with each connection what it is told; `seen` counts them by their first line."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self.listening.getsockname()[1]
        self.seen, self.act = Counter(), self.answer
        threading.Thread(target=self.accept, daemon=True).start()

    def stop(self):
        """Nobody listens any more, and `accept` ends."""
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        with connection:
            line = connection.recv(100_000).split(b"\r\n")[0].decode()
            self.seen[line] += 1
            self.act(connection, line)

    def answer(self, connection, line):
        connection.sendall(ANSWER)

    def die_once(self, connection, line):
        if self.seen[line] > 1:
            connection.sendall(ANSWER)


@pytest.fixture
def backend():
    backend = Backend()
    yield backend
    backend.stop()


@pytest.fixture
def behind_varnish(backend, tmp_path):
    with varnish(tmp_path, backend.port) as port:
        yield port


@contextmanager
def nginx(folder, port, site):
    found, variables = program("nginx", ["nginx"])
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, site=site))
    command = [found, "-c", folder / "nginx.conf", "-p", folder]
    if os.geteuid() == 0:
        command += ["-g", "user root;"]
    with serving(command, port, folder / "nginx.log", variables):
        yield


@pytest.fixture
def behind_nginx(backend, tmp_path):
    port = free_port()
    with nginx(tmp_path, port, shipped(port, backend.port)):
        yield port


def ask(port, method, path):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, path, body=b"{}" if method == "POST" else None)
        response = connection.getresponse()
        return response.status, response.headers.get("Retry-After"), response.read()


@pytest.fixture(params=["behind_nginx", "behind_varnish"])
def port(request):
    return request.getfixturevalue(request.param)


@contextmanager
def no_room(backend, port):
    """As many requests wait for the server as may."""
    go = threading.Event()

    def hold(connection, line):
        if "livez" not in line:
            go.wait(20)
        connection.sendall(ANSWER)

    backend.act = hold
    with ThreadPoolExecutor(ROOM) as pool:
        waiting = [pool.submit(ask, port, "GET", f"/graphql?{number}") for number in range(ROOM)]
        end = time.monotonic() + 10
        while sum(backend.seen.values()) < ROOM and time.monotonic() < end:
            time.sleep(0.02)
        yield
        go.set()
        assert Counter(each.result()[0] for each in waiting) == {200: ROOM}


def test_who_finds_no_room_is_told_to_come_back(backend, port):
    with no_room(backend, port):
        refused = [ask(port, "GET", path) for path in ("/graphql?more", "/graphql/", "/admin/")]
    assert [(status, again) for status, again, _ in refused] == [(503, "2")] * 3
    assert json.loads(refused[0][2])["errors"][0]["extensions"] == {"code": "INTERNAL"}
    assert b"Look whether" in refused[2][2]
    assert not any("more" in line for line in backend.seen)
    assert ask(port, "GET", "/graphql?more")[0] == 200, "and that is not kept"


def test_probes_find_room(backend, behind_nginx):
    with no_room(backend, behind_nginx):
        assert ask(behind_nginx, "GET", "/livez")[0] == 200


def test_what_only_reads_is_asked_once_more_and_what_writes_is_not(backend, behind_nginx):
    backend.act = backend.die_once
    assert ask(behind_nginx, "GET", "/graphql?query=x")[0] == 200
    assert ask(behind_nginx, "POST", "/graphql")[0] == 200
    assert ask(behind_nginx, "GET", "/admin/")[0] == 200
    assert ask(behind_nginx, "POST", "/admin/pages/")[:2] == (503, "2")
    assert backend.seen["POST /admin/pages/ HTTP/1.1"] == 1


def test_a_server_that_is_not_there_is_a_503(backend, port):
    backend.stop()
    assert ask(port, "GET", "/graphql")[:2] == (503, "2")


def test_slow_requests_do_not_reach_the_server(backend, behind_nginx):
    with socket.create_connection(("127.0.0.1", behind_nginx)) as slow:
        slow.sendall(b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{")
        time.sleep(0.5)
        assert not backend.seen
        slow.sendall(b'"a": 12}')
        assert slow.recv(100).startswith(b"HTTP/1.1 200")
    assert list(backend.seen) == ["POST /graphql HTTP/1.1"]


def test_what_is_larger_than_any_upload_is_refused_before_it_is_sent(backend, behind_nginx):
    def take(connection, line):
        connection.settimeout(0.5)
        with suppress(TimeoutError):
            while connection.recv(1_000_000):
                pass
        connection.sendall(ANSWER)

    backend.act = take
    with closing(http.client.HTTPConnection("127.0.0.1", behind_nginx, timeout=20)) as connection:
        connection.request("POST", "/admin/images/add/", body=bytes(21_000_000))
        assert connection.getresponse().status == 200
    backend.seen.clear()
    with socket.create_connection(("127.0.0.1", behind_nginx), timeout=20) as large:
        large.sendall(b"POST /admin/images/add/ HTTP/1.1\r\nHost: a\r\nContent-Length: 23100000\r\n\r\n")
        assert large.recv(100).startswith(b"HTTP/1.1 413")
    assert not backend.seen


OWN = "a" * 22


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder of public files, and what sends them by the configuration that we ship: `(MEDIA_ROOT, port)`."""
    folder, port = tmp_path_factory.mktemp("files"), free_port()
    configuration = Path("cms/nginx/media.conf").resolve()
    with nginx(folder, port, f"server {{ listen 127.0.0.1:{port}; root {folder}; include {configuration}; }}"):
        yield folder / "media", port


@pytest.mark.parametrize(
    "name",
    [
        *(f"original_images/{OWN}/a.{kind}" for kind in ("png", "jpg", "jpeg", "gif", "webp", "avif", "PNG")),
        *(f"released/{OWN}/a.png", f"released/{OWN}/in/a.png", "released/a.png", f"elsewhere/{OWN}/a.png"),
        *("original_images/a.png", "original_images/a.svg", "images/a.WebP", "a.html", "a"),
        *("documents/a.pdf", "documents/a.html", "documents/a.svg", "documents/a", "documents/a.png"),
    ],
)
def test_public_files_have_the_same_headers_from_nginx_as_from_django(files, name, rf, settings):
    settings.MEDIA_ROOT, port = files
    (settings.MEDIA_ROOT / name).parent.mkdir(parents=True, exist_ok=True)
    (settings.MEDIA_ROOT / name).write_bytes(b"<script>")
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", f"/media/{name}")
        sent = connection.getresponse()
    wanted = public_file(rf.get("/"), name)
    wanted.file_to_stream.close()
    named = ("Content-Type", *INERT, "Cross-Origin-Resource-Policy", "Cache-Control")
    assert sent.status == 200
    assert {header: sent.headers.get_all(header) for header in named} == {header: [wanted[header]] for header in named}
    saved = wanted.get("Content-Disposition", "").startswith("attachment")
    assert str(sent.headers["Content-Disposition"]).startswith("attachment") == saved
