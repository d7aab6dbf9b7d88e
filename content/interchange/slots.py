"""The fields of a model, each with its name in files and the way out of an object and into it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.timezone import is_naive, make_aware
from modelcluster.fields import ParentalKey
from modelcluster.models import get_all_child_relations
from taggit.managers import TaggableManager
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Collection, Page

from content.interchange import blocks
from content.interchange.kinds import kind_of_model
from content.interchange.nodes import Node, Problem
from content.interchange.references import References
from content.interchange.rich_text import from_markdown, to_markdown
from content.interchange.texts import boolean, unknown

# What says where an object stands or what an editor is doing with it, and not what it says.
LEFT_OUT = {
    "alias_of",
    "content_type",
    "depth",
    "draft_title",
    "expired",
    "file_hash",
    "latest_revision",
    "live",
    "live_revision",
    "locale",
    "locked",
    "locked_at",
    "locked_by",
    "numchild",
    "owner",
    "path",
    "slug",
    "translation_key",
    "url_path",
}


@dataclass(frozen=True)
class Slot:
    """One field. `dump` returns None for what need not be said."""

    field: Any
    name: str

    @property
    def accessor(self) -> str:
        """The attribute of the object."""
        return _accessor(self.field)

    def dump(self, instance: Any, references: References) -> Any:
        raise NotImplementedError

    def load(self, instance: Any, node: Node, references: References) -> None:
        raise NotImplementedError


class ValueSlot(Slot):
    def dump(self, instance: Any, references: References) -> Any:
        value = self.field.value_from_object(instance)
        if value in (None, "") or value == self.field.get_default():
            return None
        return value if isinstance(value, str | bool | int) else self.written(value)

    def written(self, value: Any) -> Any:
        if isinstance(value, datetime):
            # As exact as a revision: what is published from one would differ from its file.
            return value.replace(microsecond=value.microsecond // 1000 * 1000)
        return value

    def load(self, instance: Any, node: Node, references: References) -> None:
        setattr(instance, self.field.attname, self.parsed(node))

    def parsed(self, node: Node) -> Any:
        if isinstance(self.field, models.JSONField):
            return node.plain()
        if node.value is None:
            return self.field.get_default() if not self.field.null else None
        if isinstance(self.field, models.BooleanField):
            return boolean(node)
        try:
            value = self.field.to_python(node.text())
        except ValidationError as error:
            raise Problem(" ".join(error.messages), node.line) from None
        return _aware(value) if isinstance(self.field, models.DateTimeField) else value


def _aware(value: Any) -> Any:
    return make_aware(value) if value is not None and is_naive(value) else value


class RichTextSlot(ValueSlot):
    def dump(self, instance: Any, references: References) -> Any:
        return to_markdown(self.field.value_from_object(instance) or "", references) or None

    def load(self, instance: Any, node: Node, references: References) -> None:
        setattr(instance, self.field.attname, from_markdown(node, self.field.features, references))


class StreamSlot(Slot):
    def dump(self, instance: Any, references: References) -> Any:
        block = self.field.stream_block
        return blocks.dump(block, blocks.raw_of(block, getattr(instance, self.name)), references) or None

    def load(self, instance: Any, node: Node, references: References) -> None:
        block = self.field.stream_block
        raw = blocks.load(block, node, references)
        old = blocks.raw_of(block, getattr(instance, self.name))
        setattr(instance, self.name, block.to_python(blocks.kept(block, old, raw, references)))


class ReferenceSlot(Slot):
    def dump(self, instance: Any, references: References) -> Any:
        return references.name(self.field.related_model, getattr(instance, self.field.attname)) or None

    def load(self, instance: Any, node: Node, references: References) -> None:
        setattr(instance, self.field.attname, references.find_node(self.field.related_model, node))


class ManySlot(Slot):
    def dump(self, instance: Any, references: References) -> Any:
        related = self.field.related_model
        names = [references.name(related, each.pk) for each in getattr(instance, self.field.name).all()]
        return sorted(name for name in names if name) or None

    def load(self, instance: Any, node: Node, references: References) -> None:
        related = self.field.related_model
        found = [references.find(related, item.text(), item.line) for item in node.items()]
        setattr(instance, self.field.name, related._default_manager.filter(pk__in=found))


class TagsSlot(Slot):
    def dump(self, instance: Any, references: References) -> Any:
        return sorted(tag.name for tag in getattr(instance, self.field.name).all()) or None

    def load(self, instance: Any, node: Node, references: References) -> None:
        tags = [item.text() for item in node.items()]
        manager = getattr(instance, self.field.name)
        if instance.pk or hasattr(manager, "commit"):
            manager.set(tags)


class RowsSlot(Slot):
    """The rows of an inline panel, as mappings. A row that says nothing but what it refers to, or has but one field, is
    written as that alone.
    """

    def dump(self, instance: Any, references: References) -> Any:
        rows = [self._dump_row(row, references) for row in self._rows(instance)]
        return [row for row in rows if row] or None

    def _rows(self, instance: Any) -> list[Any]:
        return list(getattr(instance, self.accessor).all())

    @property
    def slots(self) -> list[Slot]:
        return slots(self.field.related_model)

    @property
    def main(self) -> Slot | None:
        """The field that may stand for the whole row."""
        first = self.slots[0] if self.slots else None
        return first if isinstance(first, ReferenceSlot) or len(self.slots) == 1 else None

    def _dump_row(self, row: Any, references: References) -> Any:
        values = {slot.name: slot.dump(row, references) for slot in self.slots}
        values = {name: value for name, value in values.items() if value is not None}
        return values[self.main.name] if self.main and values.keys() == {self.main.name} else values

    def load(self, instance: Any, node: Node, references: References) -> None:
        new = [self._load_row(item, references) for item in node.items()]
        self._keep_identities(self._rows(instance), new, references)
        for order, row in enumerate(new):
            row.sort_order = order
        setattr(instance, self.accessor, new)

    def _load_row(self, item: Node, references: References) -> Any:
        row = self.field.related_model()
        if self.main and not isinstance(item.value, dict):
            self.main.load(row, item, references)
            return row
        by_name = {slot.name: slot for slot in self.slots}
        for name, value in item.mapping().items():
            if name not in by_name:
                raise Problem(unknown("field", name, by_name), value.line)
            by_name[name].load(row, value, references)
        return row

    def _keep_identities(self, old: list[Any], new: list[Any], references: References) -> None:
        """A row that says what an old one said is the old one; the others take the places that are left, in order."""
        free = list(old)
        waiting = []
        for row in new:
            said = self._dump_row(row, references)
            twin = next((each for each in free if self._dump_row(each, references) == said), None)
            if twin is None:
                waiting.append(row)
            else:
                row.pk = twin.pk
                free.remove(twin)
        for row, place in zip(waiting, free, strict=False):
            row.pk = place.pk


@cache
def slots(model: Any) -> list[Slot]:
    """What is exchanged of a model: its title, its own fields and rows, then what Wagtail's base class brings."""
    found = [slot for field in _fields(model) if (slot := _slot(model, field)) is not None]
    names = [slot.name for slot in found]
    doubles = {name for name in names if names.count(name) > 1}
    return [type(slot)(slot.field, _accessor(slot.field)) if slot.name in doubles else slot for slot in found]


