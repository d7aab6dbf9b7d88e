"""Facts about tools: what was asked, the answer, and where it can be looked up."""

import datetime
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

import strawberry
from django.db.models import Q

from api.documents import registry
from api.documents.contract import derived, document, field, part, previewed_through, served, stored
from api.documents.read import Cohort
from api.types.page import Node
from content import money
from content.models import attribute as attributes
from content.models import fact as facts
from content.models.tool import ToolPage
from content.values import DataType

if TYPE_CHECKING:
    from api.types.tool import Tool


@strawberry.enum(
    description="How a tool answers an attribute's question. UNKNOWN: nobody has found out. NO: it has it not."
)
class FactState(Enum):
    YES = "yes"
    PARTIAL = "partial"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


@strawberry.enum(description="Which of two values of an attribute a reader would rather have.")
class Better(Enum):
    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@part
class AttributeGroup:
    """Attributes that stand together under a heading."""

    label: str = field("The heading.")

    @derived
    @staticmethod
    def position(group: attributes.AttributeGroup) -> int:
        """Groups with lower numbers come first; those with the same number in the order of their labels."""
        return group.sort_order


@document(attributes.Attribute)
class Attribute(Node):
    """A question that can be asked about every tool: its licence, whether it has type hints."""

    key: str = field("The name to filter by; it does not change.")
    label: str = field("The question in words, for the row of a matrix.")
    description: str | None = field("What exactly is asked.")
    data_type: str = field(
        'The type of its values: "boolean", "choice", "number", "money", "text", "date", "version", "url" or "tool". '
        "A boolean is answered by the state alone; see `Fact` for the others."
    )
    unit: str | None = field("Stands behind numbers and amounts of money.")
    sort_order: strawberry.Private[int]
    is_filter: bool = field("Whether editors offer it to choose tools by; `toolFacets` has the answers.")
    better: Better = field("Whether a higher or a lower value is better; NEITHER where values have no order.")

    @derived
    @staticmethod
    def group(attribute: attributes.Attribute) -> str | None:
        """The heading of its group: attributes of one group stand together."""
        return attribute.group.label if attribute.group else None

    @derived
    @staticmethod
    def group_details(attribute: attributes.Attribute) -> AttributeGroup | None:
        """Its group with the place among the groups, to sort the attributes of several tools by."""
        return stored(attribute.group)

    @derived
    @staticmethod
    def allowed_values(attribute: attributes.Attribute) -> list[str]:
        """What its answers are chosen from, in the editors' order; empty for any type but "choice"."""
        return attribute.choice_list if attribute.data_type == DataType.CHOICE else []


@part
class Source:
    """A page that proves a fact."""

    title: str = field("What the page is called.")
    url: str = field("Its address.")


@part
class Money:
    """An exact amount of money."""

    currency: str = field('The three letters of ISO 4217, as in "EUR".')

    @derived
    @staticmethod
    def amount(value: money.Money) -> str:
        """A decimal number as text, so that no digit is lost: "12.50"."""
        return f"{value.amount:f}"


