"""Storing the terms of pages, in the transaction that stores what the pages say."""

from collections.abc import Iterable

from api.documents.codecs import Weight
from api.documents.models import Document
from api.documents.text import own_text
from api.search.models import SearchText
from api.search.words import near, terms, words

LONGEST = 200_000
"""Characters of a page that are searched; PostgreSQL takes a megabyte of terms at most."""
BATCH = 100


def index(rows: Iterable[Document]) -> None:
    """Store the terms of these rows, whose contents are loaded, as far as they are pages; two queries for each hundred
    pages.
    """
    texts = [_text(row) for row in rows if row.content and row.locale and row.path]
    SearchText.objects.filter(pk__in=[each.pk for each in texts]).delete()
    SearchText.objects.bulk_create(texts, batch_size=BATCH)


def _text(row: Document) -> SearchText:
    found: dict[Weight, list[str]] = {weight: [] for weight in Weight}
    shown: list[str] = []
    left = LONGEST
    for passage in own_text(row):
        text = passage.text[:left]
        left -= len(text)
        found[passage.weight] += terms(text, row.locale)
        if passage.weight not in (Weight.TITLE, Weight.CODE):
            shown += [" ".join(line.split()) for line in text.splitlines()]
    names = words(row.title)
    return SearchText(
        content=row.content,
        names=" ".join(names),
        near=" ".join(sorted(set().union(*map(near, names)))),
        title=" ".join(found[Weight.TITLE]),
        headings=" ".join(found[Weight.HEADING]),
        text=" ".join(found[Weight.TEXT]),
        code=" ".join(found[Weight.CODE]),
        shown="\n".join(line for line in shown if line),
    )
