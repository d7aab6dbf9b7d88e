"""Carrying over what was written when blocks are renamed, removed or altered. For data migrations.

    def forwards(apps, schema_editor):
        change_blocks(apps, schema_editor, Rename("tool_card", "tool"), Remove("steps.steps.tool"))

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]

A path names blocks from the body inwards, as they are stored: `steps` is a block of the stream, `steps.steps.title` the
field `title` of every item of its list `steps`. Items of lists have no name of their own.

Nothing here knows the blocks themselves: a migration outlives their classes.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import models, transaction
from modelcluster.fields import ParentalKey
from wagtail.fields import StreamField

BATCH = 100


@dataclass(frozen=True)
class Change:
    """What is done wherever `path` is found. Doing it twice is the same as doing it once."""

    path: str

    def at(self, holder: Any, name: str) -> bool:
        """Change the block of this name in the stored form of its struct or stream; say whether there was one."""
        raise NotImplementedError


@dataclass(frozen=True)
class Rename(Change):
    """Give a block another name; its content stays."""

    to: str

    def at(self, holder: Any, name: str) -> bool:
        if isinstance(holder, list):
            found = [child for child in holder if child["type"] == name]
            for child in found:
                child["type"] = self.to
            return bool(found)
        if name not in holder:
            return False
        old = holder.pop(name)
        # Where both are there, the new code has already saved the row.
        holder.setdefault(self.to, old)
        return True


@dataclass(frozen=True)
class Remove(Change):
    """Take a block away with its content."""

    def at(self, holder: Any, name: str) -> bool:
        if isinstance(holder, list):
            kept = [child for child in holder if child["type"] != name]
            is_changed = len(kept) < len(holder)
            holder[:] = kept
            return is_changed
        return holder.pop(name, None) is not None


@dataclass(frozen=True)
class Alter(Change):
    """Replace a block's stored value by what a function makes of it; what it made already, it must leave as it is."""

    function: Callable[[Any], Any]

    def at(self, holder: Any, name: str) -> bool:
        holders = [child for child in holder if child["type"] == name] if isinstance(holder, list) else [holder]
        key = "value" if isinstance(holder, list) else name
        is_changed = False
        for each in holders:
            if key in each:
                before = json.dumps(each[key])
                each[key] = self.function(each[key])
                is_changed |= json.dumps(each[key]) != before
        return is_changed


# In this file `True in [… for …]` stands where `any(… for …)` would stop at the first change.


def apply(change: Change, stream: list[Any]) -> bool:
    """Change the stored form of a stream in place; say whether anything was changed."""
    return _descend(stream, change.path.split("."), change)


def _descend(value: Any, path: list[str], change: Change) -> bool:
    name, *rest = path
    if isinstance(value, list) and not _is_stream(value, name):
        # The items of a list, which older versions of Wagtail stored without ids.
        items = [item["value"] if _is_item(item) else item for item in value]
        return True in [_descend(item, path, change) for item in items]
    if not isinstance(value, list | dict):
        return False
    if not rest:
        return change.at(value, name)
    if isinstance(value, dict):
        return name in value and _descend(value[name], rest, change)
    return True in [_descend(child["value"], rest, change) for child in value if child["type"] == name]


def _is_item(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "item" and "value" in value


def _is_stream(value: list[Any], name: str) -> bool:
    are_children = all(isinstance(child, dict) and {"type", "value"} <= child.keys() for child in value)
    return are_children and (name == "item" or not all(_is_item(child) for child in value))


def change_blocks(apps: Any, schema_editor: Any, *changes: Change) -> None:
    """Make these changes, in their order, in every stream of every model and in all its revisions: drafts, scheduled
    ones and history.

    Works in batches, each in a transaction of its own where the migration has none around it (`atomic = False`), and
    writes only what it changes. Tells on a terminal how far it is.
    """
    alias = schema_editor.connection.alias
    for model in apps.get_models():
        streams = _streams(model)
        if streams:
            _each(
                model._base_manager.using(alias),
                f"{model._meta.label}: content",
                partial(_changed_streams, streams, changes),
            )
        if _streams(model, inherited=True) or _children_with_streams(model):
            _each(
                _revisions(apps, model, alias),
                f"{model._meta.label}: revisions",
                partial(_changed_content, model, changes),
            )


def _streams(model: type[models.Model], *, inherited: bool = False) -> list[str]:
    """The names of its streams; a row has those of its own table only, a revision the inherited ones too."""
    fields = model._meta.concrete_fields if inherited else model._meta.local_concrete_fields
    found = [each for each in fields if isinstance(each, StreamField)]
    if any(each.stream_block.child_blocks for each in found):
        raise TypeError("Hand over the `apps` of the migration: models of today drop the blocks they do not know.")
    return [each.name for each in found]


def _children_with_streams(model: type[models.Model]) -> list[Any]:
    """Relations to rows that are saved with the object and stand in its revisions."""
    relations = model._meta.related_objects
    return [each for each in relations if isinstance(each.field, ParentalKey) and _streams(each.related_model)]


def _revisions(apps: Any, model: type[models.Model], alias: str) -> Any:
    content_types = apps.get_model("contenttypes", "ContentType").objects.using(alias)
    own = content_types.filter(app_label=model._meta.app_label, model=model._meta.model_name)
    return apps.get_model("wagtailcore", "Revision")._base_manager.using(alias).filter(content_type__in=own)


def _each(rows: Any, what: str, change: Callable[[Any], list[str]]) -> None:
    """Load every row once, locked, and store the fields that `change` names. Rows added meanwhile are found too."""
    total, done, changed, last = rows.count(), 0, 0, None
    while True:
        with transaction.atomic(using=rows.db):
            page = rows.order_by("pk") if last is None else rows.order_by("pk").filter(pk__gt=last)
            batch = list(page.select_for_update(of=("self",))[:BATCH])
            for row in batch:
                names = change(row)
                if names:
                    rows.filter(pk=row.pk).update(**{name: getattr(row, name) for name in names})
                    changed += 1
        if not batch:
            break
        last = batch[-1].pk
        done += len(batch)
        if sys.stdout.isatty():
            sys.stdout.write(f"\r  {what} {done}/{total}, {changed} changed")
            sys.stdout.flush()
    if done and sys.stdout.isatty():
        sys.stdout.write("\n")


def _changed_streams(names: list[str], changes: tuple[Change, ...], row: Any) -> list[str]:
    return [name for name in names if _changed(getattr(row, name), changes)]


def _changed_content(model: type[models.Model], changes: tuple[Change, ...], revision: Any) -> list[str]:
    return ["content"] if _change_revision(model, revision.content, changes) else []


def _changed(stream: Any, changes: tuple[Change, ...]) -> bool:
    return isinstance(stream, list) and True in [apply(change, stream) for change in changes]


def _change_revision(model: type[models.Model], content: dict[str, Any], changes: tuple[Change, ...]) -> bool:
    """A revision holds each stream as a text of JSON inside its own JSON."""
    found = False
    for name in _streams(model, inherited=True):
        value = content.get(name)
        stream = json.loads(value) if isinstance(value, str) and value else value
        if _changed(stream, changes):
            content[name] = json.dumps(stream) if isinstance(value, str) else stream
            found = True
    for relation in _children_with_streams(model):
        rows = content.get(relation.get_accessor_name()) or []
        found |= True in [_change_revision(relation.related_model, row, changes) for row in rows]
    return found
