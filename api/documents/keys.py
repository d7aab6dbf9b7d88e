"""Every key that can have a document, or whose document is to be built anew, in batches.

Keys are read a few thousand at a time by queries that end before anybody works on them: on SQLite a query that is still
open shows the database as it was, and no transaction may begin on top of that once somebody else has written.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import Model, Q, QuerySet
from wagtail.models import Page

from api.documents import contract
from api.documents.models import PUBLISHED, Document
from api.documents.publishing import BATCH, outdated

READ = 2000


def all_keys() -> Iterator[str]:
    """The key of every object that may be public, then of every published document whose object is gone."""
    for keys in _of_objects():
        yield from keys
    shown = Document.objects.filter(layer=PUBLISHED, valid_to=None, tombstone=False)
    for keys in _slices(shown, "key"):
        yield from _gone(keys)


def outdated_keys() -> Iterator[str]:
    """What is left to build under this contract: objects without a document, then the documents of an earlier one.

    In this order something is outdated until all is done, so that whoever was stopped is known to have been.
    """
    for keys in _of_objects():
        rows = Document.objects.filter(key__in=keys, layer=PUBLISHED, valid_to=None)
        settled = rows.filter(Q(tombstone=False) | Q(contract=contract.version()))
        known = set(settled.values_list("key", flat=True))
        yield from (key for key in keys if key not in known)
    for keys in _slices(outdated(), "key"):
        yield from keys


def count_keys() -> int:
    """About how many keys `all_keys` gives; one query per model."""
    return sum(model._default_manager.count() for _, model in _models())


def batches(keys: Iterable[str]) -> Iterator[list[str]]:
    """These keys in the portions that are built together."""
    left = iter(keys)
    while batch := list(islice(left, BATCH)):
        yield batch


def _of_objects() -> Iterator[list[str]]:
    for kind, model in _models():
        for pks in _slices(model._default_manager.all(), "pk"):
            yield [f"{kind}:{pk}" for pk in pks]


def _models() -> Iterator[tuple[str, type[Model]]]:
    """Where the objects of each kind are: all pages, of whatever type, in one table."""
    for kind, models in contract.kinds().items():
        yield from ((kind, model) for model in ([Page] if kind == "page" else models))


def _slices(rows: QuerySet[Any], column: str) -> Iterator[list[Any]]:
    """The values of a unique column in its order, so many at a time; one query for each."""
    values = rows.order_by(column).values_list(column, flat=True)
    found = list(values[:READ])
    while found:
        yield found
        found = list(values.filter(**{f"{column}__gt": found[-1]})[:READ])


def _gone(keys: list[str]) -> list[str]:
    """Those of these keys whose object does not exist; one query for each model."""
    wanted: dict[str, set[str]] = {}
    for key in keys:
        kind, _, pk = key.partition(":")
        wanted.setdefault(kind, set()).add(pk)
    there = {
        f"{kind}:{pk}"
        for kind, model in _models()
        for pk in model._default_manager.filter(pk__in=wanted.get(kind, ())).values_list("pk", flat=True)
    }
    return [key for key in keys if key not in there]
