"""Everything declared public, by name and by source; filled while `api.types` and `api.blocks` are imported."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models

declared: dict[str, type] = {}
"""Every declared class by its GraphQL name."""
documents: dict[str, type] = {}
"""Those that have documents of their own; the name is also the `type` of their rows."""
sources: dict[type[models.Model], type] = {}
"""The document class of each content model."""
prefetched: dict[type[models.Model], tuple[str, ...]] = {}
"""What is loaded with the objects of each content model that are built together."""
blocks: dict[type, type] = {}
"""The GraphQL class of each editor block."""
few: dict[str, int] = {}
"""Blocks of which a body is assumed to hold so many at most, by name."""
substitutes: dict[type[models.Model], Callable[[Any], models.Model]] = {}
"""Models without a document of their own that are shown through another object when previewed."""
surroundings: dict[type[models.Model], Callable[[Any], models.Model | None]] = {}
"""Models that are looked at on a page of the site: the page, if there is one, whose own document stays as it is."""


@dataclass(frozen=True)
class Inside:
    """Where an object lies that has a key but no document of its own."""

    model: type[models.Model]
    owner: str
    """The type of the documents that hold it."""
    part: str
    """The class of the part that it is; each has an `id`, which is its key."""
    parts: str
    """The field of the owner that lists these parts."""
    keys: str
    """The field of the owner that refers to the keys of all it holds."""


inside: dict[str, Inside] = {}
"""By the kind of their keys. The reader loads them as it loads documents, each with its `owner`."""
needs: dict[str, frozenset[str]] = {}
"""Stored fields that a field computed on reading says it reads, by "Type.field"."""


class ContractError(Exception):
    """A declaration that cannot be served, found when the schema is put together."""
