"""Comparisons. The matrix is computed when it is read, from the tools that the request may see and their published
facts.
"""

from typing import TYPE_CHECKING, Any

import strawberry

from api.documents.codecs import Weight, some_parts
from api.documents.contract import derived, document, field, part, served, stored
from api.types.article import Correction
from api.types.fact import Attribute, Fact
from api.types.page import Page
from api.types.seo import structured_from
from content.models.comparison import ComparisonPage

if TYPE_CHECKING:
    from api.blocks import Block
    from api.types.tool import Tool
    from api.types.topic import Topic
    from api.types.use_case import UseCase


@part
class Verdict:
    """Which tool to take for one use case."""

    use_case: str = field("The reader's situation, in the words of this comparison.", text=Weight.TEXT)
    about: "UseCase | None" = field("The same situation in the library, where it is there.")
    winner: "Tool | None" = field("The tool to take; null when it is not public any more.")
    runner_up: "Tool | None" = field("The second choice.")
    reason: str = field("What decides.", text=Weight.TEXT)


@part
class ComparedTool:
    """A column of the matrix."""

    note: str | None = field("What to know of it in this comparison. Show it beside the tool's name.")

    @derived
    @staticmethod
    def tool(row: Any) -> "Tool":
        """The tool."""
        return stored(f"page:{row.tool_id}")


@part
class Override:
    """What a cell says instead of the fact, in this comparison only."""

    text: str = field("The text to show.")
    reason: str = field("Why the fact alone would mislead here. Show it to the reader.")

    @derived
    @staticmethod
    def tool_key(override: Any) -> strawberry.Private[str]:
        return f"page:{override.tool_id}"

    @derived
    @staticmethod
    def attribute_key(override: Any) -> strawberry.Private[str]:
        return f"attribute:{override.attribute_id}"


@strawberry.type(description="One answer: a tool and an attribute.")
class Cell:
    tool: "Tool" = strawberry.field(description="The column.")
    fact: Fact = strawberry.field(
        description="The tool's answer. One that nobody recorded has the state UNKNOWN and no id."
    )
    override: Override | None = strawberry.field(description="What to show instead of the fact.")


@strawberry.type(description="One attribute across all tools.")
class MatrixRow:
    attribute: Attribute = strawberry.field(description="The row.")
    cells: list[Cell] = strawberry.field(description="One cell per tool, in the order of `tools`; never null.")


@document(ComparisonPage)
class Comparison(Page):
    """Two to six tools side by side, attribute by attribute, with a verdict per use case."""

    intro: str = field("Who has to choose, between what, and what decides.", text=Weight.HEADING)
    verdicts: list[Verdict] = field("Which tool to take for what.")
    body: list["Block"] = field("The blocks below the matrix, in their order.")
    corrections: list[Correction] = field("Mended mistakes.")
    overrides: strawberry.Private[list[Override]]

    @derived
    @staticmethod
    def tools(page: ComparisonPage) -> list["Tool"]:
        """The columns of the matrix, from left to right."""
        return stored([f"page:{row.tool_id}" for row in page.comparison_tools.all() if row.tool_id])

    @derived
    @staticmethod
    def entries(page: ComparisonPage) -> list[ComparedTool]:
        """The same tools in the same order, each with its note."""
        return stored([row for row in page.comparison_tools.all() if row.tool_id])

    @derived
    @staticmethod
    def topics(page: ComparisonPage) -> list["Topic"]:
        """What it is about, the most important first."""
        return stored([f"topic:{row.topic_id}" for row in page.comparison_topics.all() if row.topic_id])

    @derived(size=20)
    @staticmethod
    def attributes(page: ComparisonPage) -> list[Attribute]:
        """The rows of the matrix, from top to bottom."""
        return stored([f"attribute:{attribute.pk}" for attribute in page.attributes_in_order()])

    @served(needs=["tools", "attributes", "overrides", "Tool.facts"], size=20, cost=100)
    def matrix(self) -> list[MatrixRow]:
        """One row per attribute with one cell per tool, computed from the tools' published facts."""
        rows = {attribute.id for attribute in self.attributes}
        columns = [(tool, _answers(tool, rows)) for tool in self.tools]
        overrides = {(each.tool_key, each.attribute_key): each for each in reversed(self.overrides)}

        def cell(tool: "Tool", answers: dict[str, Fact], attribute: Attribute) -> Cell:
            fact = answers.get(attribute.id) or Fact.unknown(attribute, self.cohort)
            return Cell(tool=tool, fact=fact, override=overrides.get((tool.id, attribute.id)))

        return [
            MatrixRow(attribute=attribute, cells=[cell(tool, answers, attribute) for tool, answers in columns])
            for attribute in self.attributes
        ]

    def structured_data(self) -> dict[str, Any]:
        items = [
            {"@type": "ListItem", "position": position, "name": tool.name, "url": self.absolute(tool.path)}
            for position, tool in enumerate(self.tools, start=1)
        ]
        return {"@type": "ItemList", "name": self.title, "itemListElement": items}


def _answers(tool: "Tool", attributes: set[str]) -> dict[str, Fact]:
    """What a tool answers to these attributes, by their keys; what holds for the whole tool before what holds for an
    edition.
    """
    answers: dict[str, Fact] = {}
    for fact in some_parts(tool, "facts", lambda values: values["_attribute"] in attributes):
        attribute = fact.attribute.id
        if attribute not in answers or (answers[attribute].qualifier and not fact.qualifier):
            answers[attribute] = fact
    return answers


structured_from("Comparison.tools")
