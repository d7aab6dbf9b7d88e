"""Tools."""

from enum import Enum
from typing import TYPE_CHECKING, Any

import strawberry

from api.answers import answer_keys
from api.documents import registry
from api.documents.codecs import Weight
from api.documents.contract import derived, document, field, part, served, stored
from api.documents.read import Cohort, page_size
from api.types.fact import Fact, public_facts
from api.types.page import Link, Node, Page
from api.types.seo import structured_from
from content.models.fact import Fact as FactSnippet
from content.models.tool import ToolPage

if TYPE_CHECKING:
    from api.blocks import Block
    from api.types.category import Category
    from api.types.image import Image
    from api.types.organization import Organization
    from api.types.use_case import UseCase


@strawberry.enum(description="Whether its makers still work on a tool.")
class Lifecycle(Enum):
    ACTIVE = "active"
    MAINTENANCE = "maintenance"
    DEPRECATED = "deprecated"
    END_OF_LIFE = "end_of_life"


@strawberry.enum(description="What the other tool is to this one.")
class AlternativeRelation(Enum):
    REPLACES = "replaces"
    COMPETES = "competes"
    COMPLEMENTS = "complements"


@part
class Alternative:
    """Another tool to weigh against this one."""

    tool: "Tool" = field("The other tool.")
    relation: AlternativeRelation = field("Whether it replaces this one, competes with it or complements it.")
    why: str = field("When to take it.")


@document(ToolPage)
class Tool(Page):
    """A tool with what is known about it."""

    tagline: str = field("What it is, in one sentence.", text=Weight.HEADING)
    logo: "Image | None" = field("The tool's logo.")
    website: str | None = field("The project's own site.")
    repository: str | None = field("Where its source code is kept.")
    documentation: str | None = field("Where its manual begins.")
    vendor: "Organization | None" = field("Who makes it.")
    lifecycle: Lifecycle = field("Whether its makers still work on it.")
    categories: list["Category"] = field("What kind of tool it is.")
    alternatives: list[Alternative] = field("Other tools to weigh against it, the closest first.")
    body: list["Block"] = field("The blocks below the facts, in their order.")

    @derived
    @staticmethod
    def name(page: ToolPage) -> str:
        """The tool's name, which is also the page's title."""
        return page.title

    @derived
    @staticmethod
    def use_cases(page: ToolPage) -> list["UseCase"]:
        """The situations in which readers should think of it."""
        return stored([f"usecase:{row.use_case_id}" for row in page.tool_use_cases.all() if row.use_case_id])

    @derived(size=40)
    @staticmethod
    def facts(page: ToolPage) -> list[Fact]:
        """What is known, in the order of the attributes. An attribute without a fact is unknown."""
        return stored(public_facts(page))

    @derived
    @staticmethod
    def facets(page: ToolPage) -> strawberry.Private[list["Node"]]:
        facts = public_facts(page)
        answers = {key for fact in facts for key in answer_keys(fact)}
        inside = {f"fact:{fact.pk}" for fact in facts if fact.pk}
        return stored(sorted({*shelves(page), *answers, *inside}))

    @served(cost=30)
    def used_in(self, first: int | None = 20) -> list[Link]:
        """Other pages that show this tool or lead to it, the newest first."""
        return [Link.to(page) for page in users_of(self)[: page_size(first, 20)]]

    def structured_data(self) -> dict[str, Any]:
        data = {
            "@type": "SoftwareApplication",
            "name": self.name,
            "description": self.summary,
            "applicationCategory": "DeveloperApplication",
            "url": self.website or self.absolute(self.path),
            "publisher": self.vendor.structured_data() if self.vendor else None,
        }
        return {name: value for name, value in data.items() if value}


structured_from("Tool.vendor")
registry.inside["fact"] = registry.Inside(FactSnippet, owner="Tool", part="Fact", parts="facts", keys="facets")


def shelf(category: int | None, lifecycle: str | None) -> str | None:
    """The key under which the tools of a category, a lifecycle, or both are found; None without either."""
    if category is None:
        return f"lifecycle:{lifecycle}" if lifecycle else None
    return f"category:{category}:{lifecycle}" if lifecycle else f"category:{category}"


def shelves(page: ToolPage) -> set[str]:
    """Every shelf on which a tool stands: that of its lifecycle, and those of its categories and of the wider ones."""
    categories = {pk for category in page.categories.all() for pk in category.lineage()}
    both = {f"category:{pk}:{page.lifecycle}" for pk in categories}
    return {f"lifecycle:{page.lifecycle}", *(f"category:{pk}" for pk in categories), *both}


def tools_on(shelf: str, cohort: Cohort, owner: Page) -> list[Tool]:
    """The tools on a shelf of the owner's site and language, by name, at most 50; two queries for all shelves that this
    cohort asks for.
    """
    if "shelves" not in cohort.shared:
        asked = {key for targets in cohort.members for key in targets.get("ToolListBlock.shelf", ())}
        cohort.shared["shelves"] = cohort.reader.referring(asked, ["Tool.facets"], each=50)
    here = [
        each
        for each in cohort.shared["shelves"].get(shelf, ())
        if isinstance(each, Tool) and (each.site, each.locale) == (owner.site, owner.locale)
    ]
    return sorted(here[:50], key=lambda tool: str(tool.__dict__["sort_title"]))


USES = (
    "Article.tools",
    "Comparison.tools",
    "ToolCardBlock.tool",
    "RichText.html",
    "Alternative.tool",
    "Fact.tool",
    "VerdictBlock.tool",
    "Step.tool",
    "ToolListBlock.chosen",
    "UseCaseRow.tools",
    "Resource.page",
    "RelatedPage.page",
    "CallToActionBlock.page",
    "Step.page",
)


def users_of(tool: Tool) -> list[Page]:
    """The pages that refer to a tool, at most 100; two queries for every tool that was loaded together with it."""
    cohort = tool.cohort
    if "used_in" not in cohort.shared:
        keys = [each.id for each in cohort.reader.known.values() if isinstance(each, Tool) and each.cohort is cohort]
        cohort.shared["used_in"] = cohort.reader.referring(keys, USES, each=100)
    return [page for page in cohort.shared["used_in"][tool.id] if isinstance(page, Page) and page.id != tool.id]
