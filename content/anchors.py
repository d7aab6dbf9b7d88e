"""Where readers find a section: one anchor per heading, unique on its page."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from django.utils.text import slugify


def anchors(headings: Iterable[Any]) -> list[str]:
    """The anchor of each heading, in their order.

    One that an editor gave is kept. Any other follows from the text, with a number behind it where it is taken.
    """
    headings = list(headings)
    given = [heading.get("anchor") or "" for heading in headings]
    taken = set(given)
    kept: set[str] = set()
    result = []
    for heading, anchor in zip(headings, given, strict=True):
        if not anchor or anchor in kept:
            anchor = free_anchor(anchor or heading.get("text") or "", taken)
        kept.add(anchor)
        result.append(anchor)
    return result


def free_anchor(text: str, taken: set[str]) -> str:
    """The anchor that follows from a text; it is taken from then on."""
    stem = slugify(text) or "section"
    numbered = (f"{stem}-{number}" if number > 1 else stem for number in count(1))
    anchor = next(each for each in numbered if each not in taken)
    taken.add(anchor)
    return anchor
