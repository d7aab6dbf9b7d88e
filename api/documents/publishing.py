"""Writing the store: when content changed, everything touched gets its next version in the same transaction."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from api.documents import contract
from api.documents.build import Built, build, sites
from api.documents.models import PUBLISHED, Document, Event, Generation, Reference

BATCH = 200


def on_content_changed(*, keys: frozenset[str], **_: Any) -> None:
    """Receives `content.changes.content_changed`."""
    flush(keys)


def flush(keys: Iterable[str]) -> int:
    """Bring the published layer up to date for these keys and return how many documents changed. Call it inside a
    transaction.

    The generation row is locked first: two publishes that share a key wait for each other here instead of failing
    later.
    """
    generation = Generation.objects.select_for_update().get_or_create(pk=1)[0]
    moment = timezone.now()
    if generation.changed_at and moment <= generation.changed_at:
        # Clocks differ between hosts and step back; versions must not.
        moment = generation.changed_at + timedelta(microseconds=1)
    changed: list[str] = []
    todo = sorted(set(keys))
    done = set(todo)
    while todo:
        next_round: set[str] = set()
        for batch in in_batches(todo):
            built, gone = build(batch)
            changed += _store(built, generation.value + 1, moment)
            # What referred to a deleted object has lost a row or a value, of which the database tells nobody.
            next_round |= set(referrers(gone)) - done
        todo = sorted(next_round)
        done |= next_round
    known_sites = sites()
    if changed or known_sites != generation.sites:
        generation.value += 1
        generation.changed_at = moment
        generation.sites = known_sites
        generation.save()
        Event.objects.create(generation=generation.value, created_at=moment, keys=changed)
    return len(changed)


def in_batches(keys: list[str], size: int = BATCH) -> Iterator[list[str]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def referrers(keys: Iterable[str]) -> list[str]:
    """Published documents that refer to any of these keys; one query, none for no keys."""
    keys = list(keys)
    if not keys:
        return []
    rows = Reference.objects.filter(target_key__in=keys, document__layer=PUBLISHED, document__valid_to=None)
    return list(rows.values_list("document__key", flat=True).distinct())


def _outdated() -> QuerySet[Document]:
    rows = Document.objects.filter(layer=PUBLISHED, valid_to=None, tombstone=False)
    return rows.exclude(contract=contract.version())


def is_outdated() -> bool:
    """Whether what is published was built under another contract: an upgrade has changed what is public."""
    return _outdated().exists()


def mark_current() -> None:
    """Say of documents that were built anew and came out the same that they are of this contract."""
    _outdated().update(contract=contract.version())


def drifting(keys: list[str]) -> list[str]:
    """Those of these keys whose published document is not what would be built now."""
    built, _ = build(keys)
    current = _current(keys)
    return [key for key in keys if _differs(built.get(key), current.get(key))]


def _current(keys: Iterable[str]) -> dict[str, Document]:
    rows = Document.objects.filter(key__in=list(keys), layer=PUBLISHED, valid_to=None)
    return {row.key: row for row in rows.defer("data", "parts", "body", "targets")}


def _differs(built: Built | None, current: Document | None) -> bool:
    is_stored = current is not None and not current.tombstone
    if built is None:
        return is_stored
    return not is_stored or current.digest != built.digest  # type: ignore[union-attr]


def _store(built: dict[str, Built | None], generation: int, moment: Any) -> list[str]:
    current = _current(built)
    changed = [key for key in built if _differs(built[key], current.get(key))]
    if not changed:
        return []
    closed = [current[key].pk for key in changed if key in current]
    Document.objects.filter(pk__in=closed).update(valid_to=moment)
    rows = []
    for key in changed:
        version = built[key]
        row = _tombstone(current[key]) if version is None else row_of(version)
        row.generation, row.valid_from = generation, moment
        rows.append(row)
    insert(rows)
    return changed


def _tombstone(last: Document) -> Document:
    """Keeps type and address, so that the path can answer "gone" and the change feed can name what went."""
    return Document(
        key=last.key,
        type=last.type,
        site=last.site,
        locale=last.locale,
        path=last.path,
        tombstone=True,
        contract=contract.version(),
    )


def row_of(built: Built, layer: int = PUBLISHED) -> Document:
    """The unsaved row of a version; generation and validity are the caller's to set."""
    return Document(
        key=built.key,
        type=built.type,
        layer=layer,
        targets=built.targets,
        digest=built.digest,
        contract=contract.version(),
        **built.columns,
        **built.groups,
    )


def insert(rows: list[Document]) -> None:
    """Store new versions with their references; two queries per batch."""
    Document.objects.bulk_create(rows, batch_size=BATCH)
    references = [
        Reference(document=row, field=label, target_key=key)
        for row in rows
        for label, keys in row.targets.items()
        for key in keys
    ]
    Reference.objects.bulk_create(references, batch_size=1000)
