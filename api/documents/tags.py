"""What an answer depends on, in words that caches know: an answer is tagged with what it read, and a change names the
tags of the answers that it may alter.

    read                                            tag                 named when
    a document by its key, found or not             page-12             it changed in any way
    what is at a path, or was                       at-HASH             something came there or left
    what has a slug                                 slug-HASH           the same
    a list of one type                              list-Article        one came, left, or stands elsewhere in lists
    a list by the last change                       updated-Tool        one changed its date
    what refers to a key, by any field              to-topic-3          a reference came or left, or what refers did
    a list narrowed by references of another type   targets-Tool        a reference of that type came or left
    the pages below a path                          below-HASH          one came, left, or stands elsewhere in lists
    a search                                        search              a page changed in any way
    the change feed                                 changes             anything changed
    anything at all                                 all                 sites changed, or more than can be named

A tag is what a cache sees of a document's key, its first colon replaced; what a client has made up is hashed.
"""

import re
from collections.abc import Iterable
from hashlib import blake2s

from django.db.models import Q

from api.documents.models import PUBLISHED, Document, Event

ALL, SEARCH, CHANGES = "all", "search", "changes"
MOST_KEYS = 1_000
"""A change of more documents names everything: it would take longer to name each."""
MOST_LETTERS = 7_000
"""Length of the tags of one answer: Varnish takes 8 kB for a header, and the CDNs more."""
_KEY = re.compile(r"[a-z_]+:[\w-]{1,40}")
LISTED = ("site", "locale", "path", "slug", "title", "sort_title", "published_at")
"""Where a document stands in lists, and in which."""


def of_key(key: str) -> str:
    return key.replace(":", "-", 1) if _KEY.fullmatch(key) else _hashed("key", key)


def to_key(key: str) -> str:
    return f"to-{of_key(key)}"


def at(path: str) -> str:
    return _hashed("at", path)


def below(path: str) -> str:
    return _hashed("below", path)


def slug(type_name: str, value: str) -> str:
    return _hashed("slug", f"{type_name} {value}")


def list_of(type_name: str) -> str:
    return f"list-{type_name}"


def updated(type_name: str) -> str:
    return f"updated-{type_name}"


def targets_of(type_name: str) -> str:
    return f"targets-{type_name}"


def _hashed(kind: str, value: str) -> str:
    return f"{kind}-{blake2s(value.encode(), digest_size=8).hexdigest()}"


def collapsed(tags: Iterable[str]) -> list[str]:
    """The tags of one answer, `all` among them, in a header's length: where there are too many, those of one kind
    become one, of the most frequent kind first. A change names that one with each tag of its kind.
    """
    found = {ALL, *tags}
    while sum(map(len, found)) + len(found) > MOST_LETTERS:
        sizes: dict[str, int] = {}
        for each in found - {ALL}:
            sizes[_kind(each)] = sizes.get(_kind(each), 0) + len(each)
        largest = max(sorted(sizes), key=lambda kind: sizes[kind])
        found = {each for each in found if _kind(each) != largest} | {f"{largest}-any"}
    return sorted(found)


def _kind(tag: str) -> str:
    return tag.rpartition("-")[0] or tag


def named_by(event: Event) -> set[str]:
    """The tags of which answers may be others since this change; one query."""
    if event.sites_changed or len(event.keys) > MOST_KEYS:
        return {ALL}
    versions = Document.objects.filter(
        Q(generation=event.generation) | Q(valid_to=event.created_at), layer=PUBLISHED, key__in=event.keys
    )
    before: dict[str, Document] = {}
    after: dict[str, Document] = {}
    for version in versions.select_related("content").order_by("pk"):
        (after if version.generation == event.generation else before)[version.key] = version
    found = {CHANGES}
    for key in event.keys:
        found |= _named_by(before.get(key), after.get(key))
    return found | {f"{_kind(each)}-any" for each in found if "-" in each}


def _named_by(before: Document | None, after: Document | None) -> set[str]:
    versions = [each for each in (before, after) if each]
    found = {of_key(each.key) for each in versions}
    shown = [each for each in versions if not each.tombstone]
    if any(each.locale and each.path for each in shown):
        found.add(SEARCH)
    targets = [_targets(each) for each in shown]
    if len(shown) == 2 and all(getattr(shown[0], name) == getattr(shown[1], name) for name in LISTED):
        changed = targets[0] ^ targets[1]
        if shown[0].updated_at != shown[1].updated_at:
            found.add(updated(shown[0].type))
    else:
        changed = set().union(*targets)
        for each in shown:
            found |= {slug(each.type, each.slug), list_of(each.type), updated(each.type)}
            if each.path:
                found |= {at(each.path), below(each.parent)}
    if changed:
        found |= {to_key(key) for _, key in changed} | {targets_of(shown[0].type)}
    return found


def _targets(version: Document) -> set[tuple[str, str]]:
    targets = version.content.targets if version.content else {}
    return {(label, key) for label, keys in targets.items() for key in keys}
