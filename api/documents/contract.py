"""Declaring what is public: one class says how a document is built from its source and how GraphQL serves it.

    @document(ArticlePage)
    class Article(Page):
        dek: str = field("The standfirst.")         built from the attribute of the same name
        authors: list["Person"] = field("…")        other documents: stored as keys, loaded together per answer
        @derived
        @staticmethod
        def reading_minutes(page: ArticlePage) -> int: …      built by this function, once, when the page is published
        @served()
        def breadcrumbs(self) -> list["Link"]: …              computed when it is read, from what the request may see

A field is public because it is declared here, and only then.

What of it is text for a search or an excerpt is said with `text=` and a `Weight`; formatted text is `Weight.TEXT`
without being declared.

Every field has a price (`api.limits`), and nothing has to be declared for it. `cost=` is for one that takes more work
than others, in units of about 10 µs; `size=` for a list that is usually not about five long.
"""

import hashlib
import inspect
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import strawberry
from django.db import models
from strawberry.types.private import is_private

from api.documents import registry
from api.documents.codecs import Decoded, ListCodec, OptionalCodec, PartCodec, Weight, indispensable, stored_fields
from api.search.words import VERSION as TERMS
from content.changes import kind_of


def field(description: str, *, cost: int | None = None, size: int | None = None, text: Weight | None = None) -> Any:
    """A stored field, with its published description."""
    return strawberry.field(description=description, metadata=_metadata(cost=cost, size=size, text=text))


def _metadata(**declared: Any) -> dict[str, Any]:
    return {name: value for name, value in declared.items() if value is not None}


def column(description: str) -> Any:
    """A field that lies in a column of its own, so that it can be filtered and ordered by."""
    result = strawberry.field(description=description)
    result.is_column = True
    return result


def stored(value: Any) -> Any:
    """What a derived field returns when its type is not the one that is served: keys or source objects."""
    return value


@dataclass
class Derived:
    function: Callable[[Any], Any]
    metadata: dict[str, Any]


def derived(
    function: Any = None, *, cost: int | None = None, size: int | None = None, text: Weight | None = None
) -> Any:
    """A stored field computed from the source object when the document is built; its docstring is its published
    description.
    """
    if function is None:
        return partial(derived, cost=cost, size=size, text=text)
    function = function.__func__ if isinstance(function, staticmethod) else function
    return Derived(function, _metadata(cost=cost, size=size, text=text))


def served(*, needs: Iterable[str] = (), cost: int | None = None, size: int | None = None) -> Callable[[Any], Any]:
    """A field computed when it is read. `needs` names stored fields of the same class that it reads, so that they are
    loaded in time.
    """

    def decorate(function: Any) -> Any:
        resolved: Any = strawberry.field(
            function, description=_description(function), metadata=_metadata(cost=cost, size=size)
        )
        resolved.served_needs = frozenset(needs)
        return resolved

    return decorate


def interface(cls: type) -> Any:
    """An interface whose stored fields every implementing class builds too."""
    return _declare(cls, strawberry.interface)


def part(cls: type) -> Any:
    """A value that lives inside a document: a fact, a correction."""
    return _declare(cls, strawberry.type)


def document(*models_: type[models.Model], prefetch: Iterable[str] = ()) -> Callable[[type], Any]:
    """The public form of these content models. `prefetch` names relations that building one reads: they are loaded in
    one query each for all that are built together.
    """

    def decorate(cls: type) -> Any:
        declared = _declare(cls, strawberry.type)
        registry.documents[cls.__name__] = declared
        registry.sources.update(dict.fromkeys(models_, declared))
        registry.prefetched.update(dict.fromkeys(models_, tuple(prefetch)))
        return declared

    return decorate


def block(block_class: type, *, few: int | None = None) -> Callable[[type], Any]:
    """The public form of an editor block; the two classes carry the same name. `few` is for a dear one, of which a body
    is assumed to hold no more.
    """

    def decorate(cls: type) -> Any:
        declared = _declare(cls, strawberry.type)
        registry.blocks[block_class] = declared
        if few is not None:
            registry.few[cls.__name__] = few
        return declared

    return decorate


def previewed_through(model: type[models.Model]) -> Callable[[Any], Any]:
    """The decorated function gives the object in which a previewed `model` is shown."""

    def decorate(function: Any) -> Any:
        registry.substitutes[model] = function
        return function

    return decorate


