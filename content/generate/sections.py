"""The index pages below which generated pages lie: those of the default site, made where they are missing."""

from dataclasses import dataclass
from typing import Any

from wagtail.models import Page, Site

from content.changes import changes
from content.models.article import ArticleIndexPage
from content.models.comparison import ComparisonIndexPage
from content.models.home import HomePage
from content.models.tool import ToolIndexPage


@dataclass(frozen=True)
class Sections:
    articles: Page
    tools: Page
    comparisons: Page


def find_sections() -> Sections:
    with changes():
        home = _home()
        return Sections(
            articles=_below(home, ArticleIndexPage, "articles"),
            tools=_below(home, ToolIndexPage, "tools"),
            comparisons=_below(home, ComparisonIndexPage, "comparisons"),
        )


def _home() -> Any:
    site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    if site and site.root_page.specific_class is HomePage:
        return site.root_page
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Home", slug="generated", live=False))
    home.save_revision().publish()
    site = site or Site(hostname="localhost", is_default_site=True)
    site.root_page = home
    site.save()
    return home


def _below(home: Any, model: Any, slug: str) -> Any:
    found = model.objects.child_of(home).first()
    if found is None:
        found = home.add_child(instance=model(title=slug.title(), slug=slug, live=False))
        found.save_revision().publish()
    return found