def _fields(model: Any) -> list[Any]:
    own = list(model._meta.local_fields)
    names = {"title", "name", "label"}
    identity = [field for field in model._meta.concrete_fields if field.name in names][:1]
    many = list(model._meta.many_to_many)
    rows = [relation for relation in get_all_child_relations(model) if _is_ours(relation.related_model)]
    rest = list(model._meta.concrete_fields)
    return list(dict.fromkeys([*identity, *own, *many, *rows, *rest]))


def _is_ours(model: Any) -> bool:
    """Not Wagtail's comments and the like, nor the rows behind tags."""
    is_tag = any(field.name == "tag" for field in model._meta.fields)
    return not is_tag and not model.__module__.startswith("wagtail.")


def _slot(model: Any, field: Any) -> Slot | None:
    name = _short_name(model, _accessor(field))
    if field.one_to_many:
        return RowsSlot(field, name)
    if isinstance(field, TaggableManager):
        return TagsSlot(field, name)
    if not _is_exchanged(model, field):
        return None
    if field.many_to_many:
        return ManySlot(field, name)
    if field.is_relation:
        return ReferenceSlot(field, name)
    for kind, slot in FIELD_SLOTS.items():
        if isinstance(field, kind):
            return slot(field, name)
    return ValueSlot(field, name)


FIELD_SLOTS: dict[Any, type[Slot]] = {StreamField: StreamSlot, RichTextField: RichTextSlot}


def _is_exchanged(model: Any, field: Any) -> bool:
    if field.name == "first_published_at":
        return issubclass(model, Page)
    if field.name in LEFT_OUT or not field.editable or isinstance(field, ParentalKey | models.FileField):
        return False
    if getattr(field, "primary_key", False) or getattr(field.remote_field, "parent_link", False):
        return False
    if field.is_relation:
        related = field.related_model
        is_user = related._meta.label == settings.AUTH_USER_MODEL
        return not is_user and (issubclass(related, Page | Collection) or kind_of_model(related) is not None)
    return True


def _accessor(field: Any) -> str:
    return str(field.get_accessor_name() if field.one_to_many else field.name)


def _short_name(model: Any, name: str) -> str:
    """Rows are called after what they are rows of ("article_authors"); inside an article that goes without saying."""
    noun = str(model._meta.model_name).removesuffix("page")
    return name.removeprefix(f"{noun}_")
