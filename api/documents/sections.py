"""Letting the documents of whole sections follow their pages: to another path, site or language, out of sight or back.

What a page says does not depend on where it is, so nothing is built: the database closes versions and inserts their
successors, at the new place or as tombstones. It does so from what the page tree is now, not from what happened to it:
one way serves moves, new slugs, restrictions, unpublishing and new sites, and doing it twice changes nothing.

A tombstone made here keeps the content of the version it closed. As long as nobody touches the page, it can come back
as it was (`api.documents.publishing` lets go of the content when somebody does).
"""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Q
from wagtail.models import Page

from api.documents import contract
from api.documents.build import World
from api.documents.places import places_of

# A page of the section that changes: where it is, its `current` version, and the version whose content its next one has
# (`says`): the current one, or what the current tombstone hides if that can be shown again. Without such a version it
# has to be built. All that follows joins by primary keys, which no statistics of a fresh table can lead astray.
CREATE = """
    CREATE TEMPORARY TABLE section (
        key varchar(100) PRIMARY KEY, public boolean NOT NULL, host text NOT NULL, language text NOT NULL,
        front_path text NOT NULL, current bigint, says bigint
    )"""
FILL = """
    INSERT INTO section (key, public, host, language, front_path, current, says)
    SELECT p.key, p.public, p.host, p.language, p.front_path, d.id, CASE WHEN d.tombstone THEN v.id ELSE d.id END
    FROM ({places}) p
    LEFT JOIN api_document d ON d.key = p.key AND d.layer = 0 AND d.valid_to IS NULL
    LEFT JOIN api_document v ON d.tombstone AND v.key = d.key AND v.layer = 0 AND v.valid_to = d.valid_from
        AND v.content_id = d.content_id AND v.contract = %s
    WHERE CASE WHEN p.public
        THEN d.id IS NULL OR d.tombstone OR d.site <> p.host OR d.locale <> p.language OR d.path <> p.front_path
        ELSE d.id IS NOT NULL AND NOT d.tombstone END"""
DROP = "DROP TABLE section"
# What is gone for good: its tombstones keep nothing.
NAME = "INSERT INTO section (key, public, host, language, front_path) VALUES (%s, %s, '', '', '')"
LEAVE_OUT_EXISTING = """
    DELETE FROM section WHERE EXISTS (
        SELECT 1 FROM wagtailcore_page w WHERE w.id = CAST(substr(section.key, 6) AS bigint)
    )"""
FIND = """
    UPDATE section SET (current, says) = (
        SELECT d.id, d.id FROM api_document d
        WHERE d.key = section.key AND d.layer = 0 AND d.valid_to IS NULL AND NOT d.tombstone
    )"""
LET_GO = """
    UPDATE api_document SET content_id = NULL
    WHERE layer = 0 AND valid_to IS NULL AND tombstone AND key IN (SELECT key FROM section)"""
REFERRING = """
    SELECT DISTINCT d.key FROM section p JOIN api_reference r ON r.target_key = p.key
    JOIN api_document d ON d.content_id = r.content_id AND d.layer = 0 AND d.valid_to IS NULL"""
CLOSE = """
    UPDATE api_document SET valid_to = %s
    WHERE id IN (SELECT p.current FROM section p WHERE p.says IS NOT NULL)"""
SUCCEED = """
    INSERT INTO api_document (
        layer, generation, valid_from, tombstone, site, locale, path, key, type, expires_at, slug, title, sort_title,
        published_at, updated_at, content_id, digest, contract
    )
    SELECT 0, %s, %s, false, p.host, p.language, p.front_path, v.key, v.type, v.expires_at, v.slug, v.title,
        v.sort_title, v.published_at, v.updated_at, v.content_id, v.digest, v.contract
    FROM section p JOIN api_document v ON v.id = p.says
    WHERE p.public"""
TAKEN_AWAY = """
    INSERT INTO api_document (
        layer, generation, valid_from, tombstone, site, locale, path, key, type, content_id, slug, title, sort_title,
        digest, contract
    )
    SELECT 0, %s, %s, true, v.site, v.locale, v.path, v.key, v.type, {content}, '', '', '', '', %s
    FROM section p JOIN api_document v ON v.id = p.says
    WHERE NOT p.public"""
TAKE_AWAY = TAKEN_AWAY.format(content="v.content_id")
BURY = TAKEN_AWAY.format(content="CAST(NULL AS bigint)")
CHANGED = "SELECT key FROM section WHERE says IS NOT NULL"
MISSING = "SELECT key FROM section WHERE says IS NULL"


def follow(roots: Iterable[int], generation: int, moment: datetime) -> tuple[list[str], list[str]]:
    """Let the documents of these pages, and of all below them, follow where the pages are and whether they may be seen.

    Returns the keys of all documents of this generation, and of the pages that are public but have no document: those
    must be built. 10 queries at most, however many pages there are.
    """
    paths = _outermost(Page.objects.filter(pk__in=list(roots)).values_list("path", flat=True))
    if not paths:
        return [], []
    pages = Page.objects.filter(reduce(or_, (Q(path__startswith=path) for path in paths)))
    sql, parameters = places_of(pages, World(now=moment)).query.sql_with_params()
    now = connection.ops.adapt_datetimefield_value(moment)
    version = contract.version()

    with connection.cursor() as cursor:
        cursor.execute(CREATE)
        cursor.execute(FILL.format(places=sql), [*parameters, version])
        cursor.execute(CLOSE, [now])
        cursor.execute(SUCCEED, [generation, now])
        cursor.execute(TAKE_AWAY, [generation, now, version])
        changed, missing = _keys(cursor, CHANGED), _keys(cursor, MISSING)
        cursor.execute(DROP)
    return changed, missing


def bury(keys: Iterable[str], generation: int, moment: datetime) -> tuple[set[str], list[str], list[str]]:
    """Leave a tombstone in place of the document of each of these pages that does not exist any more.

    Returns the keys of the pages that do not, those of them that had a document, and the documents that refer to any.
    Ten queries, however many pages there are.
    """
    now = connection.ops.adapt_datetimefield_value(moment)
    with connection.cursor() as cursor:
        cursor.execute(CREATE)
        cursor.executemany(NAME, [(key, False) for key in keys])
        cursor.execute(LEAVE_OUT_EXISTING)
        cursor.execute(FIND)
        cursor.execute(CLOSE, [now])
        cursor.execute(BURY, [generation, now, contract.version()])
        cursor.execute(LET_GO)
        gone, buried = _keys(cursor, "SELECT key FROM section"), _keys(cursor, CHANGED)
        referring = _keys(cursor, REFERRING)
        cursor.execute(DROP)
    return set(gone), buried, referring


def _keys(cursor: CursorWrapper, statement: str) -> list[str]:
    cursor.execute(statement)
    return [key for (key,) in cursor.fetchall()]


def _outermost(paths: Iterable[str]) -> list[str]:
    """These paths of the page tree without those that lie below another of them."""
    kept: list[str] = []
    for path in sorted(paths):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept
