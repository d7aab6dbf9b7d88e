"""The server of production, with its settings: what only gunicorn and a socket can show."""

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import closing

import pytest

from cms.env import BASE_DIR
from tests.processes import shared_database

pytestmark = pytest.mark.django_db
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "cms.settings.production",
    "SECRET_KEY": "only-for-these-tests-" * 3,
    "ALLOWED_HOSTS": "cms.example.com",
    "CMS_URL": "https://cms.example.com",
    "FRONTEND_URL": "https://www.example.com",
    "PROXY_COUNT": "1",
}
BEHIND_TLS = {"Host": "cms.example.com", "X-Forwarded-Proto": "https"}
QUERY = "/graphql?query=%7B__typename%7D"
ANSWER = b'{"data": {"__typename": "Query"}, "extensions": {"cost": {"cost": 1, "limit": 50000}}}'


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    """Its port, and the file of its log."""
    folder = tmp_path_factory.mktemp("server")
    with (
        django_db_blocker.unblock(),
        shared_database(folder) as database,
        socket.create_server(("127.0.0.1", 0)) as listening,
        (folder / "log").open("wb") as log,
    ):
        # It inherits a socket that listens already: nobody else can take the port, and early requests wait.
        command = [sys.executable, "-m", "gunicorn", "cms.wsgi", "--bind", f"fd://{listening.fileno()}"]
        process = subprocess.Popen(
            [*command, "--worker-class", "gthread", "--threads", "4", "--no-control-socket", "--access-logfile", "-"],
            cwd=BASE_DIR,
            env={**os.environ, **SETTINGS, "DATABASE_URL": database, "STATIC_ROOT": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[listening.fileno()],
        )
        try:
            yield listening.getsockname()[1], folder / "log"
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def ask(server):
    port, _ = server

    def send(address, headers=BEHIND_TLS, method="GET"):
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.putrequest(method, address, skip_host=True)
            for name, value in {**headers, "Connection": "close"}.items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            return response, response.read()

    return send


def test_it_answers(ask):
    response, content = ask(QUERY)
    assert (response.status, content) == (200, ANSWER)
    assert response.getheader("Set-Cookie") is None
    assert "cookie" not in response.getheader("Vary").lower()


def test_a_forwarding_header_with_underscores_is_ignored(ask):
    response, _ = ask(QUERY, {"Host": "cms.example.com", "X_Forwarded_Proto": "https"})
    assert (response.status, response.getheader("Location")) == (301, f"https://cms.example.com{QUERY}")
    response, content = ask(
        QUERY, {**BEHIND_TLS, "X_Forwarded_Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    )
    assert (response.status, content) == (200, ANSWER)


@pytest.mark.parametrize("charset", ["hex", "rot13", "undefined", "idna", "utf-16", "base64", "none"])
def test_no_charset_is_a_server_error(ask, charset):
    response, content = ask(QUERY, {**BEHIND_TLS, "Content-Type": f"application/json; charset={charset}"})
    assert response.status in (200, 400)
    assert content == ANSWER or b'"BAD_USER_INPUT"' in content


def test_there_is_no_page_to_try_queries_on_and_no_introspection(ask):
    response, content = ask("/graphql", {**BEHIND_TLS, "Accept": "text/html, */*;q=0.8"})
    assert (response.status, response.getheader("Content-Type")) == (400, "application/json; charset=utf-8")
    assert b"html" not in content
    for query in ("%7B__schema%7Btypes%7Bname%7D%7D%7D", "%7B__type(name:%22Tool%22)%7Bname%7D%7D"):
        _, content = ask(f"/graphql?query={query}")
        assert b'"GRAPHQL_VALIDATION_FAILED"' in content
        assert b'"data"' not in content


def test_head_has_the_headers_of_get_and_no_body(ask):
    (got, _), (head, content) = ask(QUERY), ask(QUERY, method="HEAD")
    assert (head.status, content) == (200, b"")
    assert head.getheader("Content-Length") == got.getheader("Content-Length") == str(len(ANSWER))


def test_a_websocket_is_not_opened(ask):
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "eA==",
    }
    response, content = ask(QUERY, {**BEHIND_TLS, **upgrade})
    assert (response.status, content) == (200, ANSWER)


@pytest.mark.parametrize(
    "address",
    [
        "/graphql%0D%0Aforged",
        "/graphql?query=%0D%0A%1B[31mforged",
        "/nothing%1B[31m%0Aforged",
        "/graphql?forged=%C2%9B",
    ],
)
def test_a_request_is_one_line_of_the_log(ask, server, address):
    before = server[1].read_bytes()
    ask(address, {**BEHIND_TLS, "User-Agent": "\x1b[31m forged \x9b", "Referer": "a\x1b[31m"})
    ask(QUERY)
    deadline = time.monotonic() + 10
    while (new := server[1].read_bytes().removeprefix(before)).count(b"__typename") < 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    lines = new.decode().splitlines()
    assert all(line.isprintable() for line in lines), lines
    assert not [line for line in lines if line.lstrip().startswith("forged")]
