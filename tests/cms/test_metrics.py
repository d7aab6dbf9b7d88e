import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max
from prometheus_client.parser import text_string_to_metric_families

from api import purging
from api.documents import database
from api.documents.models import Event, Generation, Purged
from api.trusted import releases
from api.trusted.lookup import id_of
from cms import metrics
from cms.env import BASE_DIR
from cms.version import version
from content.models.worker import Worker
from tests.server import BEHIND_TLS, serving

SECRET = "let-me-see-what-it-did-until-now"
TOKEN = {"Authorization": f"Bearer {SECRET}"}
NAMED = "query ForMetrics { __typename }"
OPERATE = (BASE_DIR / "docs" / "operate.md").read_text()


@pytest.fixture
def figures(client, settings):
    """The value of a metric with these labels, summed up over the others; None where there is none."""
    settings.METRICS_TOKEN = SECRET

    def value(name, **labels):
        response = client.get("/metrics", headers={**TOKEN, "host": "10.1.2.3"})
        assert response.status_code == 200
        return summed(response.content.decode(), name, **labels)

    return value


def summed(text, name, **labels):
    found = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return sum(found) if found else None


def asked(client, **parameters):
    return client.get("/graphql", parameters)


def test_without_a_token_there_is_no_such_address(client, db, settings):
    assert client.get("/metrics", headers=TOKEN).status_code == client.get("/nothing").status_code == 404
    settings.METRICS_TOKEN = SECRET
    for wrong in ({}, {"Authorization": "Bearer "}, {"Authorization": SECRET}, {"Authorization": "Bearer let"}):
        response = client.get("/metrics", headers=wrong)
        assert (response.status_code, response.content, response["WWW-Authenticate"]) == (401, b"", "Bearer")
    assert client.get("/metrics", headers=TOKEN)["Cache-Control"] == "no-store"


def test_only_names_of_trusted_documents_are_labels(client, db, figures):
    releases.trust({id_of(NAMED): NAMED}, label="", keep=1)
    before = figures("toolshelf_request_seconds_count", operation="ForMetrics") or 0
    others = figures("toolshelf_request_seconds_count", operation="other") or 0
    asked(client, documentId=id_of(NAMED))
    asked(client, query=NAMED)
    asked(client, query=NAMED, documentId=id_of(NAMED))
    asked(client, query="query Anybody { __typename }")
    asked(client, query="query {")
    assert figures("toolshelf_request_seconds_count", operation="ForMetrics") == before + 1
    assert figures("toolshelf_request_seconds_count", operation="other") == others + 4
    assert figures("toolshelf_request_seconds_count", operation="Anybody") is None


def test_errors_cache_and_statements_are_counted(client, db, figures):
    counted = [
        ("toolshelf_requests_total", {"area": "graphql", "status": "4xx"}),
        ("toolshelf_requests_total", {"area": "other", "status": "4xx"}),
        ("toolshelf_graphql_errors_total", {"code": "TOKEN_INVALID"}),
        ("toolshelf_graphql_cache_total", {"result": "hit"}),
        ("toolshelf_graphql_cache_total", {"result": "miss"}),
        ("toolshelf_request_sql_statements_sum", {"area": "graphql"}),
    ]
    before = [figures(name, **labels) or 0 for name, labels in counted]
    for _ in range(2):
        asked(client, query="{ __typename }")
    client.get("/graphql", {"query": "{ __typename }"}, headers={"authorization": "Bearer forged"})
    client.get("/nothing/at/all")
    after = [figures(name, **labels) or 0 for name, labels in counted]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1, 1, 1, 3], (
        "the generation twice, and the token"
    )