def previewed_on(model: type[models.Model]) -> Callable[[Any], Any]:
    """The decorated function gives the published page on which a previewed `model` is looked at; without one the front
    end shows it by itself.
    """

    def decorate(function: Any) -> Any:
        registry.surroundings[model] = function
        return function

    return decorate


def _declare(cls: type, declare: Callable[..., type]) -> type:
    functions: dict[str, Callable[[Any], Any]] = {}
    for base in reversed(cls.__mro__[1:]):
        functions.update(base.__dict__.get("__derived__", {}))
    annotations = dict(cls.__dict__.get("__annotations__", {}))
    for name, value in list(vars(cls).items()):
        if isinstance(value, Derived):
            functions[name] = value.function
            annotations[name] = value.function.__annotations__["return"]
            if is_private(annotations[name]):
                delattr(cls, name)
            else:
                description = _description(value.function)
                setattr(cls, name, strawberry.field(description=description, metadata=value.metadata))
        elif getattr(value, "served_needs", None):
            registry.needs[f"{cls.__name__}.{name}"] = value.served_needs
    cls.__annotations__ = annotations
    declared: Any = declare(cls, description=_description(cls))
    declared.__derived__ = functions
    registry.declared[cls.__name__] = declared
    return declared


def _description(thing: Any) -> str | None:
    return inspect.cleandoc(thing.__doc__) if thing.__doc__ else None


def complete() -> list[type]:
    """Resolve the declarations against each other and return the classes for the schema. Called once, when all are
    imported.
    """
    for cls in registry.declared.values():
        # Types refer to each other in circles across files; names imported for type checking only are provided here.
        module = sys.modules[cls.__module__]
        for name, other in registry.declared.items():
            module.__dict__.setdefault(name, other)
    for cls in registry.declared.values():
        for each in stored_fields(cls):
            setattr(cls, each.name, each.codec.empty if each.codec.plain else Decoded(each))
    return [*registry.documents.values(), *registry.blocks.values()]


def labels_read(cls: type, name: str) -> set[str]:
    """Every stored field, as "Type.field", that answering one field of a class may read."""
    labels = {f"{cls.__name__}.{name}"}
    for needed in needs_of(cls, name):
        labels.add(needed if "." in needed else f"{cls.__name__}.{needed}")
    for label in list(labels):
        owner, _, field_name = label.partition(".")
        stored = (
            {each.name: each for each in stored_fields(registry.declared[owner])} if owner in registry.declared else {}
        )
        item = stored[field_name].codec if field_name in stored else None
        while isinstance(item, ListCodec | OptionalCodec):
            item = item.item
        if isinstance(item, PartCodec):
            decisive = (*indispensable(item.cls), *needs_of(item.cls, "settle"))
            labels |= {f"{item.cls.__name__}.{each}" for each in decisive}
    return labels


def group_of(label: str) -> str | None:
    """The group of columns in which a document's stored field lies; None for a field of a part or block, or one
    computed when read.
    """
    owner, _, name = label.partition(".")
    cls = registry.documents.get(owner)
    return next((each.codec.group for each in stored_fields(cls) if each.name == name), None) if cls else None


def implementations(name: str) -> list[type]:
    """The declared classes that answer for a GraphQL type: itself, and for an interface all that implement it."""
    cls = registry.declared.get(name)
    return [each for each in registry.declared.values() if issubclass(each, cls)] if cls else []


@cache
def needs_of(cls: type, name: str) -> frozenset[str]:
    """Stored fields that a served field of this class, or of an interface of it, says it reads."""
    return frozenset().union(*(registry.needs.get(f"{base.__name__}.{name}", frozenset()) for base in cls.__mro__))


def kinds() -> dict[str, list[type[models.Model]]]:
    """The models behind each kind of key ("page", "person")."""
    result: dict[str, list[type[models.Model]]] = {}
    for model in registry.sources:
        result.setdefault(kind_of(model), []).append(model)
    return result


@cache
def version() -> str:
    """A short digest of everything declared; rows built with another one may differ from what would be built now."""
    fields = [each for cls in registry.declared.values() for each in stored_fields(cls)]
    text = [f"{each.label}:{type(each.codec).__name__}:{each.weight}" for each in fields]
    text.append(TERMS)
    return hashlib.sha256("\n".join(sorted(text)).encode()).hexdigest()[:16]
