"""Which object a record speaks of, told from where its file lies and what stands in it."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from content.interchange.describing import INDEX, slots_of
from content.interchange.folder import Record
from content.interchange.kinds import Kind, kind_named, kinds
from content.interchange.nodes import Node, Problem
from content.interchange.references import joined, prefixed

PAGES = "pages"


@dataclass(frozen=True, slots=True)
class Identity:
    """`name` is how others refer to the object; `kind` is None for a page whose type only its parent can say."""

    kind: Kind | None
    name: str
    key: str = ""
    label: str = ""

    @property
    def parent(self) -> str:
        """The name of a page's parent; "" for the first page of a site."""
        path = self.name.partition(":")[2] if self.label else self.name
        return prefixed(self.label, path[: path.rstrip("/").rfind("/") + 1]) if path != "/" else ""

    @property
    def depth(self) -> int:
        return self.name.count("/")


def identify(record: Record) -> Identity:
    top, _, rest = record.place.partition("/")
    if top == PAGES or top.startswith((f"{PAGES}.", f"{PAGES}@")):
        # "pages.de@example.org" holds the tree "de@example.org".
        return _page(record, top.removeprefix(PAGES).removeprefix("."), rest)
    base, _, label = top.partition(".")
    kind = next((kind for kind in kinds() if kind.folder == base and not kind.is_page), None)
    if kind is None:
        raise Problem(_no_folder(top), record.line)
    if kind.is_image:
        return Identity(kind, rest, rest)
    if kind.is_named_by_file:
        node = record.values.get(kind.key[0].name, Node(record.stem))
        if not node.text():
            raise Problem(f"“{kind.key[0].name}” is empty.", node.line)
        return Identity(kind, prefixed(label, node.text()), node.text(), label)
    parts = [_part(record, kind, field) for field in kind.key]
    return Identity(kind, prefixed(label, joined(parts)), parts[0], label)


def _no_folder(top: str) -> str:
    names = sorted({PAGES, *(kind.folder for kind in kinds() if not kind.is_page)})
    near = get_close_matches(top, names, 1)
    hint = f" Did you mean “{near[0]}”?" if near else ""
    return f"“{top}” is no folder of content.{hint} Folders are: {', '.join(names)}. See also --at."


def _page(record: Record, label: str, rest: str) -> Identity:
    parts = [part for part in rest.split("/") if part]
    if parts and parts[-1] in (INDEX, "index"):
        parts = parts[:-1]
        is_named = bool(parts)
    else:
        is_named = True
    if is_named and "slug" in record.values:
        parts[-1:] = [record.values["slug"].text()]
    kind = None
    if "type" in record.values:
        node = record.values["type"]
        kind = kind_named(node.text())
        if kind is None or not kind.is_page:
            names = [each.name for each in kinds() if each.is_page]
            near = get_close_matches(node.text(), names, 1)
            hint = f"Did you mean “{near[0]}”?" if near else f"There is: {', '.join(names)}."
            raise Problem(f"No type of page is called “{node.text()}”. {hint}", node.line)
    path = "/" + "".join(f"{part}/" for part in parts)
    return Identity(kind, prefixed(label, path), parts[-1] if parts else "", label)


def _part(record: Record, kind: Kind, field: Any) -> str:
    slot = next(slot for slot in slots_of(kind) if slot.field is field)
    text = " ".join(record.values[slot.name].text().split()) if slot.name in record.values else ""
    if not text and not field.blank:
        raise Problem(f"“{slot.name}” is missing: it says which {kind.model._meta.verbose_name} this is.", record.line)
    is_path = field.is_relation and text.startswith("/") and not text.endswith("/")
    return f"{text}/" if is_path else text
