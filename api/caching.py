"""The response cache: public answers, kept until anything public changes.

An answer's key holds the generation it was computed from, so nothing has to be thrown away: after a publish nobody asks
for the old keys any more, and who was computing meanwhile stores under one of them. Only time needs an end: an answer
is kept no longer than until the next thing expires.

    in this process: what was asked for last ── miss ─▶ in Redis or Valkey, if CACHE_URL names one ── miss ─▶ computed

Of simultaneous requests for one key one computes, and the others wait for it: those of this process always, those of
others where there is Redis or Valkey. That server may be away at any time: then each process works with its own.
"""

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.core.cache import cache as shared_cache
from django.utils import timezone

from api.documents.state import State

logger = logging.getLogger("api")

WAIT = 2.0
"""Seconds for which a request waits for another one that computes the same; then it computes by itself."""
LOOK_AGAIN = 0.02
"""Seconds between two looks whether another process has finished."""
REST = 5.0
"""Seconds for which a shared cache that failed is left alone."""
LONGEST = 3600
"""Seconds after which a shared cache may forget an answer."""
OVERHEAD = 1_000
"""Bytes that an answer takes beside its body."""
SETTINGS = ("MAX_QUERY_COST", "MAX_QUERY_LENGTH", "MAX_QUERY_TOKENS", "MAX_ANSWER_LENGTH", "CACHE_TAG_HEADER")
"""Those that refuse what was answered before, or want tags that it was kept without."""
LARGEST = 8
"""An answer may take this part of the memory for all: one eighth."""


@dataclass(frozen=True)
class Answer:
    """What a query is answered, and what has to be known of it to answer it again.

    `until`: the moment from which on it is wrong, None for never. `tags`: what it depends on. `in_vain`: the searches
    in it that found nothing, to be counted each time. `operation`: its name, and `error` the code of the first error,
    for the log.
    """

    body: bytes
    has_data: bool
    cost: int | None = None
    is_public: bool = False
    """Whether it may be given to others: it is whole, without errors, and of what is published."""
    until: datetime | None = None
    tags: tuple[str, ...] = ()
    in_vain: tuple[dict[str, str], ...] = ()
    operation: str | None = None
    error: str | None = None

    @cached_property
    def digest(self) -> str:
        return blake2b(self.body, digest_size=16).hexdigest()

    @property
    def size(self) -> int:
        return len(self.body) + sum(map(len, self.tags)) + OVERHEAD

    def is_good(self, now: datetime) -> bool:
        return self.until is None or now < self.until


def is_on() -> bool:
    return bool(settings.RESPONSE_CACHE_MB)


def key_of(state: State, text: str, variables: dict[str, Any] | None, operation_name: str | None) -> str:
    """What two requests have in common that get the same answer. The order of variables does not count; 1, 1.0 and true
    are three things.
    """
    chosen = [getattr(settings, name) for name in SETTINGS]
    asked = json.dumps([release(), chosen, state.id, text, operation_name, variables or {}], sort_keys=True)
    return blake2b(asked.encode(), digest_size=20).hexdigest()


@cache
def release() -> str:
    """Changes with the code and with the settings that an answer shows: two releases share no answers."""
    digest = blake2b(digest_size=20)
    for room in ("api", "content"):
        for path in sorted((settings.BASE_DIR / room).rglob("*.py")):
            digest.update(path.read_bytes())
    shown = settings.CMS_URL, settings.MEDIA_URL, settings.STORAGES, settings.DEBUG
    digest.update(repr(shown).encode())
    return digest.hexdigest()


def answered(key: str, compute: Callable[[], Answer]) -> tuple[Answer, bool]:
    """The answer of this key, and whether it was there; computed otherwise, and kept if it may be."""
    found = _find(key)
    if found:
        return found, True
    with _flights.one(key):
        found = _find(key)
        if found:
            return found, True
        with _shared.lease(key) as is_ours:
            found = None if is_ours else _shared.wait_for(key)
            if found:
                _kept.put(key, found)
                return found, True
            answer = compute()
            if answer.is_public and answer.is_good(timezone.now()):
                _kept.put(key, answer)
                _shared.put(key, answer)
            return answer, False