@part
class Fact:
    """The answer to one attribute's question for one tool, with its proof."""

    cohort: ClassVar[Cohort]
    attribute: "Attribute" = field("The question.")
    state: FactState = field("Whether the answer is yes, no, partly, unknown or not applicable.")
    display: str = field(
        'Text to show: the value with its unit, or the state in words, as in "BSD-3-Clause" or "Unknown". '
        "Of another tool it is the name."
    )
    qualifier: str | None = field("The edition, plan or platform for which alone it holds.")
    note: str | None = field("What a reader has to know to understand the value.")
    sources: list[Source] = field("Where it can be looked up, the best source first.")
    verified_on: datetime.date | None = field("The day on which somebody last looked it up and found it right.")
    stale_on: datetime.date | None = field(
        "From this day on the fact is stale. Compare it with today's date when you show it."
    )

    @derived
    @staticmethod
    def id(fact: facts.Fact) -> strawberry.ID | None:
        """Stable and opaque; null for an answer that nobody recorded."""
        return strawberry.ID(f"fact:{fact.pk}") if fact.pk else None

    @derived
    @staticmethod
    def expires_at(fact: facts.Fact) -> strawberry.Private[datetime.datetime | None]:
        return fact.expire_at

    @derived
    @staticmethod
    def since_version(fact: facts.Fact) -> str | None:
        """The first version of the tool for which it holds."""
        return fact.since

    @derived
    @staticmethod
    def until_version(fact: facts.Fact) -> str | None:
        """The last version of the tool for which it holds."""
        return fact.until

    @derived
    @staticmethod
    def number(fact: facts.Fact) -> float | None:
        """The value of a number, to sort by; `display` has every digit."""
        text = fact.typed_value(DataType.NUMBER)
        return float(text) if text else None

    @derived
    @staticmethod
    def money(fact: facts.Fact) -> Money | None:
        """The value of an amount of money."""
        return stored(fact.money)

    @derived
    @staticmethod
    def date(fact: facts.Fact) -> datetime.date | None:
        """The value of a date."""
        text = fact.typed_value(DataType.DATE)
        return datetime.date.fromisoformat(text) if text else None

    @derived
    @staticmethod
    def version(fact: facts.Fact) -> str | None:
        """The value of a version."""
        return fact.typed_value(DataType.VERSION) or None

    @derived
    @staticmethod
    def url(fact: facts.Fact) -> str | None:
        """The value of a web address."""
        return fact.typed_value(DataType.URL) or None

    @derived
    @staticmethod
    def tool(fact: facts.Fact) -> "Tool | None":
        """The tool that answers an attribute of the type "tool". While it is not public, the fact is not shown."""
        return stored(f"page:{fact.value_tool_id}" if fact.value_tool_id else None)

    @derived
    @staticmethod
    def needs_source(fact: facts.Fact) -> strawberry.Private[bool]:
        return fact.needs_source()

    def settle(self) -> bool:
        """Take the public name of the tool that it names, not the one that was recorded. It is not shown while that
        tool is not public, nor after it has expired.
        """
        if self.__dict__.get("_tool"):
            if self.tool is None:
                return False
            self.display = self.tool.name
        return self.cohort.reader.is_current(self.expires_at)

    @served(needs=["sources"])
    def lacks_source(self) -> bool:
        """Whether its attribute asks for a source and there is none: nobody can look the fact up yet."""
        # Facts that were published before this was recorded had their sources checked.
        return self.__dict__.get("needs_source", False) and not self.sources

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
            since_version=None,
            until_version=None,
            number=None,
            money=None,
            date=None,
            version=None,
            url=None,
            tool=None,
            note=None,
            sources=[],
            verified_on=None,
            stale_on=None,
        )
        return fact


registry.needs["Fact.settle"] = frozenset({"tool"})


def public_facts(page: ToolPage) -> list[facts.Fact]:
    """A tool's published facts in the order of their attributes, the one being previewed in place of its published
    form; 3 queries. Those that name a deleted tool are left out: nobody may ever have been allowed to read its name.
    """
    remembered: list[facts.Fact] | None = getattr(page, "_public_facts", None)
    if remembered is not None:
        return remembered
    found: list[facts.Fact] = []
    if page.pk:
        # A fact is the same in every language.
        rows = page.facts_in_every_language.filter(live=True)
        rows = rows.select_related("attribute__group")
        rows = rows.exclude(~Q(value=""), attribute__data_type=DataType.TOOL, value_tool=None)
        found = list(rows.prefetch_related("fact_sources__source", "verifications"))
    previewed = getattr(page, "previewed_fact", None)
    if previewed is not None:
        found = [fact for fact in found if fact.pk != previewed.pk] + [previewed]
        found.sort(key=lambda fact: (*fact.attribute.place, fact.qualifier))
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
