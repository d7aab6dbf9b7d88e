"""Two questions an operator's machinery asks: is this process of use (`/livez`), and may it be given traffic
(`/readyz`)?

Both answer before any other middleware, so that a probe needs no valid Host header, no HTTPS and no session, and both
only read, outside any transaction: they answer while a writer holds one.
"""

from collections.abc import Callable

from django.core.cache import cache
from django.db import Error, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from api.documents import database
from cms.version import version
from content.models.worker import SILENT_AFTER, Worker
from content.outages import once_more


class HealthMiddleware:
    """First of all middlewares."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answers = {"/livez": livez, "/readyz": readyz}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.answers.get(request.path)
        if answer is None:
            return self.get_response(request)
        response = answer()
        response["Cache-Control"] = "no-store"
        return response


_is_migrated = False


def livez() -> JsonResponse:
    """200 once the database has been migrated; after that without asking the database, whose trouble no restart of ours
    would cure.
    """
    trouble = None if _is_migrated else migration_trouble()
    return JsonResponse({"status": trouble or "ok", "version": version()}, status=503 if trouble else 200)


def readyz() -> JsonResponse:
    """503 only for what makes every answer fail; the trouble of helpers is told in the body."""
    trouble = database_trouble() or (None if _is_migrated else migration_trouble())
    body = {
        "status": "failed" if trouble else "ok",
        "version": version(),
        "database": trouble or "ok",
        "cache": cache_trouble() or "ok",
        **({"replica": replica_trouble() or "ok"} if database.has_replica() else {}),
        "worker": "unknown" if trouble else worker_trouble() or "ok",
    }
    return JsonResponse(body, status=503 if trouble else 200)


def database_trouble() -> str | None:
    try:
        once_more(_ask_database)
    except Error:
        return "the database does not answer"
    return None


def replica_trouble() -> str | None:
    try:
        with connections[database.REPLICA].cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "the replica does not answer: the database answers readers"
    return None


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def migration_trouble() -> str | None:
    """Loads every migration, so the good news is kept: a migrated database stays migrated."""
    global _is_migrated
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return "the database does not answer"
    _is_migrated = not missing
    return f"{len(missing)} migrations have not been applied" if missing else None


def cache_trouble() -> str | None:
    try:
        cache.set("readyz", "ok", 10)
        return None if cache.get("readyz") == "ok" else "the cache forgets"
    except Exception:  # every backend has exceptions of its own
        return "the cache does not answer"


def worker_trouble() -> str | None:
    try:
        silence = Worker.silence()
    except Error:
        return "unknown"
    if silence is None:
        return "has never run"
    return f"silent for {silence.total_seconds():.0f} s" if silence > SILENT_AFTER else None
