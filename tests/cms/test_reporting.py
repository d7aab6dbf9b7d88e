"""What reaches Sentry: a receiver takes it over HTTP from the server of production."""

import gzip
import json
import sqlite3
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cms import reporting
from cms.version import version
from tests.server import BEHIND_TLS, serving


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def sentry():
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.received = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


SECRET = "hush-hush"


@pytest.mark.django_db(transaction=True)
def test_an_error_is_reported_without_what_the_request_carried(sentry, tmp_path):
    with closing(sqlite3.connect(tmp_path / "damaged.sqlite3")) as damaged:
        damaged.execute(
            "CREATE TABLE api_generation AS SELECT 1 id, 1 value, '' changed_at, 'damaged' sites, '[]' expiries"
        )
        damaged.commit()
    settings = {
        "SENTRY_DSN": f"http://key@127.0.0.1:{sentry.server_port}/1",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'damaged.sqlite3'}",  # every question fails
    }
    body = json.dumps({"query": f"query ($a: String!) {{ {SECRET} }}", "variables": {"a": f"{SECRET}@example.com"}})
    headers = {
        **BEHIND_TLS,
        "Content-Type": "application/json",
        "X-Request-ID": "reported-0001",
        "X-Api-Key": "Bearer " + "hush-hush--" * 4,
        "Cookie": f"sessionid={SECRET}",
        "User-Agent": SECRET,
    }
    with serving(tmp_path, **settings) as server:
        response, _ = server.ask(f"/graphql?secret={SECRET}", headers, "POST", body.encode())
        assert response.status == 500
        deadline = time.monotonic() + 30
        while not sentry.received and time.monotonic() < deadline:
            time.sleep(0.05)
    text = b"".join(sentry.received).decode()
    assert SECRET not in text
    (event,) = [found for found in map(json.loads, text.splitlines()) if "exception" in found]
    assert (event["release"], event["tags"]) == (version(), {"request_id": "reported-0001"})
    assert event["request"] == {"method": "POST"}
    assert event["exception"]["values"][-1]["value"].startswith("Expecting value: ")
    assert "api/views.py" in text
    assert set(event) <= {*reporting.KEPT, "exception", "logentry", "message", "request", "tags"}


def test_words_and_tracebacks_are_scrubbed():
    frame = {"function": "fail", "vars": {"password": SECRET}}
    value = {"type": "E", "value": "for ada@example.com, token=abc", "stacktrace": {"frames": [frame]}}
    given = {
        "level": "error",
        "exception": {"values": [value]},
        "logentry": {"message": "for %s", "params": [SECRET]},
        "user": {"email": SECRET},
        "extra": {"sys.argv": [SECRET]},
        "breadcrumbs": {"values": [{"message": SECRET}]},
    }
    assert reporting.scrubbed(given, {}) == {
        "level": "error",
        "exception": {
            "values": [{"type": "E", "value": "for …, token=…", "stacktrace": {"frames": [{"function": "fail"}]}}]
        },
        "logentry": {"message": "for %s"},
    }
