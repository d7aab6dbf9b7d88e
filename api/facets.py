"""What tools can be chosen by: the attributes that editors offer as filters, and the answers that tools give."""

from collections import Counter, defaultdict

import strawberry

from api.comparing import place_of
from api.documents import registry, tags
from api.documents.read import Reader, Where
from api.types.fact import Attribute, Fact, FactState

registry.needs["Query.toolFacets"] = frozenset({"Attribute.group_details"})
MOST_ANSWERS = 100
"""Of one attribute; what hardly any tool answers is no help in choosing."""


@strawberry.type(description="One answer to choose tools by.")
class ToolFacetAnswer:
    display: str = strawberry.field(description="The answer as readers see it; give it as `display` in `FactFilter`.")
    count: int = strawberry.field(description="How many tools give it.")


@strawberry.type(description="An attribute to choose tools by.")
class ToolFacet:
    attribute: Attribute = strawberry.field(description="The question.")
    answers: list[ToolFacetAnswer] = strawberry.field(
        description=f"What tools answer, the most frequent first; {MOST_ANSWERS} at most. Nobody is found by an answer "
        "that is unknown or not applicable."
    )


def tool_facets(reader: Reader, here: Where, shared: Where) -> list[ToolFacet]:
    """The attributes that editors offer as filters, in the order of attributes, with what the tools that are `here`
    answer. Three queries, but for two that need no answers; it reads the facts of all tools.
    """
    reader.depends_on |= {tags.list_of("Attribute"), tags.list_of("Tool"), tags.updated("Tool")}
    offered = [each for each in reader.find(Where.columns(type="Attribute") & shared) if each.is_filter]
    if not offered:
        return []
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    spelt: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for facts in _facts(reader, here, [each.id for each in offered]):
        given = set()
        for fact in facts:
            if fact.state not in (FactState.UNKNOWN, FactState.NOT_APPLICABLE):
                answer = fact.attribute.id, fact.display.casefold()
                spelt[answer][fact.display] += 1
                given.add(answer)
        for attribute, text in given:
            counted[attribute][text] += 1
    facets = []
    for attribute in sorted(offered, key=place_of):
        answers = sorted(counted[attribute.id].items(), key=lambda each: (-each[1], each[0]))[:MOST_ANSWERS]
        shown = [ToolFacetAnswer(display=_usual(spelt[attribute.id, text]), count=count) for text, count in answers]
        facets.append(ToolFacet(attribute=attribute, answers=shown))
    return facets


def _facts(reader: Reader, here: Where, attributes: list[str]) -> list[list[Fact]]:
    """For each tool its answers to these attributes that the request may see."""
    stored = reader.parts_of(Where.columns(type="Tool") & here, "_facts", "_attribute", attributes)
    # Those that name other tools are shown while these are public.
    reader.load({raw["_tool"] for facts in stored for raw in facts if raw.get("_tool")})
    return [reader.as_parts(facts, Fact) for facts in stored]


def _usual(spellings: Counter[str]) -> str:
    """The most frequent spelling, the same one whenever it is asked."""
    return min(spellings, key=lambda each: (-spellings[each], each))
