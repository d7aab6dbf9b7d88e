"""How long a page takes to read: its words, not its choices, addresses, and what stands behind pictures.

What other documents show in it is not counted: cards, facts and matrices are looked at. A fact inside a sentence counts
as the words that the editor saw.
"""

import re
from collections.abc import Iterator
from math import ceil
from typing import Any

from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.rich_text import get_text_for_indexing

from content.body_part import SourceBlock

SILENT = 238
"""Words of English non-fiction that adults read in a minute, mean of 190 studies: Brysbaert 2019,
doi 10.1016/j.jml.2019.104047.
"""
ALOUD = {
    "ar": 138,
    "zh": 158,
    "nl": 202,
    "en": 228,
    "fi": 161,
    "fr": 195,
    "de": 179,
    "he": 187,
    "it": 188,
    "ja": 193,
    "pl": 166,
    "pt": 181,
    "ru": 184,
    "sl": 180,
    "es": 218,
    "sv": 199,
    "tr": 166,
}
"""Words of equal texts that are read aloud in a minute, by language: Trauzettel-Klosinski and Dietz 2012,
doi 10.1167/iovs.11-8284. How languages compare is taken from here, the pace from above.
"""
CHARACTERS_ALOUD = {"zh": 255, "ja": 357}
"""The same in characters."""
CHARACTER = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
"""Kana and Han, which have no spaces between words. Korean has."""
NAME = re.compile(r"\w+")
"""In a listing what is between the signs is a word: there are few spaces."""


def reading_minutes(body: Any, language: str) -> int:
    """Whole minutes for the value of a stream in a language such as "en" or "pt-BR", at least 1. A language without
    figures is read as fast as English.
    """
    main = language.partition("-")[0].lower()
    words = characters = 0
    for block, text in texts(body.stream_block, body):
        characters += len(CHARACTER.findall(text))
        rest = CHARACTER.sub(" ", text)
        words += len(NAME.findall(rest) if isinstance(block, SourceBlock) else rest.split())
    aloud = words / ALOUD.get(main, ALOUD["en"]) + characters / CHARACTERS_ALOUD.get(main, CHARACTERS_ALOUD["zh"])
    return max(1, ceil(round(aloud * ALOUD["en"] / SILENT, 6)))


def texts(block: blocks.Block, value: Any) -> Iterator[tuple[blocks.Block, str]]:
    """What stands on the page as text, with its block. `is_read = False` says of a block that nobody reads it there."""
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
        yield from ((block, column["heading"]) for column in value.columns)
        for row in value.rows:
            for cell in row:
                yield from texts(cell.block, cell.value)
    elif isinstance(block, blocks.RichTextBlock):
        yield block, get_text_for_indexing(value.source)
    elif isinstance(block, blocks.CharBlock | blocks.TextBlock):
        yield block, str(value)
