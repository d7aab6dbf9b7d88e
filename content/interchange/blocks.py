"""Block values between a stream's stored form and the plain form of files.

In files a stream is a list of `{type: value}`; a struct is a mapping without what is at its default. Works from the
classes of Wagtail that blocks are made from, so it knows no block by name.
"""

import json
from difflib import SequenceMatcher
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock

from content.interchange.nodes import Node, Problem
from content.interchange.references import References
from content.interchange.rich_text import from_markdown, to_markdown
from content.interchange.texts import boolean, unknown

Raw = Any


def raw_of(block: blocks.Block, value: Any) -> Raw:
    """What the database would hold for a block's value."""
    return json.loads(json.dumps(block.get_prep_value(value), cls=DjangoJSONEncoder))


def _default(block: blocks.Block) -> Raw:
    return raw_of(block, block.get_default())


# Out ------------------------------------------------------------------------------------------------------------------


def dump(block: blocks.Block, raw: Raw, references: References) -> Any:
    if isinstance(block, blocks.StreamBlock):
        known = [child for child in raw or [] if child["type"] in block.child_blocks]
        return [{c["type"]: dump(block.child_blocks[c["type"]], c["value"], references)} for c in known]
    if isinstance(block, blocks.ListBlock):
        return [dump(block.child_block, _list_value(child), references) for child in raw or []]
    if isinstance(block, TypedTableBlock):
        return _dump_table(block, raw or {}, references)
    if isinstance(block, blocks.StructBlock):
        return _dump_struct(block, raw or {}, references)
    model = getattr(block, "target_model", None)
    if model is not None:
        return references.name(model, raw)
    if isinstance(block, blocks.RichTextBlock):
        return to_markdown(raw or "", references)
    return raw


def _list_value(child: Any) -> Raw:
    """Lists are stored with ids, or as bare values by older versions."""
    has_id = isinstance(child, dict) and child.get("type") == "item" and "value" in child
    return child["value"] if has_id else child


def _dump_struct(block: blocks.StructBlock, raw: Raw, references: References) -> dict[str, Any]:
    """Without what is at its default."""
    values = {name: dump(child, raw[name], references) for name, child in block.child_blocks.items() if name in raw}
    unsaid = defaults(block, references)
    return {name: value for name, value in values.items() if _shown(value) != unsaid[name]}


def defaults(block: blocks.StructBlock, references: References) -> dict[str, Any]:
    """What a struct holds where nothing is said."""
    return {name: _shown(dump(child, _default(child), references)) for name, child in block.child_blocks.items()}


def _shown(value: Any) -> Any:
    """Nothing and an empty text look the same."""
    return "" if value is None else value


def _dump_table(block: TypedTableBlock, raw: Raw, references: References) -> dict[str, Any]:
    columns = raw.get("columns") or []
    kinds = [block.child_blocks[column["type"]] for column in columns]
    table = {
        "columns": [{"heading": column.get("heading", ""), "type": column["type"]} for column in columns],
        "rows": [
            [dump(kind, cell, references) for kind, cell in zip(kinds, row["values"], strict=False)]
            for row in raw.get("rows") or []
        ],
    }
    return table | ({"caption": raw["caption"]} if raw.get("caption") else {})


# In -------------------------------------------------------------------------------------------------------------------


def load(block: blocks.Block, node: Node, references: References) -> Raw:
    """The stored form. Raises Problem with the line of what is wrong."""
    if isinstance(block, blocks.StreamBlock):
        return [_load_child(block, item, references) for item in node.items()]
    if isinstance(block, blocks.ListBlock):
        return [
            {"type": "item", "value": load(block.child_block, item, references), "id": str(uuid4())}
            for item in node.items()
        ]
    if isinstance(block, TypedTableBlock):
        return _load_table(block, node, references)
    if isinstance(block, blocks.StructBlock):
        return _load_struct(block, node, references)
    model = getattr(block, "target_model", None)
    if model is not None:
        return references.find_node(model, node)
    if isinstance(block, blocks.RichTextBlock):
        return from_markdown(node, block.features, references)
    return _load_field(block, node)


