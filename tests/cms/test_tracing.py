"""Which spans reach a collector: a receiver takes them over HTTP from the server of production, and from a worker."""

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, get_current_span

from cms import env, observing, tracing
from cms.version import version
from tests.processes import ROOT, shared_database, variables
from tests.server import BEHIND_TLS, serving

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "hush-hush"
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, body))
        self.server.answers.wait()
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def collector():
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.received = []
        server.answers = threading.Event()
        server.answers.set()
        server.variables = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.answers.set()
        server.shutdown()


def spans(collector):
    """By name, with their attributes."""
    found = {}
    for path, body in collector.received:
        assert path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            told = {each.key: each.value.string_value for each in resource.resource.attributes}
            assert (told["service.name"], told["service.version"]) == ("toolshelf", version())
            for span in resource.scope_spans[0].spans:
                values = {each.key: each.value for each in span.attributes}
                found.setdefault(span.name, []).append((span, values))
    return found


def test_a_request_is_a_span_of_its_trace_without_what_it_carried(collector, tmp_path):
    headers = {
        **BEHIND_TLS,
        "traceparent": f"00-{TRACE}-{PARENT}-01",
        "tracestate": SECRET,
        "baggage": f"user={SECRET}",
        "X-Request-ID": "traced-0001",
        "Cookie": f"sessionid={SECRET}",
        "User-Agent": SECRET,
    }
    with serving(tmp_path, **collector.variables) as server:
        response, _ = server.ask(f"/graphql?query=query%20Named%7B__typename%7D&secret={SECRET}", headers)
        assert response.status == 200
        assert server.ask(f"/{SECRET}@example.com", BEHIND_TLS)[0].status == 404
        body = {"query": "query($term: String!) { search(query: $term) { totalCount } }", "variables": {"term": SECRET}}
        headers |= {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
        assert server.ask("/graphql", headers, "POST", json.dumps(body).encode())[0].status == 401
        deadline = time.monotonic() + 30
        while len(spans(collector)) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        line, _ = server.lines("traced-0001", 2)
    found = spans(collector)
    assert set(found) == {"GET graphql", "GET other", "POST graphql"}
    ((span, values),) = found["GET graphql"]
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert (span.kind, span.status.code) == (Span.SPAN_KIND_SERVER, Status.STATUS_CODE_UNSET)
    of_line = set(line) - {"time", "level", "logger", "message"}
    assert set(values) == {f"toolshelf.{name}" for name in of_line}
    assert values["toolshelf.operation"].string_value == "Named"
    assert values["toolshelf.status"].int_value == 200
    assert values["toolshelf.sql"].int_value == line["sql"] > 0
    assert found["GET other"][0][0].trace_id.hex() != TRACE
    assert found["POST graphql"][0][1]["toolshelf.error"].string_value == "TOKEN_INVALID"
    assert SECRET.encode() not in b"".join(body for _, body in collector.received)


def test_a_request_that_fails_and_a_job_are_told(collector, tmp_path):
    with serving(tmp_path, **collector.variables, DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}") as server:
        assert server.ask("/graphql?query=%7B__typename%7D")[0].status >= 500
    (tmp_path / "jobs").mkdir()
    with shared_database(tmp_path / "jobs") as database:
        environment = {**os.environ, **variables(database), **collector.variables}
        command = [sys.executable, "manage.py", "worker", "--once"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    found = spans(collector)
    ((failed, _),) = found["GET graphql"]
    assert failed.status.code == Status.STATUS_CODE_ERROR
    ((job, values),) = found["content.jobs.prune"]
    assert (job.kind, job.parent_span_id) == (Span.SPAN_KIND_CONSUMER, b"")
    assert (values["toolshelf.outcome"].string_value, values["toolshelf.attempt"].int_value) == ("done", 1)


def test_a_job_that_falls_over_is_told_as_failed_without_its_error(monkeypatch):
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("toolshelf"))
    with pytest.raises(OSError, match=SECRET), observing.job("content.jobs.prune", 2):
        raise OSError(SECRET)
    (span,) = kept.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes["toolshelf.outcome"] == "failed"
    assert SECRET not in span.to_json()


def test_without_an_address_there_are_no_spans(monkeypatch):
    monkeypatch.setattr(env, "OTEL_EXPORTER_OTLP_ENDPOINT", "")
    monkeypatch.setattr(tracing, "_tracer", None)
    tracing.start()
    with tracing.span("") as tell:
        tell("GET graphql", {}, False)
        assert not get_current_span().is_recording()


def test_a_collector_that_does_not_answer_keeps_nobody_waiting(collector, tmp_path):
    collector.answers.clear()
    # Longer than the request below is waited for.
    with serving(tmp_path, **collector.variables, OTEL_EXPORTER_OTLP_TIMEOUT="90") as server:
        for _ in range(2):
            assert server.ask("/graphql?query=%7B__typename%7D")[0].status == 200
            deadline = time.monotonic() + 30
            while not collector.received and time.monotonic() < deadline:
                time.sleep(0.05)
        assert collector.received
        assert not collector.answers.is_set()
        collector.answers.set()


def test_a_collector_that_is_away_stops_nothing(tmp_path):
    with serving(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", OTEL_BSP_SCHEDULE_DELAY="50") as server:
        for _ in range(3):
            assert server.ask("/graphql?query=%7B__typename%7D")[0].status == 200
            time.sleep(0.1)
