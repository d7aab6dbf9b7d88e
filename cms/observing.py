"""What a request or a job was and took, in one line of the log and in the metrics; never what it carried.

docs/operate.md tells the fields.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import connections
from django.http import HttpRequest, HttpResponse

from api import observed
from cms import logs, metrics, tracing

HEADER = "X-Request-ID"
LONGEST_PATH = 500

_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_requests = logging.getLogger("request")
_jobs = logging.getLogger("job")


class Statements:
    """Counts the statements of SQL that go through it, and the seconds until they were answered."""

    __slots__ = ("count", "seconds")

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], *given: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*given)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - began

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Those of every database."""
        with ExitStack() as stack:
            for each in connections.all():
                stack.enter_context(each.execute_wrapper(self))
            yield

    @property
    def fields(self) -> dict[str, Any]:
        return {"sql": self.count, "sql_ms": _ms(self.seconds)}


class ObservingMiddleware:
    """Around all others, but for the probes. A request keeps the id that it was given, if it is one; the answer has it
    too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        id = given if _SAFE_ID.fullmatch(given) else uuid4().hex
        mark = logs.request_id.set(id)
        try:
            statements = Statements()
            began = time.perf_counter()
            with tracing.span(request.META.get("HTTP_TRACEPARENT", "")) as tell:
                with statements.counted():
                    response = self.get_response(request)
                response[HEADER] = id
                fields = _tell(request, response, time.perf_counter() - began, statements)
                name = f"{request.method} {metrics.area_of(request.path)}"
                tell(name, {"request_id": id, **fields}, response.status_code >= 500)
            return response
        finally:
            logs.request_id.reset(mark)


def _tell(request: HttpRequest, response: HttpResponse, seconds: float, statements: Statements) -> dict[str, Any]:
    """The fields that were told."""
    fields = {
        "method": request.method,
        "path": _path(request),
        "status": response.status_code,
        "ms": _ms(seconds),
        **statements.fields,
    }
    # Whoever is signed in has been looked up already, or does not matter.
    user = getattr(request, "_cached_user", None)
    if user is not None and user.pk:
        fields["user"] = user.pk
    found = observed.of(request)
    if found:
        fields |= found.fields(response.status_code)
    level = logging.ERROR if response.status_code >= 500 else logging.INFO
    _requests.log(level, "", extra={"fields": fields})
    metrics.note(request, response.status_code, seconds, statements.count, found)
    return fields


def _path(request: HttpRequest) -> str:
    """Without the token with which somebody sets a new password."""
    path = request.path
    token = request.resolver_match and request.resolver_match.kwargs.get("token")
    if token:
        path = path.replace(str(token), logs.HIDDEN)
    return logs.scrubbed(path[:LONGEST_PATH])


@contextmanager
def job(name: str, attempt: int) -> Iterator[Callable[[], None]]:
    """Work that no request asked for: one line, with an id of its own, when it ends. Whoever does it calls what is
    yielded once it is done; otherwise it has failed.
    """
    id = uuid4().hex
    mark = logs.request_id.set(id)
    statements = Statements()
    fields: dict[str, Any] = {"job": name, "attempt": attempt, "outcome": "failed"}
    began = time.perf_counter()
    with tracing.span() as tell:
        try:
            with statements.counted():
                yield partial(fields.update, outcome="done")
        finally:
            fields |= {"ms": _ms(time.perf_counter() - began), **statements.fields}
            _jobs.info("", extra={"fields": fields})
            tell(name, {"request_id": id, **fields}, fields["outcome"] == "failed")
            logs.request_id.reset(mark)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
