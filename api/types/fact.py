"""Facts about tools: what was asked, the answer, and where it can be looked up."""

from datetime import date
from enum import Enum

import strawberry

from api.documents.contract import derived, document, field, part, previewed_through, served
from api.documents.read import Cohort
from api.types.page import Node
from content.models import fact as facts
from content.models.tool import ToolPage


@strawberry.enum(
    description="How a tool answers an attribute's question. UNKNOWN: nobody has found out. NO: it has it not."
)
class FactState(Enum):
    YES = "yes"
    PARTIAL = "partial"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


@document(facts.Attribute)
class Attribute(Node):
    """A question that can be asked about every tool: its licence, whether it has type hints."""

    key: str = field("The name to filter by; it does not change.")
    label: str = field("The question in words, for the row of a matrix.")
    group: str | None = field("Attributes of one group stand together.")
    description: str | None = field("What exactly is asked.")
    data_type: str = field('The type of its values: "boolean", "choice", "number", "text", "date", "version" or "url".')
    unit: str | None = field("Stands behind numbers.")


@part
class Source:
    """A page that proves a fact."""

    title: str = field("What the page is called.")
    url: str = field("Its address.")


@part
class Fact:
    """The answer to one attribute's question for one tool, with its proof."""

    attribute: "Attribute" = field("The question.")
    state: FactState = field("Whether the answer is yes, no, partly, unknown or not applicable.")
    display: str = field(
        'Text to show: the value with its unit, or the state in words, as in "BSD-3-Clause" or "Unknown".'
    )
    qualifier: str | None = field("The edition, plan or platform for which alone it holds.")
    note: str | None = field("What a reader has to know to understand the value.")
    sources: list[Source] = field("Where it can be looked up, the best source first.")
    verified_on: date | None = field("The day on which somebody last looked it up and found it right.")
    stale_on: date | None = field("From this day on the fact is stale. Compare it with today's date when you show it.")

    @derived
    @staticmethod
    def id(fact: facts.Fact) -> strawberry.ID | None:
        """Stable and opaque; null for an answer that nobody recorded."""
        return strawberry.ID(f"fact:{fact.pk}") if fact.pk else None

    @served(needs=["sources"])
    def source(self) -> Source | None:
        """The first of `sources`."""
        return self.sources[0] if self.sources else None

    @classmethod
    def unknown(cls, attribute: Attribute, cohort: Cohort) -> "Fact":
        """What a cell shows where nobody recorded a fact."""
        fact: Fact = object.__new__(cls)
        fact.__dict__.update(
            cohort=cohort,
            id=None,
            attribute=attribute,
            _attribute=attribute.id,
            state=FactState.UNKNOWN,
            display=facts.FactState.UNKNOWN.label,
            qualifier=None,
            note=None,
            sources=[],
            verified_on=None,
            stale_on=None,
        )
        return fact


def public_facts(page: ToolPage) -> list[facts.Fact]:
    """A tool's published facts in the order of their attributes, the one being previewed in place of its published
    form; 3 queries.
    """
    remembered: list[facts.Fact] | None = getattr(page, "_public_facts", None)
    if remembered is not None:
        return remembered
    found: list[facts.Fact] = []
    if page.pk:
        rows = facts.Fact.objects.filter(tool=page.pk, live=True).select_related("attribute")
        found = list(rows.prefetch_related("fact_sources__source", "verifications"))
    previewed = getattr(page, "previewed_fact", None)
    if previewed is not None:
        found = [fact for fact in found if fact.pk != previewed.pk] + [previewed]
        found.sort(
            key=lambda fact: (fact.attribute.sort_order, fact.attribute.group, fact.attribute.label, fact.qualifier)
        )
    page._public_facts = found
    return found


@previewed_through(facts.Fact)
def tool_with(fact: facts.Fact) -> ToolPage | None:
    """The tool's published page with this fact in it; None while the editor has not chosen tool and attribute."""
    if not fact.tool_id or not fact.attribute_id:
        return None
    page = ToolPage.objects.get(pk=fact.tool_id)
    page.previewed_fact = fact
    return page
