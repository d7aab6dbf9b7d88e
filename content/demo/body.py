"""Turns what the demo's files say of a body into what a StreamField stores.

A chosen object is written as the end of its key: `tool = "django"`, `fact = "django/licence"`, `page = "tools/django"`;
in formatted text it is `<a page="tools/django">` and `<a fact="django/licence">`.
"""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.models import Page

from content.blocks import BodyBlock
from content.body_part import LinkMixin
from content.models.category import Category
from content.models.comparison import ComparisonPage
from content.models.fact import Fact
from content.models.images import CustomImage
from content.models.tool import ToolPage

KINDS = {
    Category: "category",
    ComparisonPage: "page/comparisons",
    CustomImage: "image",
    Fact: "fact",
    Page: "page",
    ToolPage: "page/tools",
}
"""The models of which a block chooses an object, and what comes first in its key."""
LINK = re.compile(r'<a (page|fact)="([^"]+)">(.*?)</a>', re.DOTALL)

Find = Callable[[str], Any]
"""The object of a key; None if it has been deleted."""


class Gone(Exception):
    """What a block cannot do without has been deleted."""


def stored_body(rows: list[dict[str, Any]], find: Find) -> str:
    """As JSON. A block, or a row in one, that cannot do without a deleted object is left out."""
    body = BodyBlock()
    raw = []
    for row in rows:
        name = row["block"]
        fields = {field: value for field, value in row.items() if field != "block"}
        try:
            value = _stored(body.child_blocks[name], fields, find)
        except Gone:
            continue
        raw.append({"type": name, "value": value, "id": str(uuid4())})
    return json.dumps(raw)


def _stored(block: blocks.Block, value: Any, find: Find) -> Any:
    match block:
        case blocks.ChooserBlock():
            found = find(f"{KINDS[block.target_model]}/{value}")
            if found is None and block.required:
                raise Gone
            return found and found.pk
        case TypedTableBlock():
            return _table(block, value, find)
        case blocks.RichTextBlock():
            return rich_text(value, find)
        case blocks.ListBlock():
            return _list(block, value, find)
        case blocks.StructBlock():
            return _struct(block, value, find)
        case _:
            return value


def _struct(block: blocks.StructBlock, fields: dict[str, Any], find: Find) -> dict[str, Any]:
    values = {name: _stored(block.child_blocks[name], value, find) for name, value in fields.items()}
    if isinstance(block, LinkMixin) and block.needs_link and not (values.get("page") or values.get("url")):
        raise Gone
    return values


def _list(block: blocks.ListBlock, items: list[Any], find: Find) -> list[dict[str, Any]]:
    values = []
    for item in items:
        try:
            value = _stored(block.child_block, item, find)
        except Gone:
            continue
        values.append({"type": "item", "value": value, "id": str(uuid4())})
    if len(values) < max(1, block.meta.min_num or 0):
        raise Gone
    return values


def _table(block: TypedTableBlock, table: dict[str, Any], find: Find) -> dict[str, Any]:
    kinds = [block.child_blocks[column["type"]] for column in table["columns"]]
    rows = [[_stored(kind, cell, find) for kind, cell in zip(kinds, cells, strict=True)] for cells in table["rows"]]
    return {"columns": table["columns"], "rows": [{"values": cells} for cells in rows], "caption": ""}


def rich_text(html: str, find: Find) -> str:
    """As Wagtail stores it; of a link or a fact that is gone only the words stay."""

    def link(match: re.Match[str]) -> str:
        kind, name, words = match.groups()
        found = find(f"{kind}/{name}")
        return f'<a linktype="{kind}" id="{found.pk}">{words}</a>' if found else words

    return LINK.sub(link, html)