def forget_all() -> None:
    """Empty the cache of this process."""
    _kept.clear()


def _find(key: str) -> Answer | None:
    now = timezone.now()
    found = _kept.get(key)
    if found is None:
        found = _shared.get(key)
        if found:
            _kept.put(key, found)
    return found if found and found.is_good(now) else None


class _Kept:
    """The answers of this process that were asked for last, as many as there is room for."""

    def __init__(self) -> None:
        self.answers: OrderedDict[str, Answer] = OrderedDict()
        self.size = 0
        self.lock = threading.Lock()

    def get(self, key: str) -> Answer | None:
        with self.lock:
            found = self.answers.get(key)
            if found:
                self.answers.move_to_end(key)
            return found

    def put(self, key: str, answer: Answer) -> None:
        room = settings.RESPONSE_CACHE_MB * 1_000_000
        if answer.size > room // LARGEST:
            return
        with self.lock:
            self._drop(key)
            self.answers[key] = answer
            self.size += answer.size
            while self.size > room:
                self._drop(next(iter(self.answers)))

    def _drop(self, key: str) -> None:
        gone = self.answers.pop(key, None)
        self.size -= gone.size if gone else 0

    def clear(self) -> None:
        with self.lock:
            self.answers.clear()
            self.size = 0


class _Flights:
    """One at a time for each key, in this process."""

    def __init__(self) -> None:
        self.flying: dict[str, threading.Event] = {}
        self.lock = threading.Lock()

    @contextmanager
    def one(self, key: str) -> Iterator[None]:
        """At once for the first; for others when that has landed, or after a while."""
        with self.lock:
            landed = self.flying.get(key)
            if landed is None:
                own = self.flying[key] = threading.Event()
        if landed is not None:
            landed.wait(WAIT)
            yield
            return
        try:
            yield
        finally:
            with self.lock:
                del self.flying[key]
            own.set()


class _Shared:
    """The cache that all processes share, if it is one; whatever it raises, the answer does not wait for it."""

    resting_until = 0.0

    @property
    def is_there(self) -> bool:
        return "redis" in settings.CACHES["default"]["BACKEND"].lower() and time.monotonic() > self.resting_until

    def _try(self, act: Callable[[], Any], otherwise: Any = None) -> Any:
        if not self.is_there:
            return otherwise
        try:
            return act()
        except Exception:  # every backend has exceptions of its own
            self.resting_until = time.monotonic() + REST
            logger.exception("The shared cache does not answer; for %g s it is not asked.", REST)
            return otherwise

    def get(self, key: str) -> Answer | None:
        found: Answer | None = self._try(lambda: shared_cache.get(f"answer:{key}"))
        return found

    def put(self, key: str, answer: Answer) -> None:
        left = LONGEST if answer.until is None else (answer.until - timezone.now()).total_seconds()
        if left >= 1:
            self._try(lambda: shared_cache.set(f"answer:{key}", answer, min(int(left), LONGEST)))

    @contextmanager
    def lease(self, key: str) -> Iterator[bool]:
        """Whether this process is the one that computes; if it dies, others wait for it in vain once."""
        name = f"lease:{key}"
        is_ours = self._try(lambda: shared_cache.add(name, 1, int(WAIT) + 1), otherwise=True)
        try:
            yield is_ours
        finally:
            if is_ours:
                self._try(lambda: shared_cache.delete(name))

    def wait_for(self, key: str) -> Answer | None:
        """What another process computes; None if it does not come to an end, or to an answer that may be kept."""
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            found = self.get(key)
            if found or not self._try(lambda: shared_cache.has_key(f"lease:{key}"), otherwise=False):
                return found or self.get(key)
            time.sleep(LOOK_AGAIN)
        return None


_kept, _flights, _shared = _Kept(), _Flights(), _Shared()