def _load_child(block: blocks.StreamBlock, item: Node, references: References) -> Raw:
    mapping = item.mapping()
    if len(mapping) != 1:
        raise Problem("Expected one block, as in “callout:” with its values below it.", item.line)
    ((name, value),) = mapping.items()
    if name not in block.child_blocks:
        raise Problem(unknown("block", name, block.child_blocks), item.line)
    return {"type": name, "value": load(block.child_blocks[name], value, references), "id": str(uuid4())}


def _load_struct(block: blocks.StructBlock, node: Node, references: References) -> Raw:
    mapping = node.mapping()
    for name, value in mapping.items():
        if name not in block.child_blocks:
            raise Problem(unknown("field", name, block.child_blocks), value.line)
    return {
        name: load(child, mapping[name], references) if name in mapping else _default(child)
        for name, child in block.child_blocks.items()
    }


def _load_table(block: TypedTableBlock, node: Node, references: References) -> Raw:
    mapping = node.mapping()
    columns = []
    for column in mapping.get("columns", Node(None)).items():
        values = column.mapping()
        kind = values.get("type", Node(next(iter(block.child_blocks)))).text()
        if kind not in block.child_blocks:
            raise Problem(unknown("type of column", kind, block.child_blocks), column.line)
        columns.append({"type": kind, "heading": values.get("heading", Node("")).text()})
    rows = []
    for row in mapping.get("rows", Node(None)).items():
        cells = row.items()
        if len(cells) != len(columns):
            raise Problem(f"This row has {len(cells)} cells, the table {len(columns)} columns.", row.line)
        kinds = [block.child_blocks[column["type"]] for column in columns]
        rows.append({"values": [load(kind, cell, references) for kind, cell in zip(kinds, cells, strict=True)]})
    return {"columns": columns, "rows": rows, "caption": mapping.get("caption", Node("")).text()}


def _load_field(block: Any, node: Node) -> Raw:
    if node.value is None:
        return _empty(block)
    if isinstance(block, blocks.BooleanBlock):
        return boolean(node)
    if isinstance(node.value, list):
        value: Any = [item.text() for item in node.items()]
    elif isinstance(node.value, dict):
        raise Problem("Expected a text, found names with values.", node.line)
    else:
        value = node.value
    try:
        return raw_of(block, block.value_from_form(block.field.to_python(value)))
    except ValidationError as error:
        raise Problem(" ".join(error.messages), node.line) from None


def _empty(block: Any) -> Raw:
    field = getattr(block, "field", None)
    return raw_of(block, block.value_from_form(field.to_python(None))) if field is not None else None


def kept(block: blocks.StreamBlock, old: Raw, new: Raw, references: References) -> Raw:
    """The new stream, in which a block that says what an old one said is the old one, and a block that takes the place
    of one of its type has its id: comments, anchors and comparisons of versions hang on those.
    """
    before, after = ([json.dumps(each) for each in dump(block, raw, references)] for raw in (old, new))
    result: list[Any] = []
    for same, i, i_end, j, j_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if same == "equal":
            result += old[i:i_end]
            continue
        places = old[i:i_end]
        for child in new[j:j_end]:
            twin = next((place for place in places if place["type"] == child["type"]), None)
            if twin is not None:
                places = places[places.index(twin) + 1 :]
                child = child | {"id": twin.get("id") or child["id"]}
            result.append(child)
    return result


# Faults ---------------------------------------------------------------------------------------------------------------


def faults(error: ValidationError, node: Node) -> list[Problem]:
    """What a block's own check found, each with the line of its value."""
    found = []
    inner: Any = getattr(error, "block_errors", None)
    if inner is None:
        return [Problem(message, node.line) for message in error.messages]
    for key, each in inner.items():
        found += faults(each, _inside(node, key))
    found += [Problem(message, node.line) for message in getattr(error, "non_block_errors", [])]
    return found


def _inside(node: Node, key: Any) -> Node:
    if isinstance(node.value, dict):
        return node.value.get(str(key), node)
    if isinstance(node.value, list) and isinstance(key, int) and key < len(node.value):
        child = node.value[key]
        # A stream's item is the mapping of its type to its value.
        is_typed = isinstance(child.value, dict) and len(child.value) == 1
        return next(iter(child.mapping().values())) if is_typed else child
    return node
