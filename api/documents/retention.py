"""Forgetting what was public long ago: closed versions, what they said, and the log of changes.

    closed long ago ─┬─ hidden by a current tombstone ─ stays: it comes back with its section
                     ├─ the last at its path ────────── stays as a tombstone: `Reader.once_at` asks whose path it was
                     └─ any other ───────────────────── goes
    what it said ────── goes with the last version that says it

In batches, each a short transaction that takes the store's lock, as a publish does: a publish waits for one batch at
most, and two prunings at once do not leave behind what the last two versions of a text said.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from api.documents.models import PUBLISHED, Content, Document, Event, Generation, Reference
from api.search.models import SearchText
from content.changes import turn
from content.jobs import UPKEEP, job

BATCH = 500
ADDRESS_ONLY = {
    "tombstone": True,
    "content": None,
    "title": "",
    "slug": "",
    "sort_title": "",
    "published_at": None,
    "updated_at": None,
    "expires_at": None,
    "digest": "",
}
"""Leaves the last version at a path its key, type and place, and when it was there."""


def prune(advance: Callable[[int], None] = lambda count: None) -> tuple[int, int]:
    """Forget what is older than the settings say; return how many versions and how many events that were.

    `advance` is told the size of each batch. With nothing to do it reads the table of documents once.
    """
    versions, last = 0, 0
    while pks := list(_old_versions().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with turn():
            Generation.objects.select_for_update().first()
            versions += _forget(_old_versions().filter(pk__in=pks))
        last = pks[-1]
        advance(len(pks))
    events = 0
    while pks := list(_old_events().order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with turn():
            _delete(Event.objects.filter(pk__in=pks))
        events += len(pks)
        advance(len(pks))
    return versions, events


@job("Forget old versions and changes", queue=UPKEEP)
def prune_old() -> None:
    """May run twice: then it finds nothing."""
    prune()


def count_old() -> int:
    """How much `prune` would forget now."""
    return _old_versions().count() + _old_events().count()


def _old_events() -> QuerySet[Event]:
    return Event.objects.filter(created_at__lt=_oldest_kept(settings.KEEP_EVENTS_DAYS))


def _old_versions() -> QuerySet[Document]:
    """Those of which something has to go."""
    closed = Document.objects.filter(layer=PUBLISHED, valid_to__lt=_oldest_kept(settings.KEEP_VERSIONS_DAYS))
    hiding = Document.objects.filter(
        layer=PUBLISHED,
        valid_to=None,
        tombstone=True,
        key=OuterRef("key"),
        valid_from=OuterRef("valid_to"),
        content=OuterRef("content"),
    )
    return closed.filter(~Exists(hiding), ~_last_at_its_path() | Q(tombstone=False) | ~Q(content=None))


def _last_at_its_path() -> Q:
    """What `Reader.once_at` finds unless a current document is there. A redirect, which has no language, never takes
    the place of a page.
    """
    later = Document.objects.filter(
        Q(valid_from__gt=OuterRef("valid_from")) | Q(valid_from=OuterRef("valid_from"), pk__gt=OuterRef("pk")),
        layer=PUBLISHED,
        path=OuterRef("path"),
        site=OuterRef("site"),
        locale=OuterRef("locale"),
    )
    return Q(~Exists(later)) & ~Q(type="Redirect")


def _oldest_kept(days: int) -> datetime:
    """Nothing is older than the answer to 0."""
    return timezone.now() - timedelta(days=days) if days > 0 else datetime.fromtimestamp(0, tz=UTC)


def _forget(versions: QuerySet[Document]) -> int:
    """How many they were; 0 if somebody else has been quicker."""
    said = dict(versions.values_list("pk", "content"))
    last = set(versions.filter(_last_at_its_path()).values_list("pk", flat=True))
    Document.objects.filter(pk__in=last).update(**ADDRESS_ONLY)
    _delete(Document.objects.filter(pk__in=said.keys() - last))
    unused = Content.objects.filter(~Exists(Document.objects.filter(content=OuterRef("pk"))), pk__in=said.values())
    contents = list(unused.values_list("pk", flat=True))
    _delete(Reference.objects.filter(content__in=contents))
    _delete(SearchText.objects.filter(pk__in=contents))
    _delete(Content.objects.filter(pk__in=contents))
    return len(said)


def _delete(rows: QuerySet[Any]) -> None:
    """One statement. Deleting Django's way would read every row first, to tell listeners that have no use for it."""
    rows._raw_delete(DEFAULT_DB_ALIAS)
