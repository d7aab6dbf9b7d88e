"""Counting what readers search for in vain, for the editors' report.

Words are counted in memory and written when a request has been answered, half a minute after the last time: a query
itself writes nothing, and nobody waits. What a process has not yet written is lost if it is killed. Nothing is kept of
who has searched, and nothing that looks like an address of somebody or a number of something.
"""

import logging
import re
import time
from collections import Counter
from threading import Lock
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from api.search.models import UnfoundSearch
from api.search.words import words

logger = logging.getLogger("api")

PAUSE = 30.0
"""Seconds between two writings."""
MOST, ROWS = 500, 5_000
"""Different words that are counted until they are written, and that are kept: who invents words makes no more."""
LONGEST = 100
PRIVATE = re.compile(r"@|\d{5,}|://")

_counted: Counter[tuple[str, str, str]] = Counter()
_lock = Lock()
_written = time.monotonic()


def note(site: str, locale: str, query: str) -> None:
    """Count a search that found nothing."""
    text = " ".join(words(query))
    if not text or len(text) > LONGEST or PRIVATE.search(query):
        return
    with _lock:
        if len(_counted) < MOST or (site, locale, text) in _counted:
            _counted[site, locale, text] += 1


def on_request_finished(**_: Any) -> None:
    """Receives Django's signal, when an answer has been sent."""
    if _counted and time.monotonic() - _written > PAUSE:
        try:
            write()
        except DatabaseError:
            logger.exception("Searches that found nothing could not be counted.")


def write() -> None:
    """Write what was counted since the last time."""
    global _written
    with _lock:
        counted, _written = dict(_counted), time.monotonic()
        _counted.clear()
    now = timezone.now()
    with transaction.atomic():
        for (site, locale, text), count in counted.items():
            row, _ = UnfoundSearch.objects.get_or_create(
                site=site, locale=locale, words=text, defaults={"first_at": now, "last_at": now}
            )
            UnfoundSearch.objects.filter(pk=row.pk).update(count=F("count") + count, last_at=now)
        beyond = UnfoundSearch.objects.order_by("-last_at", "-pk").values_list("pk", flat=True)[ROWS:]
        UnfoundSearch.objects.filter(pk__in=list(beyond)).delete()
