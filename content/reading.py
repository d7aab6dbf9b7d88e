"""How much of a page a reader reads: its words, not its choices, addresses, and what stands behind pictures."""

from collections.abc import Iterator
from typing import Any

from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.rich_text import get_text_for_indexing


def count_words(body: Any) -> int:
    """The words in the value of a stream."""
    return sum(len(text.split()) for text in texts(body.stream_block, body))


def texts(block: blocks.Block, value: Any) -> Iterator[str]:
    """What stands on the page as text. A block with `is_read = False` says that nobody reads it there."""
    if not value or not getattr(block, "is_read", True):
        return
    if isinstance(block, blocks.StreamBlock):
        for child in value:
            yield from texts(child.block, child.value)
    elif isinstance(block, blocks.StructBlock):
        for name, child_block in block.child_blocks.items():
            yield from texts(child_block, value.get(name))
    elif isinstance(block, blocks.ListBlock):
        for item in value:
            yield from texts(block.child_block, item)
    elif isinstance(block, TypedTableBlock):
        yield from (column["heading"] for column in value.columns)
        for row in value.rows:
            for cell in row:
                yield from texts(cell.block, cell.value)
    elif isinstance(block, blocks.RichTextBlock):
        yield get_text_for_indexing(value.source)
    elif isinstance(block, blocks.CharBlock | blocks.TextBlock):
        yield str(value)
