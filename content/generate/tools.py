"""Generated tools with their facts."""

from datetime import timedelta
from random import Random
from typing import Any

from wagtail.models import Page

from content.changes import key_of, touch
from content.generate import words
from content.generate.batches import Bars, add_pages, published, slug_of
from content.generate.bodies import body
from content.generate.bulk import insert
from content.generate.library import Library
from content.models.attribute import Attribute
from content.models.fact import Fact, FactSource, FactState, Verification
from content.models.tool import ToolPage
from content.values import DataType


def generated_tools(parent: Page) -> list[ToolPage]:
    """The first thousand of those below this page, by their numbers; one query."""
    slugs = [slug_of("tool", number) for number in range(1000)]
    found = {tool.slug: tool for tool in ToolPage.objects.child_of(parent).filter(slug__in=slugs).only("title", "slug")}
    return [found[slug] for slug in slugs if slug in found]


def add_tools(parent: Page, shelf: Library, count: int, *, seed: int, bars: Bars) -> int:
    """The tools, each with a fact about every attribute of the library."""

    def make(number: int, slug: str) -> Any:
        chance = words.source(seed, "tool", number)
        page = ToolPage(
            title=words.name(chance, number),
            slug=slug,
            tagline=words.sentence(chance),
            website=f"https://example.org/{slug}/",
            body=body(chance, ToolPage._meta.get_field("body"), [], sections=2),
        )
        page.categories = chance.sample(shelf.categories, 2)
        return page

    def inside(pages: list[Any], numbers: list[int]) -> None:
        facts = [
            _fact(words.source(seed, f"fact/{number}", order), page, attribute, shelf)
            for page, number in zip(pages, numbers, strict=True)
            for order, attribute in enumerate(shelf.attributes)
        ]
        if facts:
            days = [published(number) for number in numbers for _ in shelf.attributes]
            insert(facts, days)
            touch(key_of(fact) for fact in facts)
            Verification.objects.bulk_create(
                Verification(fact=fact, digest=fact.value_digest, verified_on=(day + timedelta(days=1)).date())
                for fact, day in zip(facts, days, strict=True)
            )

    # A tool is written with all its facts: smaller batches.
    return add_pages(parent, "tool", count, make, bars=bars, size=25, inside=inside)


def _fact(chance: Random, page: ToolPage, attribute: Attribute, shelf: Library) -> Fact:
    state = chance.choice([FactState.YES, FactState.YES, FactState.PARTIAL, FactState.NO, FactState.UNKNOWN])
    has_value = attribute.data_type == DataType.TEXT and state in (FactState.YES, FactState.PARTIAL)
    value = words.name(chance, chance.randrange(9)) if has_value else ""
    fact = Fact(tool=page, attribute=attribute, state=state, value=value, note=words.sentence(chance))
    fact.fact_sources = [FactSource(source=source) for source in chance.sample(shelf.sources, 2)]  # type: ignore[misc]
    fact.published_digest = fact.value_digest
    return fact
