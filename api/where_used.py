"""Which published pages look different when an object is taken away, moved, changed or published.

Asked of the store, which knows what is shown where: drafts and private pages are therefore not named.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from wagtail.models import Page, Site

from api.documents.models import Document, Reference
from api.documents.read import Perspective, Visible
from content.changes import key_of, touched_by
from content.models.announcement import Announcement
from content.models.fact import Fact
from content.models.menu import Menu

SHOWS: dict[str, str] = {
    "Comparison.tools": "compares it",
    "Comparison.attributes": "asks about it",
    "ToolCardBlock.tool": "has a card of it",
    "ToolListBlock.chosen": "lists it",
    "ToolListBlock.shelf": "lists such tools",
    "ToolListBlock.category": "lists its tools",
    "FactBlock.reference": "shows a fact of it",
    "ComparisonBlock.comparison": "shows its matrix",
    "UseCaseRow.tools": "names it in a table",
    "VerdictBlock.tool": "recommends it",
    "Step.tool": "has a step with it",
    "Step.page": "links to it",
    "Resource.page": "links to it",
    "RelatedPage.page": "recommends it",
    "CallToActionBlock.page": "links to it",
    "ImageBlock.image": "shows it",
    "GalleryImage.image": "shows it",
    "RichText.html": "mentions it in the text",
    "Article.hero": "has it as lead image",
    "Article.topics": "is about it",
    "Comparison.topics": "is about it",
    "Article.tools": "is about it",
    "Article.authors": "is written by them",
    "Credit.person": "credits them",
    "Article.reviewer": "is reviewed by them",
    "Article.use_cases": "is for it",
    "Article.disclosure": "carries it",
    "Tool.use_cases": "is for it",
    "Tool.vendor": "is made by them",
    "Verdict.winner": "recommends it",
    "Verdict.runner_up": "recommends it second",
    "Verdict.about": "decides for it",
    "ComparedTool.tool": "compares it",
    "Person.organization": "works for them",
    "Home.featured": "features it",
    "Alternative.tool": "names it as an alternative",
    "Fact.attribute": "answers it",
    "Fact.tool": "names it in a fact",
    "social_image": "is shared with it",
    "Person.photo": "is their photo",
    "Tool.categories": "stands in it",
    "Category.parent": "stands below it",
    "Category.lineage": "stands below it",
    "MenuEntry.page": "leads to it",
    "Announcement.page": "leads to it",
    "logo": "has it as logo",
}
"""How a page uses what it refers to, in words, by type and field or by field alone. Any other "refers to it"."""

EMBEDS = ("Comparison.tools", "ToolCardBlock.tool", "ToolListBlock.chosen", "ComparisonBlock.comparison")
"""Fields through which a page shows more of another page than its name, so that it follows changes inside that page."""

INSIDE = (
    (("Tool.facets",), ("FactBlock.reference", "RichText.html", "ToolListBlock.shelf")),
    (("Tool.categories",), ("ToolListBlock.shelf",)),
)
"""Pairs of fields: what a page refers to by the first leads to it for whoever refers to the same by the second, such as
a fact of it or a list of tools of its kind.
"""

ASKS = (("Comparison.tools", "Comparison.attributes"),)
"""Pairs of fields: a page that refers to a tool by the first and to an attribute by the second shows the fact."""

FURNITURE = ("Site", "Menu", "Announcement")
"""Types that show on every page of a site."""

DEPTH = 4
"""So far a change is followed: a photo, its person, an article of theirs, a page that shows the article."""


@dataclass(frozen=True)
class Use:
    """A published page and how it uses the object."""

    key: str
    type: str
    title: str
    path: str
    how: str

    @property
    def pk(self) -> int:
        return int(self.key.partition(":")[2])


@dataclass
class Uses:
    """Published pages in the order of their titles, and the sites of which every page shows the object in its menus."""

    pages: list[Use] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.pages or self.sites)


def uses_of(instance: models.Model, *, with_descendants: bool = False) -> Uses:
    """What looks different when this object changes; eight queries at most, however many uses there are.

    With descendants, also what uses one of the pages below; the pages of the section itself are left out.
    """
    if isinstance(instance, Fact):
        return _uses_of_fact(instance)
    if isinstance(instance, Menu | Announcement):
        return Uses(sites=_site_names({instance.site.hostname if instance.site else ""}))
    own = key_of(instance)
    # What has no document of its own changes those of others: a source, the tools whose facts cite it.
    start: Any = {own}
    inside: set[str] = {own}
    if with_descendants and isinstance(instance, Page):
        start = _section(instance)
        return _follow(start, left_out=_section(instance))
    changed = touched_by(instance) - inside
    pages = {key for key in changed if key.startswith("page:")}
    return _follow(start | (changed - pages), left_out=inside, changed=pages)


def newest_page_with(instance: models.Model) -> Page | None:
    """The newest published page that names this object by a field of its own. Two queries."""
    rows = _published().filter(_refers_to([key_of(instance)]), key__startswith="page:") if instance.pk else None
    key = rows.order_by("-published_at", "-key").values_list("key", flat=True).first() if rows is not None else None
    return Page.objects.filter(pk=key.partition(":")[2]).first() if key else None


def words(label: str) -> str:
    """How a page uses an object through this field: "compares it"."""
    return SHOWS.get(label) or SHOWS.get(label.partition(".")[2], "refers to it")


def _section(page: Page) -> QuerySet[Any]:
    """The keys of a page and of all below it, as a subquery."""
    return _keys(page.get_descendants(inclusive=True))


def _in_every_language(page: Page) -> QuerySet[Any]:
    """The keys of a page and of its translations, as a subquery."""
    return _keys(Page.objects.filter(translation_key=page.translation_key))


def _keys(pages: QuerySet[Any]) -> QuerySet[Any]:
    return pages.order_by().annotate(key=Concat(Value("page:"), Cast("pk", CharField()))).values("key")


def _uses_of_fact(fact: Fact) -> Uses:
    """The tool's page, every page that asks this attribute of this tool, those that show the matrix of such a page, and
    those that show this very fact.
    """
    asking = {use.key for use in uses_of_facts(fact.tool, attribute=fact.attribute_id).get(fact.attribute_id, [])}
    showing = _published().filter(_refers_to([f"fact:{fact.pk}"]) | _refers_to(asking, ["ComparisonBlock.comparison"]))
    tools = _in_every_language(fact.tool).values_list("key", flat=True)
    return _named({*tools, *asking, *showing.values_list("key", flat=True)})


def uses_of_facts(tool: Page, *, attribute: int | None = None) -> dict[int, list[Use]]:
    """For each attribute's number, or for one alone, the pages in any language that ask it of this tool, by title. One
    query for each way of asking, however many facts and pages there are.
    """
    found: dict[int, set[Use]] = {}
    prefix = "attribute:"
    columns = ("key", "type", "title", "path", "content__references__target_key")
    for tools, attributes in ASKS:
        of_tool = Reference.objects.filter(target_key__in=_in_every_language(tool), field=tools).values("content")
        asked = {"content__references__field": attributes}
        if attribute is not None:
            asked["content__references__target_key"] = f"{prefix}{attribute}"
        both = _published().filter(content__in=of_tool, **asked)
        for key, kind, title, path, target in both.values_list(*columns):
            if target.startswith(prefix):
                use = Use(key, kind, title, path, "shows it")
                found.setdefault(int(target.removeprefix(prefix)), set()).add(use)
    return {pk: sorted(uses, key=_by_title) for pk, uses in found.items()}


def _published() -> QuerySet[Document]:
    return Document.objects.filter(Visible(Perspective(), timezone.now()))


def _named(keys: Iterable[str]) -> Uses:
    """These pages, as far as they are published, and nothing that follows from them."""
    rows = _published().filter(key__in=list(keys), key__startswith="page:")
    found = [Use(*row, "shows it") for row in rows.values_list("key", "type", "title", "path")]
    return Uses(sorted(found, key=_by_title))


def _site_names(hosts: set[str]) -> list[str]:
    """By their host names; every site for an empty one."""
    sites = Site.objects.all() if "" in hosts else Site.objects.filter(hostname__in=hosts)
    return sorted(site.site_name or site.hostname for site in sites) if hosts else []


def _by_title(use: Use) -> tuple[str, str]:
    return use.title.casefold(), use.key


def _follow(start: Any, *, left_out: Any, changed: Iterable[str] = ()) -> Uses:
    """Go from target to referrer: from anything that is no page by every field, from a page by those that embed it."""
    changed = set(changed)
    found = {use.key: use for use in _named(changed).pages} if changed else {}
    sites: set[str] = set()
    seen: set[str] = set()
    conditions = _refers_to(start) | _refers_to(changed, EMBEDS)
    for held, shown in INSIDE:
        inside = _published().filter(key__in=start, content__references__field__in=held)
        conditions |= _refers_to(inside.values("content__references__target_key"), shown)
    columns = ("key", "type", "title", "path", "site", "content__references__field", "content__references__target_key")
    for _ in range(DEPTH):
        rows = _published().filter(conditions).exclude(key__in=left_out).order_by("key", "content__references__field")
        pages: set[str] = set()
        others: set[str] = set()
        for key, type_name, title, path, host, label, target in rows.values_list(*columns):
            if key == target:
                continue
            if type_name in FURNITURE:
                sites.add(host)
            elif key.startswith("page:"):
                if key not in seen:
                    pages.add(key)
                found.setdefault(key, Use(key, type_name, title, path, words(label)))
            elif key not in seen:
                others.add(key)
        seen |= pages | others
        if not pages and not others:
            break
        conditions = _refers_to(others) | _refers_to(pages, EMBEDS)
    return Uses(sorted(found.values(), key=_by_title), _site_names(sites))


def _refers_to(keys: Any, labels: Iterable[str] = ()) -> Q:
    """Documents that refer to one of these keys, by one of these fields or by any."""
    by = {"content__references__field__in": labels} if labels else {}
    return Q(content__references__target_key__in=keys, **by)