def test_jobs_are_counted_by_queue_and_state(client, db, figures):
    assert figures("toolshelf_jobs", queue="default") == figures("toolshelf_jobs_age_seconds", queue="default") == 0
    now = timezone.now()

    def row(status, **given):
        values = {"args_kwargs": {}, "task_path": "x", "backend_name": "default", "run_after": get_date_max(), **given}
        pk = DBTaskResult.objects.create(status=status, **values).pk
        DBTaskResult.objects.filter(pk=pk).update(enqueued_at=now - timedelta(hours=1))

    row("READY", queue_name="images", run_after=now - timedelta(seconds=90))
    row("READY", queue_name="images", run_after=now + timedelta(minutes=9))
    row("RUNNING")
    row("READY")
    for _ in range(3):
        row("FAILED")
    row("SUCCESSFUL")
    counted = {
        (queue, state): figures("toolshelf_jobs", queue=queue, state=state)
        for queue in ("default", "images", "upkeep")
        for state in metrics.JOB_STATES
    }
    assert {key: value for key, value in counted.items() if value} == {
        ("images", "due"): 1,
        ("images", "later"): 1,
        ("default", "running"): 1,
        ("default", "due"): 1,
        ("default", "given_up"): 3,
    }
    assert 90 <= figures("toolshelf_jobs_age_seconds", queue="images") < 150
    assert 3600 <= figures("toolshelf_jobs_age_seconds", queue="default") < 3660
    assert figures("toolshelf_jobs_age_seconds", queue="upkeep") == 0


def test_silence_and_purges_are_told_by_a_few_queries(client, db, figures, settings, django_assert_num_queries):
    assert figures("toolshelf_info", version=version()) == 1
    assert figures("toolshelf_purge_waiting") is None
    settings.PURGE_BACKEND, settings.PURGE_URLS = "http", ["http://one.example/", "http://two.example/"]
    Generation.objects.update(value=12)
    Event.objects.all().delete()
    for number, address in enumerate(settings.PURGE_URLS):
        Purged.objects.create(address=address, generation=12 - 2 * number, repeated=0)
    for generation in (10, 11, 12):
        moment = timezone.now() - timedelta(seconds=100 * (13 - generation))
        Event.objects.create(generation=generation, created_at=moment, keys=[])
    ago = timezone.now() - timedelta(seconds=90)
    Worker.objects.create(id="one", seen_at=ago, round_at=ago)
    with django_assert_num_queries(5):
        assert figures("toolshelf_purge_waiting") == 2
    assert 200 <= figures("toolshelf_purge_lag_seconds") < 260
    assert 90 <= figures("toolshelf_silence_seconds", process="worker") < 150
    Purged.objects.update(generation=12)
    assert (figures("toolshelf_purge_waiting"), figures("toolshelf_purge_lag_seconds")) == (0, 0)


def test_metrics_answer_while_the_database_does_not(client, db, figures):
    assert figures("toolshelf_database_up") == 1
    with patch.object(connections["default"], "cursor", side_effect=DatabaseError("gone")):
        assert figures("toolshelf_database_up") == 0


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("metrics")
    with django_db_blocker.unblock(), serving(folder, WEB_CONCURRENCY="2", METRICS_TOKEN=SECRET) as server:
        yield server


@pytest.mark.django_db
def test_processes_are_counted_together_and_a_new_one_goes_on_counting(server):
    def count(name, **labels):
        return summed(server.ask("/metrics", TOKEN)[1].decode(), name, area="graphql", **labels) or 0

    def ask(times):
        for _ in range(times):
            assert server.ask("/graphql?query=%7B__typename%7D", BEHIND_TLS)[0].status == 200

    def processes():
        return {int(found) for found in re.findall(r"Booting worker with pid: (\d+)", server.log.read_text())}

    before = count("toolshelf_requests_total", status="2xx")
    ask(30)
    assert count("toolshelf_requests_total", status="2xx") == before + 30
    killed = processes()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while len(processes()) < 4 and time.monotonic() < deadline:
        time.sleep(0.1)
    ask(10)
    assert count("toolshelf_requests_total", status="2xx") == before + 40
    assert count("toolshelf_request_seconds_count", operation="other") == before + 40
    (folder,) = [
        path for path in Path("/dev/shm").glob("toolshelf-figures-*") if is_open_in(path, processes() - killed)
    ]
    assert {re.sub(r".*_|\.db", "", path.name) for path in folder.iterdir()} <= {"0", "1"}

    def wait_until_told_by(count):
        while len(list(folder.glob("gauge_live*"))) != count:
            assert time.monotonic() < deadline + 60, list(folder.iterdir())
            time.sleep(0.1)

    wait_until_told_by(2)
    os.kill(server.process.pid, signal.SIGTTOU)
    wait_until_told_by(1)


