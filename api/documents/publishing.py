"""Writing the store: when content changed, everything touched gets its next version in the same transaction."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from api.documents import contract, registry
from api.documents.build import PLACE, Built, build, sites
from api.documents.models import PUBLISHED, SHOWN, Content, Document, Event, Generation, Reference
from api.documents.sections import bury, follow
from api.documents.state import KNOWN_EXPIRIES
from api.purging import purge_soon
from api.search.index import index
from api.webhooks.outbox import tell

BATCH = 200


def on_content_changed(*, keys: frozenset[str], sections: frozenset[int], **_: Any) -> None:
    """Receives `content.changes.content_changed`."""
    flush(keys, sections=sections)


def flush(keys: Iterable[str], *, sections: Iterable[int] = ()) -> int:
    """Bring the published layer up to date for these keys, and for where the pages of these sections are and whether
    they may be seen; return how many documents changed. Call it inside a transaction.

    The generation row is locked first: two publishes that share a key wait for each other here instead of failing
    later.
    """
    if sections:
        _check_constraints()
    generation = Generation.objects.select_for_update().get_or_create(pk=1)[0]
    moment = timezone.now()
    if generation.changed_at and moment <= generation.changed_at:
        # Clocks differ between hosts and step back; versions must not.
        moment = generation.changed_at + timedelta(microseconds=1)
    changed = _publish(keys, generation.value + 1, moment)
    if sections:
        followed, missing = follow(sections, generation.value + 1, moment)
        changed += followed + _publish(missing, generation.value + 1, moment)
        changed = list(dict.fromkeys(changed))
    known_sites = sites()
    sites_changed = known_sites != generation.sites
    if changed or sites_changed:
        generation.value += 1
        generation.changed_at = moment
        generation.sites = known_sites
        generation.expiries = [each.isoformat() for each in next_expiries(moment)]
        generation.save()
        Event.objects.create(generation=generation.value, created_at=moment, keys=changed, sites_changed=sites_changed)
        purge_soon()
        tell(generation.value, moment)
    return len(changed)


def next_expiries(moment: datetime) -> list[datetime]:
    """The next moments at which something published stops being visible, the soonest first, `KNOWN_EXPIRIES` at most; a
    query for documents, and one for each kind of object that lies inside others.
    """
    found = set(_soonest(Document.objects.filter(SHOWN, layer=PUBLISHED), "expires_at", moment))
    for place in registry.inside.values():
        found.update(_soonest(place.model._base_manager.all(), "expire_at", moment))
    return sorted(found)[:KNOWN_EXPIRIES]


def _soonest(rows: QuerySet[Any], column: str, moment: datetime) -> list[datetime]:
    later = rows.filter(**{f"{column}__gt": moment}).order_by(column)
    return list(later.values_list(column, flat=True).distinct()[:KNOWN_EXPIRIES])


def _check_constraints() -> None:
    """Let PostgreSQL check now what it would check on commit, while others wait: for 10,000 moved pages, 0.3 s."""
    if connection.vendor == "postgresql":
        connection.check_constraints()


def _publish(keys: Iterable[str], generation: int, moment: datetime) -> list[str]:
    """Build these keys, and what referred to those that are gone; return the keys that changed."""
    changed: list[str] = []
    keys = set(keys)
    pages = {key for key in keys if key.startswith("page:")}
    if len(pages) > BATCH:
        # Perhaps a deleted section.
        gone, changed, referring = bury(pages, generation, moment)
        keys = (keys | set(referring)) - gone
    todo = sorted(keys)
    done = set(todo)
    while todo:
        next_round: set[str] = set()
        for batch in in_batches(todo):
            built, gone = build(batch)
            changed += _store(built, generation, moment)
            # What referred to a deleted object has lost a row or a value, of which the database tells nobody.
            next_round |= set(referrers(gone)) - done
        todo = sorted(next_round)
        done |= next_round
    return changed


def in_batches(keys: list[str], size: int = BATCH) -> Iterator[list[str]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def referrers(keys: Iterable[str]) -> list[str]:
    """Published documents that refer to any of these keys, and hidden ones that would if they came back as they were;
    one query, none for no keys.
    """
    keys = list(keys)
    if not keys:
        return []
    rows = Document.objects.filter(layer=PUBLISHED, valid_to=None, content__references__target_key__in=keys)
    return list(rows.values_list("key", flat=True).distinct())


def outdated() -> QuerySet[Document]:
    """Published documents that were built under another contract: an upgrade has changed what is public."""
    return _shown().exclude(contract=contract.version())


def is_outdated() -> bool:
    return outdated().exists()


def count_current() -> int:
    """How many published documents were built under this contract."""
    return _shown().filter(contract=contract.version()).count()


def _shown() -> QuerySet[Document]:
    return Document.objects.filter(layer=PUBLISHED, valid_to=None, tombstone=False)


def drifting(keys: list[str]) -> list[str]:
    """Those of these keys whose published document is not what would be built now."""
    built, _ = build(keys)
    current = _current(keys)
    return [key for key in keys if _differs(built.get(key), current.get(key))]


def _current(keys: Iterable[str]) -> dict[str, Document]:
    rows = Document.objects.filter(key__in=list(keys), layer=PUBLISHED, valid_to=None)
    return {row.key: row for row in rows}


def _differs(built: Built | None, current: Document | None) -> bool:
    is_stored = current is not None and not current.tombstone
    if built is None or current is None or not is_stored:
        return is_stored or built is not None
    return current.digest != built.digest or _is_elsewhere(built, current)


def _is_elsewhere(built: Built, current: Document) -> bool:
    return any(getattr(current, name) != built.columns[name] for name in PLACE)


def _store(built: dict[str, Built | None], generation: int, moment: datetime) -> list[str]:
    current = _current(built)
    _let_go([current[key] for key in built if built[key] is None and key in current])
    changed = [key for key in built if _differs(built[key], current.get(key))]
    _confirm([current[key] for key in built if key in current and key not in changed])
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


def _confirm(unchanged: list[Document]) -> None:
    """What came out the same under a newer contract is of that contract from now on."""
    older = [row.pk for row in unchanged if row.contract != contract.version()]
    if older:
        Document.objects.filter(pk__in=older).update(contract=contract.version())
        index(Document.objects.filter(pk__in=older).select_related("content"))


def _let_go(hidden: list[Document]) -> None:
    """What was touched while nobody could see it may have changed: it has to be built when it comes back."""
    stale = [row.pk for row in hidden if row.tombstone and row.content_id]
    if stale:
        Document.objects.filter(pk__in=stale).update(content=None)


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
        content=Content(targets=built.targets, **built.groups),
        digest=built.digest,
        contract=contract.version(),
        **built.columns,
    )


def insert(rows: list[Document]) -> None:
    """Store new versions with what they say, their references and the terms to search them by; five queries per
    batch.
    """
    contents = [row.content for row in rows if row.content]
    Content.objects.bulk_create(contents, batch_size=BATCH)
    Document.objects.bulk_create(rows, batch_size=BATCH)
    references = [
        Reference(content=content, field=label, target_key=key)
        for content in contents
        for label, keys in content.targets.items()
        for key in keys
    ]
    Reference.objects.bulk_create(references, batch_size=1000)
    index(rows)


def clear(layers: Iterable[int]) -> None:
    """Delete every document of these layers, which are previews' own."""
    layers = [layer for layer in layers if layer != PUBLISHED]
    Content.objects.filter(documents__layer__in=layers).delete()
    Document.objects.filter(layer__in=layers).delete()
