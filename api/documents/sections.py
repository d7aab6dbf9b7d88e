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
from typing import Any

from django.db import connection
from django.db.models import Q
from wagtail.models import Page

from api.documents import contract
from api.documents.build import World
from api.documents.places import places_of

# What `places_of` gives for the sections, in a table with an index: computed once, and joined in no wrong order.
CREATE = """
    CREATE TEMPORARY TABLE section (
        key varchar(100) PRIMARY KEY, public boolean NOT NULL, host text NOT NULL, language text NOT NULL,
        front_path text NOT NULL
    )"""
FILL = """
    INSERT INTO section (key, public, host, language, front_path)
    SELECT key, public, host, language, front_path FROM ({places}) places"""
DROP = "DROP TABLE section"
# What is gone for good: its tombstones keep nothing.
NAME = "INSERT INTO section (key, public, host, language, front_path) VALUES (%s, %s, '', '', '')"
LEAVE_OUT_EXISTING = """
    DELETE FROM section WHERE EXISTS (
        SELECT 1 FROM wagtailcore_page w WHERE w.id = CAST(substr(section.key, 6) AS bigint)
    )"""
LET_GO = """
    UPDATE api_document SET content_id = NULL
    WHERE layer = 0 AND valid_to IS NULL AND tombstone AND key IN (SELECT key FROM section)"""
REFERRING = """
    SELECT DISTINCT d.key FROM section p JOIN api_reference r ON r.target_key = p.key
    JOIN api_document d ON d.content_id = r.content_id AND d.layer = 0 AND d.valid_to IS NULL"""
# In all of these layer 0 is what is published.
CLOSE = """
    UPDATE api_document SET valid_to = %s WHERE id IN (
        SELECT d.id FROM section p JOIN api_document d ON d.key = p.key
        WHERE d.layer = 0 AND d.valid_to IS NULL AND NOT d.tombstone
        AND (NOT p.public OR d.site <> p.host OR d.locale <> p.language OR d.path <> p.front_path)
    )"""
# What a tombstone hides, if that can be shown again: `v` was closed by it, and is of this contract.
HIDDEN = """
    JOIN api_document v ON v.key = d.key AND v.layer = 0 AND v.valid_to = d.valid_from
    AND v.content_id = d.content_id AND v.contract = %s"""
UNCOVER = f"""
    UPDATE api_document SET valid_to = %s WHERE id IN (
        SELECT d.id FROM section p JOIN api_document d ON d.key = p.key {HIDDEN}
        WHERE d.layer = 0 AND d.valid_to IS NULL AND d.tombstone AND p.public
    )"""
# Closed by one of the statements above: at this very moment, and without a successor.
CLOSED = """
    d.layer = 0 AND d.valid_to = %s AND NOT EXISTS (
        SELECT 1 FROM api_document n WHERE n.key = d.key AND n.layer = 0 AND n.valid_to IS NULL
    )"""
SUCCESSOR = """
    INSERT INTO api_document (
        layer, generation, valid_from, tombstone, site, locale, path, key, type, expires_at, slug, title, sort_title,
        published_at, updated_at, content_id, digest, contract
    )
    SELECT 0, %s, d.valid_to, false, p.host, p.language, p.front_path, v.key, v.type, v.expires_at, v.slug, v.title,
        v.sort_title, v.published_at, v.updated_at, v.content_id, v.digest, v.contract"""
MOVE = f"""{SUCCESSOR}
    FROM section p JOIN api_document d ON d.key = p.key JOIN api_document v ON v.id = d.id
    WHERE {CLOSED} AND NOT d.tombstone AND p.public"""
BRING_BACK = f"""{SUCCESSOR}
    FROM section p JOIN api_document d ON d.key = p.key {HIDDEN}
    WHERE {CLOSED} AND d.tombstone AND p.public"""
TAKEN_AWAY = f"""
    INSERT INTO api_document (
        layer, generation, valid_from, tombstone, site, locale, path, key, type, content_id, slug, title, sort_title,
        digest, contract
    )
    SELECT 0, %s, d.valid_to, true, d.site, d.locale, d.path, d.key, d.type, {{content}}, '', '', '', '', %s
    FROM section p JOIN api_document d ON d.key = p.key
    WHERE {CLOSED} AND NOT p.public"""
TAKE_AWAY = TAKEN_AWAY.format(content="d.content_id")
BURY = TAKEN_AWAY.format(content="CAST(NULL AS bigint)")
CHANGED = "SELECT key FROM api_document WHERE generation = %s AND layer = 0 AND valid_to IS NULL"
MISSING = """
    SELECT p.key FROM section p LEFT JOIN api_document d
    ON d.key = p.key AND d.layer = 0 AND d.valid_to IS NULL AND NOT d.tombstone
    WHERE p.public AND d.id IS NULL"""


def follow(roots: Iterable[int], generation: int, moment: datetime) -> tuple[list[str], list[str]]:
    """Let the documents of these pages, and of all below them, follow where the pages are and whether they may be seen.

    Returns the keys of all documents of this generation, and of the pages that are public but have no document: those
    must be built. 15 queries at most, however many pages there are.
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
        cursor.execute(FILL.format(places=sql), parameters)
        cursor.execute(CLOSE, [now])
        cursor.execute(UNCOVER, [now, version])
        cursor.execute(MOVE, [generation, now])
        cursor.execute(BRING_BACK, [generation, version, now])
        cursor.execute(TAKE_AWAY, [generation, version, now])
        cursor.execute(MISSING)
        missing = [key for (key,) in cursor.fetchall()]
        cursor.execute(DROP)
        cursor.execute(CHANGED, [generation])
        return [key for (key,) in cursor.fetchall()], missing


def bury(keys: Iterable[str], generation: int, moment: datetime) -> tuple[set[str], list[str], list[str]]:
    """Leave a tombstone in place of the document of each of these pages that does not exist any more.

    Returns the keys of the pages that do not, those of them that had a document, and the documents that refer to any.
    Nine queries, however many pages there are.
    """
    now = connection.ops.adapt_datetimefield_value(moment)
    with connection.cursor() as cursor:

        def ask(statement: str, *parameters: Any) -> list[str]:
            cursor.execute(statement, parameters)
            return [key for (key,) in cursor.fetchall()]

        cursor.execute(CREATE)
        cursor.executemany(NAME, [(key, False) for key in keys])
        cursor.execute(LEAVE_OUT_EXISTING)
        cursor.execute(CLOSE, [now])
        cursor.execute(BURY, [generation, contract.version(), now])
        cursor.execute(LET_GO)
        gone, referring, buried = ask("SELECT key FROM section"), ask(REFERRING), ask(CHANGED, generation)
        cursor.execute(DROP)
    return set(gone), buried, referring


def _outermost(paths: Iterable[str]) -> list[str]:
    """These paths of the page tree without those that lie below another of them."""
    kept: list[str] = []
    for path in sorted(paths):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept
