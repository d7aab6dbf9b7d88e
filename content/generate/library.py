"""What generated pages have in common: people, topics, categories, attributes and sources."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from wagtail.models import Locale, TranslatableMixin

from content.changes import changes, touch, touched_by
from content.generate import words
from content.generate.batches import published
from content.generate.bulk import insert
from content.models.attribute import Attribute
from content.models.category import Category, arrange
from content.models.fact import Source
from content.models.named import Named
from content.models.person import Person
from content.models.topic import Topic
from content.values import DataType

TOPICS, PEOPLE, CATEGORIES, SOURCES = 20, 40, 25, 400


@dataclass(frozen=True)
class Library:
    topics: list[Topic]
    people: list[Person]
    categories: list[Category]
    attributes: list[Attribute]
    sources: list[Source]


def fill_library(seed: int, *, attributes: int) -> Library:
    """Create what is missing of it, in one change; a few queries for each kind."""
    with changes():
        return Library(
            topics=_named(Topic, TOPICS, seed),
            people=_named(Person, PEOPLE, seed),
            categories=_named(Category, CATEGORIES, seed),
            attributes=_complete(Attribute, "key", "generated-{}", attributes, lambda number: _attribute(seed, number)),
            sources=_complete(
                Source, "url", "https://example.org/manual/{}", SOURCES, lambda number: _source(seed, number)
            ),
        )


def _named(model: type[Named], count: int, seed: int) -> list[Any]:
    kind = str(model._meta.model_name)

    def make(number: int) -> dict[str, Any]:
        return {"name": f"{kind.title()} {words.name(words.source(seed, kind, number), number)}"}

    return _complete(model, "slug", f"generated-{kind}-{{}}", count, make)


def _complete(model: Any, name: str, pattern: str, count: int, make: Callable[[int], dict[str, Any]]) -> list[Any]:
    """The objects of these numbers, those that were missing made; they are told apart by the field `name`."""
    wanted = {pattern.format(number): number for number in range(count)}
    rows = _rows(model).filter(**{f"{name}__in": wanted})
    there = set(rows.values_list(name, flat=True))
    missing = {key: number for key, number in wanted.items() if key not in there}
    made = [model(**{name: key}, **make(number)) for key, number in missing.items()]
    if made and hasattr(model, "live"):
        insert(made, [published(number) for number in missing.values()])
    else:
        model._default_manager.bulk_create(made)
    if made and model is Category:
        arrange()
    touch({key for each in made for key in touched_by(each)})
    found = {getattr(each, name): each for each in rows.all()}
    return [found[key] for key in wanted]


def _rows(model: Any) -> QuerySet[Any]:
    """Those among which the field is unique."""
    rows = model._default_manager.all()
    return rows.filter(locale=Locale.get_default()) if issubclass(model, TranslatableMixin) else rows


def _attribute(seed: int, number: int) -> dict[str, Any]:
    # Every fourth one asks for a text, the others for a yes or no.
    kind = DataType.TEXT if number % 4 == 3 else DataType.BOOLEAN
    label = f"Handles {words.name(words.source(seed, 'attribute', number), number)}"
    # Every fifth one has to be looked up again, and by now it is time.
    days = 180 if number % 5 == 0 else None
    return {"label": label, "data_type": kind, "ttl_days": days, "sort_order": number}


def _source(seed: int, number: int) -> dict[str, Any]:
    return {"title": f"Manual of {words.name(words.source(seed, 'source', number), number)}"}
