"""Making pages of one kind, a batch at a time: each batch is one change, published as a whole."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from wagtail.models import Page

from content.changes import changes, page_keys, touch
from content.generate.bulk import insert_pages
from content.management.progress import Progress

Bars = Callable[[str, int], Progress]
"""Called with what is being made and how many there will be; gives the bar that shows it."""

FIRST = datetime(2024, 1, 1, 9, tzinfo=UTC)


def published(number: int) -> datetime:
    """When the object of this number was first published: one every five minutes."""
    return FIRST + timedelta(minutes=5 * number)


def slug_of(kind: str, number: int) -> str:
    return f"generated-{kind}-{number}"


def add_pages(
    parent: Page,
    kind: str,
    count: int,
    make: Callable[[int, str], Any],
    *,
    bars: Bars,
    size: int = 200,
    inside: Callable[[list[Any], list[int]], None] = lambda pages, numbers: None,
) -> int:
    """Add those of `count` pages below `parent` that are not there; return how many that were.

    `make` gives the unsaved page of a number and slug. `inside` adds what belongs to the new pages of a batch but is no
    row inside them.
    """
    there = set(Page.objects.child_of(parent).values_list("slug", flat=True))
    wanted = [(number, slug) for number in range(count) if (slug := slug_of(kind, number)) not in there]
    if not wanted:
        return 0
    bar = bars(f"{kind.title()}s", len(wanted))
    for start in range(0, len(wanted), size):
        batch = wanted[start : start + size]
        numbers = [number for number, _ in batch]
        with changes():
            pages = [make(number, slug) for number, slug in batch]
            insert_pages(parent, pages, [published(number) for number in numbers])
            inside(pages, numbers)
            touch(page_keys(Page.objects.filter(pk__in=[page.pk for page in pages])))
        bar.advance(len(batch))
    bar.finish()
    return len(wanted)
