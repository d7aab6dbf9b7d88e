"""Any two to six tools side by side: as editors have compared them, or else put together from their facts."""

from collections.abc import Sequence
from typing import Any

from api.documents import registry, tags
from api.documents.codecs import instantiate
from api.documents.models import Reference
from api.documents.read import Reader, Where
from api.errors import BadUserInput
from api.types.comparison import ComparedTool, Comparison
from api.types.fact import Attribute
from api.types.tool import Tool

registry.needs["Query.compare"] = frozenset({"Tool.facts", "Comparison.tools", "Attribute.group_details"})
FEWEST, MOST = 2, 6
CANDIDATES = 20
"""So many of the newest comparisons that hold all these tools are looked at for one that holds no others."""


def compared(reader: Reader, slugs: Sequence[str], *, site: str, locale: str) -> Comparison | None:
    """The comparison of the tools with these slugs, in this order if it is put together here; None if one of them has
    no public tool. Two queries and those of the references.

    Raises BadUserInput unless there are two to six different slugs.
    """
    if not FEWEST <= len(slugs) <= MOST or len(set(slugs)) < len(slugs):
        raise BadUserInput(f"`tools` takes {FEWEST} to {MOST} different slugs.")
    here = {"site": site, "locale": locale}
    by_slug: dict[str, Tool] = {}
    for tool in reader.all_named("Tool", slugs, Where.columns(**here)):
        by_slug.setdefault(tool.slug, tool)
    if len(by_slug) < len(slugs):
        return None
    tools = [by_slug[slug] for slug in slugs]
    return _editorial(reader, tools, here) or _put_together(tools, here)


def _editorial(reader: Reader, tools: list[Tool], here: dict[str, str]) -> Comparison | None:
    """The newest comparison in which a reader sees just these tools."""
    wanted = {tool.id for tool in tools}
    reader.depends_on.update(map(tags.to_key, wanted))
    rows = reader.rows().filter(type="Comparison", **here)
    for key in wanted:
        with_tool = Reference.objects.filter(field="Comparison.tools", target_key=key)
        rows = rows.filter(content__in=with_tool.values("content_id"))
    found = reader.take(rows.order_by("-published_at", "-key"), ["Comparison"], limit=CANDIDATES)
    return next((each for each in found if {tool.id for tool in each.tools} == wanted), None)


def _put_together(tools: list[Tool], here: dict[str, str]) -> Comparison:
    """Every attribute that one of the tools answers, in the order of attributes; no page of the site."""
    cohort = tools[0].cohort
    answered: dict[str, Attribute] = {fact.attribute.id: fact.attribute for tool in tools for fact in tool.facts}
    slugs = ",".join(tool.slug for tool in tools)
    title = " vs. ".join(tool.name for tool in tools)
    comparison: Comparison = object.__new__(Comparison)
    values: dict[str, Any] = {
        **here,
        "cohort": cohort,
        "id": f"compare:{slugs}",
        "title": title,
        "slug": slugs.replace(",", "-"),
        "path": f"/compare?tools={slugs}",
        "published_at": None,
        "updated_at": max(tool.updated_at for tool in tools),
        "seo_title": title,
        "canonical_address": "",
        "noindex": True,
        "summary": "",
        "social_image": None,
        "intro": "",
        "tools": tools,
        "attributes": sorted(answered.values(), key=place_of),
        "entries": [_entry(tool) for tool in tools],
        "verdicts": [],
        "overrides": [],
        "topics": [],
        "body": [],
        "corrections": [],
        "_translation": f"translation:compare:{slugs}",
    }
    comparison.__dict__.update(values)
    return comparison


def _entry(tool: Tool) -> ComparedTool:
    entry: ComparedTool = instantiate(ComparedTool, {"note": None}, tool.cohort)
    entry.tool = tool
    return entry


def place_of(attribute: Attribute) -> tuple[bool, int, str, int, str, str]:
    """As `content.models.attribute.attribute_order` puts them."""
    group = attribute.group_details
    first = (False, group.position, group.label) if group else (True, 0, "")
    return (*first, attribute.sort_order, attribute.label, attribute.id)
