"""What is exchanged: found in the models, so that a new page type or snippet is exchanged because it is there."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import models
from django.utils.text import slugify
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.models import Page, get_page_models
from wagtail.snippets.models import get_snippet_models

PAGE_RANK = 2


@dataclass(frozen=True)
class Kind:
    """A type of content and how its files are laid out."""

    model: Any

    @property
    def name(self) -> str:
        """As it is written at `type:` and asked for with `--type`: "article", "tool-index"."""
        return slugify(str(self.model._meta.verbose_name))

    @property
    def folder(self) -> str:
        return slugify(str(self.model._meta.verbose_name_plural))

    @property
    def is_page(self) -> bool:
        return issubclass(self.model, Page)

    @property
    def is_image(self) -> bool:
        return bool(self.model is get_image_model())

    @property
    def key(self) -> list[Any]:
        return key_fields(self.model)

    @property
    def body(self) -> StreamField | None:
        """The stream that a Markdown file's text is."""
        streams = [field for field in self.model._meta.concrete_fields if isinstance(field, StreamField)]
        return next((field for field in streams if field.name == "body"), streams[0] if len(streams) == 1 else None)

    @property
    def is_named_by_file(self) -> bool:
        """Whether the file's name is the key."""
        return self.is_page or self.is_image or (len(self.key) == 1 and isinstance(self.key[0], models.SlugField))

    @property
    def is_listed(self) -> bool:
        """Whether many stand in one file, for they are small and named by no word of their own."""
        return not self.is_named_by_file and self.body is None

    @property
    def rank(self) -> int:
        """In which order new objects are made: first those that need no other."""
        if self.is_image:
            return 0
        if self.is_page:
            return PAGE_RANK
        needs = [field for field in self.model._meta.concrete_fields if field.is_relation and not field.null]
        return 3 if any(kind_of_model(field.related_model) for field in needs) else 1


@cache
def kinds() -> list[Kind]:
    """Every kind, in the order in which they are exported."""
    snippets = sorted(get_snippet_models(), key=lambda model: str(model._meta.verbose_name_plural))
    pages = sorted((model for model in get_page_models() if model is not Page), key=lambda model: model.__name__)
    return [Kind(model) for model in (get_image_model(), *snippets, *pages)]


def kind_of_model(model: Any) -> Kind | None:
    return next((kind for kind in kinds() if kind.model is model), None)


def kind_named(name: str) -> Kind | None:
    return next((kind for kind in kinds() if kind.name == name), None)


_IDENTITY_OF_WAGTAIL = {"uuid", "translation_key"}


@cache
def key_fields(model: Any) -> list[Any]:
    """The fields by which editors tell two objects of a model apart; empty for pages and images, which have others.

    That is a unique field, else the first set of fields that are unique together, else the name.
    """
    if issubclass(model, Page) or model is get_image_model():
        return []
    own = [field for field in model._meta.concrete_fields if not field.primary_key]
    by_name = {field.name: field for field in own}
    unique = [
        field for field in own if field.unique and field.name not in _IDENTITY_OF_WAGTAIL and not field.is_relation
    ]
    if unique:
        return unique[:1]
    together = [list(names) for names in model._meta.unique_together]
    together += [list(each.fields) for each in model._meta.total_unique_constraints]
    for names in together:
        fields = [by_name[name] for name in names if name != "locale"]
        if fields and not {field.name for field in fields} & _IDENTITY_OF_WAGTAIL:
            return fields
    named = [by_name[name] for name in ("slug", "name", "title", "label") if name in by_name]
    return named[:1] or [field for field in own if type(field) is models.CharField and field.editable][:1]
