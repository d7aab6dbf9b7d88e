"""Telling caches in front of the API which answers have changed, after each change to what is public.

    commit ─▶ a job: the tags of every change since the last one that this cache was told ─▶ remembered in `Purged`
                 └─ fails: tried again, with growing pauses
    later  ─▶ the same once more: a request that was being answered meanwhile may have stored the old answer, and so
              may one that was answered by a replica which was away before

Each address in PURGE_URLS is one cache with a memory of its own: one that was away is told everything, or that
everything has changed.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Protocol

import urllib3
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from api.copies import is_copy
from api.documents import database, tags
from api.documents.models import Event, Generation, Purged
from content.jobs import enqueue, enqueue_later, job

SECONDS = 2.0
"""Until a cache has to have answered."""
MOST_CHANGES = 100
"""Of more changes than these a cache is told that everything has changed."""
LETTERS = 4_000
"""Of tags in one request: Varnish takes 8 kB for a header."""
CATCH_UP = 1.0
"""Seconds for which a replica that lags is waited for, before the job is tried again later."""
SLACK = 2.0
"""Seconds that an answer takes beside its query."""


class Failed(Exception):
    """A cache did not do what it was told."""


class Backend(Protocol):
    """How a kind of cache is told; PURGE_BACKEND may name any such class by its path."""

    def purge(self, address: str, tags: Sequence[str]) -> None:
        """Forget every answer with one of these tags, at once. Raises Failed, or an error of urllib3."""


class Varnish:
    """Varnish with the module xkey and cms/varnish/default.vcl."""

    def purge(self, address: str, tags: Sequence[str]) -> None:
        for part in _parts(tags):
            _send("PURGE", address, {"xkey-purge": " ".join(part)})


class Http:
    """Anything else: POST with {"tags": […]}, as the purging address of a CDN or a function in front of it takes it."""

    def purge(self, address: str, tags: Sequence[str]) -> None:
        headers = {"Content-Type": "application/json"}
        if settings.PURGE_TOKEN:
            headers["Authorization"] = f"Bearer {settings.PURGE_TOKEN}"
        for part in _parts(tags):
            _send("POST", address, headers, json.dumps({"tags": part}))


BACKENDS = {"varnish": "api.purging.Varnish", "http": "api.purging.Http"}
_pool = urllib3.PoolManager(timeout=urllib3.Timeout(total=SECONDS), retries=False)


def _send(method: str, address: str, headers: dict[str, str], body: str | None = None) -> None:
    response = _pool.request(method, address, headers=headers, body=body, redirect=False)
    if response.status >= 300:
        raise Failed(f"{method} {address} was answered with {response.status}")


def _parts(names: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for name in names:
        if part and sum(map(len, part)) + len(part) + len(name) > LETTERS:
            yield part
            part = []
        part.append(name)
    yield part


def backend() -> Backend:
    """The kind of cache that is told. Raises ImportError for one that does not exist (`manage.py check` says so)."""
    found: Backend = import_string(BACKENDS.get(settings.PURGE_BACKEND, settings.PURGE_BACKEND))()
    return found


def purge_soon() -> None:
    """Have the caches told once the current transaction is committed, and again after the longest request; nothing
    without PURGE_BACKEND. Two queries.
    """
    if settings.PURGE_BACKEND:
        enqueue(tell_caches)
        enqueue_later(_longest_request(), tell_caches)


def _longest_request() -> timedelta:
    return timedelta(seconds=settings.MAX_QUERY_SECONDS + SLACK)


# Before Wagtail's indexes of the same change: readers wait for this one.
@job("Tell caches what has changed", priority=10)
def tell_caches() -> None:
    """Tell every cache what it has not been told; two queries for each, and one for each change. May run twice: a cache
    forgets once more. A copy tells nobody: the caches are those of another site. Raises Failed when one was
    not told, after all others were.
    """
    if is_copy():
        return
    if not settings.PURGE_BACKEND:
        return
    (now, is_lasting), last = _shown(), _generation()
    troubles = [] if now >= last else [f"The replica has not caught up with change {last}: it shows {now}."]
    for address in settings.PURGE_URLS:
        try:
            _tell(address, now, is_lasting=is_lasting)
        except (Failed, urllib3.exceptions.HTTPError) as error:
            troubles.append(f"The cache at {address} was not told what has changed: {error}")
    if troubles:
        raise Failed("\n".join(troubles))


def _generation() -> int:
    return Generation.objects.values_list("value", flat=True).first() or 0


def _shown() -> tuple[int, bool]:
    """The last change that readers see, and whether they go on seeing it: a replica that is away may come back without.
    One that lags is waited for, a moment: a cache that is told before would fetch the old answer again.
    """
    last, end = _generation(), monotonic() + CATCH_UP
    while True:
        shown, is_lasting = database.for_readers(lambda: (_generation(), not database.is_in_place_of_replica()))
        if shown >= last or monotonic() > end:
            return shown, is_lasting
        sleep(0.02)


def lag() -> timedelta:
    """How long ago the oldest change was made that the replica lacks. Three queries; raises an error of the database
    when the replica does not answer.
    """
    shown = Generation.objects.using(database.REPLICA).values_list("value", flat=True).first() or 0
    if shown >= _generation():
        return timedelta()
    missing = Event.objects.filter(generation__gt=shown).order_by("generation")
    oldest = missing.values_list("created_at", flat=True).first()
    return timezone.now() - oldest if oldest else timedelta()


def waiting() -> tuple[int, datetime | None]:
    """How many changes the cache that is furthest behind has not been told, and when the oldest of them was made, as
    far as that is remembered. Three queries at most.
    """
    now = _generation()
    told = dict(Purged.objects.filter(address__in=settings.PURGE_URLS).values_list("address", "generation"))
    least = min((told.get(address, 0) for address in settings.PURGE_URLS), default=now)
    if least >= now:
        return 0, None
    oldest = Event.objects.filter(generation__gt=least).order_by("generation")
    return now - least, oldest.values_list("created_at", flat=True).first()


def _tell(address: str, now: int, *, is_lasting: bool) -> None:
    told = Purged.objects.filter(address=address).first()
    if told is None or told.generation > now:
        # A cache that nobody knows, or a database that was restored: what it keeps may be from any time.
        backend().purge(address, [tags.ALL])
        repeated = now if is_lasting else 0
        Purged.objects.update_or_create(address=address, defaults={"generation": now, "repeated": repeated})
        return
    if told.generation < now:
        backend().purge(address, _changed(told.generation, now))
        Purged.objects.filter(address=address, generation__lt=now).update(generation=now)
    if not is_lasting:
        return
    over = timezone.now() - _longest_request()
    settled = Event.objects.filter(generation__lte=now, created_at__lt=over).order_by("-generation")
    until = settled.values_list("generation", flat=True).first()
    if until is not None and until > told.repeated:
        backend().purge(address, _changed(told.repeated, until))
        Purged.objects.filter(address=address, repeated__lt=until).update(repeated=until)


def _changed(after: int, until: int) -> list[str]:
    """The tags of everything that changed in these generations."""
    events = list(Event.objects.filter(generation__gt=after, generation__lte=until)[: MOST_CHANGES + 1])
    if len(events) < min(until - after, MOST_CHANGES + 1) or len(events) > MOST_CHANGES:
        return [tags.ALL]  # too many, or some are forgotten
    found = set().union(*map(tags.named_by, events))
    return [tags.ALL] if tags.ALL in found else sorted(found)
