"""Generated comparisons of generated tools."""

from typing import Any

from wagtail.models import Page

from content.generate import words
from content.generate.batches import Bars, add_pages
from content.generate.bodies import body
from content.generate.library import Library
from content.models.comparison import (
    ComparisonAttribute,
    ComparisonPage,
    ComparisonTool,
    ComparisonTopic,
    ComparisonVerdict,
)
from content.models.tool import ToolPage


def add_comparisons(parent: Page, shelf: Library, tools: list[ToolPage], count: int, *, seed: int, bars: Bars) -> int:
    """None when there are not two tools to compare."""
    if len(tools) < 2:
        return 0

    def make(number: int, slug: str) -> Any:
        chance = words.source(seed, "comparison", number)
        compared = chance.sample(tools, min(len(tools), chance.randrange(2, 6)))
        attributes = chance.sample(shelf.attributes, min(12, len(shelf.attributes)))
        page: Any = ComparisonPage(
            title=" or ".join(tool.title for tool in compared[:2]) + f", for {number} reasons",
            slug=slug,
            intro=words.paragraph(chance, 3),
            body=body(chance, ComparisonPage._meta.get_field("body"), [tool.pk for tool in compared], sections=1),
        )
        page.comparison_tools = [ComparisonTool(tool=tool) for tool in compared]
        page.comparison_attributes = [ComparisonAttribute(attribute=attribute) for attribute in attributes]
        page.verdicts = [
            ComparisonVerdict(use_case=words.sentence(chance), winner=compared[0], reason=words.sentence(chance))
        ]
        page.comparison_topics = [ComparisonTopic(topic=topic) for topic in chance.sample(shelf.topics, 2)]
        return page

    return add_pages(parent, "comparison", count, make, bars=bars)
