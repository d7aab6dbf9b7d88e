"""`/metrics`: what Prometheus asks for, of all processes of this server together.

With cms/gunicorn.py the processes keep their figures in files that whoever is asked reads; otherwise there is one
process. docs/operate.md explains each metric.
"""

import logging
import os
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.db import Error, connections
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from api import purging
from api.documents import database
from api.observed import Observed
from cms.version import version
from content import jobs
from content.models.worker import Worker

disable_created_metrics()
OTHER = "other"
JOB_STATES = ("due", "later", "running", "given_up")

registry = CollectorRegistry()
logger = logging.getLogger("cms.metrics")

REQUESTS = Counter("toolshelf_requests", "Requests by area and class of status.", ["area", "status"], registry=registry)
SECONDS = Histogram(
    "toolshelf_request_seconds",
    "Seconds until an answer was ready.",
    ["area", "operation"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=registry,
)
STATEMENTS = Histogram(
    "toolshelf_request_sql_statements",
    "Statements of SQL for a request.",
    ["area"],
    buckets=(0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 100, 300, 1_000),
    registry=registry,
)
CACHE = Counter("toolshelf_graphql_cache", "Requests to /graphql by what the cache did.", ["result"], registry=registry)
ERRORS = Counter("toolshelf_graphql_errors", "Answers with errors, by the first code.", ["code"], registry=registry)
POOL_SIZE = Gauge("toolshelf_pool_size", "Connections to the database.", registry=registry, multiprocess_mode="livesum")
POOL_USED = Gauge("toolshelf_pool_used", "Connections that are in use.", registry=registry, multiprocess_mode="livesum")
POOL_WAITING = Gauge(
    "toolshelf_pool_waiting", "Requests that wait for one.", registry=registry, multiprocess_mode="livesum"
)


def note(request: HttpRequest, status: int, seconds: float, statements: int, observed: Observed | None) -> None:
    """Count a request that was answered. It stays answered whatever has become of the files of the figures."""
    try:
        _note(request, status, seconds, statements, observed)
    except OSError as error:
        logger.warning("The figures of a request are lost: %s", error.strerror)


def _note(request: HttpRequest, status: int, seconds: float, statements: int, observed: Observed | None) -> None:
    area, operation = area_of(request.path), ""
    if observed:
        # Names of operations are anybody's, but for those of trusted documents.
        operation = observed.operation if observed.is_trusted and observed.operation else OTHER
        CACHE.labels(observed.cache_result(status)).inc()
        if observed.error:
            ERRORS.labels(observed.error).inc()
    REQUESTS.labels(area, f"{status // 100}xx").inc()
    SECONDS.labels(area, operation).observe(seconds)
    STATEMENTS.labels(area).observe(statements)


def area_of(path: str) -> str:
    first = path.split("/", 2)[1]
    return first if first in ("graphql", "admin", "static") else OTHER


@receiver(request_finished)
def note_pool(**_: Any) -> None:
    """After the connection of a request was given back, which Django does for the same signal."""
    pools: list[Any] = [getattr(each, "pool", None) for each in connections.all()]  # PostgreSQL's only
    found = [pool.get_stats() for pool in pools if pool]
    if found:
        size = _sum(found, "pool_size")
        POOL_SIZE.set(size)
        POOL_USED.set(size - _sum(found, "pool_available"))
        POOL_WAITING.set(_sum(found, "requests_waiting"))


def _sum(stats: list[dict[str, int]], name: str) -> int:
    return sum(each.get(name, 0) for each in stats)


# What the database knows ----------------------------------------------------------------------------------------------


class DatabaseFigures(Collector):
    """Asked for at each scrape: as many queries whatever is there."""

    def collect(self) -> Iterator[Metric]:
        yield _gauge("toolshelf_info", "The release that answers.", {(version(),): 1}, ["version"])
        try:
            found = [*_silences(), *_jobs(), *_purges(), *_replica()]
        except Error:
            found = []
        yield _gauge("toolshelf_database_up", "Whether the database answered.", {(): int(bool(found))})
        yield from found


def _silences() -> Iterator[Metric]:
    """One query."""
    silence = Worker.silence()
    silences = {("worker",): silence.total_seconds()} if silence else {}
    words = "Seconds since a background process was last heard of."
    yield _gauge("toolshelf_silence_seconds", words, silences, ["process"])


def _jobs() -> Iterator[Metric]:
    """One query."""
    found = {each["queue"]: each for each in jobs.figures()}
    counts: dict[Any, float] = {}
    ages: dict[Any, float] = {}
    for queue in settings.TASKS["default"]["QUEUES"]:
        of_queue = found.get(queue)
        for state in JOB_STATES:
            counts[queue, state] = of_queue[state] if of_queue else 0  # type: ignore[literal-required]
        since = of_queue and of_queue["since"]
        ages[(queue,)] = (timezone.now() - since).total_seconds() if since else 0
    yield _gauge("toolshelf_jobs", "Jobs that are not done.", counts, ["queue", "state"])
    yield _gauge("toolshelf_jobs_age_seconds", "Seconds since the oldest that is due was to be done.", ages, ["queue"])


def _purges() -> Iterator[Metric]:
    """Three queries at most."""
    if not settings.PURGE_BACKEND:
        return
    waiting, since = purging.waiting()
    lag = (timezone.now() - since).total_seconds() if since else 0
    yield _gauge("toolshelf_purge_waiting", "Changes that a cache has not been told.", {(): waiting})
    yield _gauge("toolshelf_purge_lag_seconds", "Seconds since the oldest of them.", {(): lag})


def _replica() -> Iterator[Metric]:
    """Three queries at most."""
    if not database.has_replica():
        return
    try:
        lag = purging.lag()
    except Error:
        lag = None
    yield _gauge("toolshelf_replica_up", "Whether the replica answered.", {(): int(lag is not None)})
    words = "Seconds since the oldest change that the replica lacks."
    yield _gauge("toolshelf_replica_lag_seconds", words, {} if lag is None else {(): lag.total_seconds()})


def _gauge(name: str, words: str, values: dict[Any, float], labels: list[str] | None = None) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels or [])
    for given, value in values.items():
        family.add_metric(given, value)
    return family


# Who may ask ----------------------------------------------------------------------------------------------------------


class MetricsMiddleware:
    """Beside the probes. Without METRICS_TOKEN there is no such address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != "/metrics" or not settings.METRICS_TOKEN:
            return self.get_response(request)
        if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"})
        return HttpResponse(_text(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _text() -> bytes:
    asked = registry
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        asked = CollectorRegistry()
        MultiProcessCollector(asked)
    figures = CollectorRegistry()
    figures.register(DatabaseFigures())
    return generate_latest(asked) + generate_latest(figures)
