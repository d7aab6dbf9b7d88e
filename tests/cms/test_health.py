from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms import health
from cms.version import version
from content.models.worker import Worker


@pytest.fixture(autouse=True)
def freshly_started(monkeypatch):
    monkeypatch.setattr(health, "_is_migrated", False)


def without_migrations(monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one", "two"])


def without_database():
    return patch.object(connections["default"], "cursor", side_effect=DatabaseError("gone"))


def test_alive_once_migrated(client, db):
    response = client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "version": version()})
    assert response["Cache-Control"] == "no-store"


def test_not_alive_before_the_migrations(client, db, monkeypatch):
    without_migrations(monkeypatch)
    response = client.get("/livez")
    assert (response.status_code, response.json()["status"]) == (503, "2 migrations have not been applied")


def test_still_alive_when_the_database_goes_away_later(client, db):
    client.get("/livez")
    with without_database():
        assert client.get("/livez").status_code == 200


def test_ready_with_everything(client, db):
    Worker.objects.create(id="one", seen_at=timezone.now(), round_at=timezone.now())
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "version": version(),
        "database": "ok",
        "cache": "ok",
        "worker": "ok",
    }


def test_not_ready_without_database(client, db):
    with without_database():
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "the database does not answer"
    assert "gone" not in response.content.decode()


def test_not_ready_before_the_migrations(client, db, monkeypatch):
    without_migrations(monkeypatch)
    assert client.get("/readyz").status_code == 503


def test_ready_without_cache_and_says_so(client, db, monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(type(cache._connections["default"]), "set", fail)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["cache"]) == (200, "the cache does not answer")


def test_ready_without_worker_and_says_so(client, db):
    assert client.get("/readyz").json()["worker"] == "has never run"
    Worker.objects.create(id="one", seen_at=timezone.now(), round_at=timezone.now() - timedelta(minutes=5))
    response = client.get("/readyz")
    assert (response.status_code, response.json()["worker"]) == (200, "silent for 300 s")


def test_no_probe_needs_a_known_host(client, db):
    assert client.get("/livez", headers={"host": "10.1.2.3"}).status_code == 200
    assert client.get("/graphql", headers={"host": "10.1.2.3"}).status_code == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_probes_only_read_and_open_no_transaction(client, path):
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    assert [query["sql"] for query in queries if not query["sql"].lstrip().upper().startswith("SELECT")] == []