@pytest.mark.django_db(transaction=True)
def test_requests_are_answered_whatever_becomes_of_the_figures(tmp_path):
    """systemd empties /dev/shm when the user signs out, unless it is told not to."""
    with serving(tmp_path, METRICS_TOKEN=SECRET) as server:

        def ask():
            return server.ask("/graphql?query=%7B__typename%7D", BEHIND_TLS)[0].status

        server.ask("/livez")
        (folder,) = Path("/dev/shm").glob(f"toolshelf-figures-{server.process.pid}-*")
        shutil.rmtree(folder)
        assert ask() == 200
        assert "The figures of a request are lost: No such file or directory" in server.log.read_text()
        (worker,) = re.findall(r"Booting worker with pid: (\d+)", server.log.read_text())
        os.kill(int(worker), signal.SIGKILL)
        wait_until(folder.exists)
        assert ask() == 200
        assert summed(server.ask("/metrics", TOKEN)[1].decode(), "toolshelf_requests_total", area="graphql") == 1


def is_open_in(folder, pids):
    return any(str(folder) in Path(f"/proc/{pid}/maps").read_text() for pid in pids)


@pytest.mark.postgresql_only
@pytest.mark.django_db
def test_the_pool_is_told(server):
    server.ask("/graphql?query=%7B__typename%7D", BEHIND_TLS)
    text = server.ask("/metrics", TOKEN)[1].decode()
    assert 1 <= summed(text, "toolshelf_pool_size") <= 16
    assert (summed(text, "toolshelf_pool_used"), summed(text, "toolshelf_pool_waiting")) == (0, 0)


def test_every_metric_is_explained(client, db, figures, settings, monkeypatch):
    settings.PURGE_BACKEND = "http"
    # A real one is in test_replica.py.
    monkeypatch.setattr(database, "has_replica", lambda: True)
    monkeypatch.setattr(purging, "lag", timedelta)
    text = client.get("/metrics", headers=TOKEN).content.decode()
    told = {family.name for family in text_string_to_metric_families(text)}
    explained = re.findall(r"^\| `(toolshelf_\w+)", OPERATE, re.MULTILINE)
    assert sorted(re.sub("_total$", "", name) for name in explained) == sorted(told)
    assert len(told) > 10
    assert metrics.OTHER in OPERATE


@pytest.fixture
def started_in_the_background(tmp_path):
    """Start a gunicorn as the runbook does; gives the process that leads it, and the folder of its figures."""
    started = []

    def start():
        name = tmp_path / str(len(started))
        command = ["-m", "gunicorn", "wsgiref.simple_server:demo_app", "--config", "python:cms.gunicorn", "--daemon"]
        subprocess.run(
            [sys.executable, *command, "--pid", f"{name}.pid", "--bind", f"unix:{name}.sock"], cwd=BASE_DIR, check=True
        )
        wait_until(Path(f"{name}.sock").exists)
        started.append(int(Path(f"{name}.pid").read_text()))
        (folder,) = Path("/dev/shm").glob(f"toolshelf-figures-{started[-1]}-*")
        return started[-1], folder

    yield start
    for pid in started:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def wait_until(claim):
    deadline = time.monotonic() + 60
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_figures_go_with_their_gunicorn_and_not_when_another_starts(started_in_the_background):
    killed, left = started_in_the_background()
    blue, in_use = started_in_the_background()
    assert left.exists()
    assert in_use.exists()
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{killed}").exists())
    started_in_the_background()
    assert (left.exists(), in_use.exists()) == (False, True)
    os.kill(blue, signal.SIGTERM)
    wait_until(lambda: not in_use.exists())
