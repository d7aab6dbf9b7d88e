"""One object as plain values, the file that holds it, and its text."""

from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify
from wagtail.models import DraftStateMixin

from content.interchange.body import Body
from content.interchange.extras import extras_of
from content.interchange.kinds import Kind
from content.interchange.references import References
from content.interchange.slots import Slot, slots
from content.interchange.writing import markdown_text, yaml_text

ALIAS = "alias_of"
STANDING = {"draft", "position", "private", "translation_of"}
"""What a file says of where an object stands; read when it is made or published, and never changed."""
INDEX = "_index"
"""The file of a page that may have others below it lies in their folder."""


@dataclass(frozen=True)
class Described:
    """`name` is how others refer to it, `place` the file's path without its ending."""

    instance: Any
    name: str
    place: str
    values: dict[str, Any]


def slots_of(kind: Kind) -> list[Slot]:
    """Without the key that the file's name says."""
    key = {field.name for field in kind.key} if kind.is_named_by_file else set()
    return [slot for slot in slots(kind.model) if slot.field.name not in key]


def values_of(kind: Kind, instance: Any, references: References) -> dict[str, Any]:
    """What an import can change."""
    said = {slot.name: slot.dump(instance, references) for slot in slots_of(kind)}
    for extra in extras_of(kind.model):
        said[extra.name] = extra.dump(instance, references)
    return {name: value for name, value in said.items() if value is not None}


def describe(
    kind: Kind, instance: Any, references: References, known: dict[str, Any] | None = None
) -> Described | None:
    """None for what lies outside every site. `known` are its values, if they have been read already; of an alias it is
    only said whose it is.
    """
    name = references.name(kind.model, instance.pk)
    if name is None:
        return None
    place, slug = _place(kind, instance, name, references)
    about: dict[str, Any] = {"type": kind.name} if kind.is_page else {}
    about |= {"slug": slug} if slug else {}
    if kind.is_page and instance.alias_of_id:
        original = references.name(kind.model, instance.alias_of_id)
        standing = _standing(kind, instance, references)
        return Described(instance, name, place, about | standing | {ALIAS: original}) if original else None
    values = values_of(kind, instance, references) if known is None else known
    values = about | values | _standing(kind, instance, references)
    body = values.pop(kind.body.name, None) if kind.body else None
    return Described(instance, name, place, values | ({kind.body.name: body} if kind.body and body else {}))


def _place(kind: Kind, instance: Any, name: str, references: References) -> tuple[str, str]:
    """The file's path without its ending, and the slug if that does not follow from it."""
    if kind.is_page:
        tree, path = references.place_of(instance) or (references.trees[0], "/")
        if path == "/" or kind.model.clean_subpage_models():
            return f"{tree.folder}{path}{INDEX}", instance.slug if path == "/" else ""
        is_taken = instance.slug == INDEX
        return f"{tree.folder}{path[:-1]}" + ("-page" if is_taken else ""), INDEX if is_taken else ""
    if kind.is_image:
        return f"images/{name}", ""
    label, key = references.split(name)
    folder = kind.folder + (f".{label}" if label else "")
    if kind.is_named_by_file:
        return f"{folder}/{key}", ""
    if not kind.is_listed:
        return f"{folder}/{slugify(key)[:100] or kind.name}", ""
    if len(kind.key) > 1:
        return f"{folder}/{slugify(key.split(' ')[0].strip('/').rpartition('/')[2]) or kind.name}", ""
    return folder, ""


def _standing(kind: Kind, instance: Any, references: References) -> dict[str, Any]:
    """Where it stands, which an import takes into account but never changes."""
    said: dict[str, Any] = {}
    if isinstance(instance, DraftStateMixin) and (instance.has_unpublished_changes or not instance.live):
        said["draft"] = True
    if kind.is_page:
        if instance.path.startswith(tuple(references.private_paths)):
            said["private"] = True
        if instance.show_in_menus and instance.depth > 2:
            menu = instance.get_parent().get_children().filter(show_in_menus=True).order_by("path")
            order = list(menu.values_list("pk", flat=True))
            said["position"] = order.index(instance.pk) + 1 if instance.pk in order else len(order) + 1
    original = references.original_of(instance)
    return said | ({"translation_of": original} if original else {})


def file_text(kind: Kind, group: list[Described], references: References) -> str:
    """The text of a Markdown file with one object, or of a YAML file with a list of them."""
    if kind.is_listed:
        return yaml_text([each.values for each in group])
    return text_of(kind, group[0].place, group[0].values, references)


def text_of(kind: Kind, place: str, values: dict[str, Any], references: References) -> str:
    """The text of one object."""
    if kind.is_listed:
        return yaml_text([values])
    values = dict(values)
    stream = values.pop(kind.body.name, None) if kind.body else None
    if not stream or kind.body is None:
        return markdown_text(values)
    return markdown_text(values, Body(kind.body.stream_block, place.rpartition("/")[0], references).write(stream))
