"""Puts the demo content into the database, once: what an editor has changed or deleted since is left alone.

Every object has a key ("page/tools/django", "fact/django/licence") and, once made, a `DemoRecord` under it. A key with
a record is done for good. A key without one is created, or recorded as it is if the editors have made such an object.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.images import ImageFile
from django.db import models
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Locale, Page, Site

from content.changes import changes
from content.demo.body import stored_body
from content.empty_site import SECTIONS, make_root_of_default_site
from content.management.progress import Progress
from content.models.announcement import Announcement
from content.models.article import (
    ArticleAuthor,
    ArticlePage,
    ArticleSource,
    ArticleTakeaway,
    ArticleTool,
    ArticleTopic,
    ArticleUseCase,
)
from content.models.attribute import Attribute, AttributeGroup
from content.models.category import Category
from content.models.comparison import (
    ComparisonAttribute,
    ComparisonCorrection,
    ComparisonOverride,
    ComparisonPage,
    ComparisonTool,
    ComparisonTopic,
    ComparisonVerdict,
)
from content.models.demo import DemoRecord
from content.models.disclosure import Disclosure
from content.models.fact import Fact, FactSource, Source, Verification
from content.models.home import FeaturedPage, HomePage
from content.models.images import CustomImage
from content.models.menu import Menu, MenuEntry
from content.models.named import Named
from content.models.organization import Organization
from content.models.person import Person
from content.models.site_settings import PublicationSettings
from content.models.standard_page import StandardPage
from content.models.tool import ToolAlternative, ToolPage, ToolUseCase
from content.models.topic import Topic
from content.models.use_case import UseCase

FOLDER = Path(__file__).parent

Row = dict[str, Any]
Bars = Callable[[str, int], Progress]
"""Called with what is being loaded and how many of it there are; gives the bar that shows it."""


def read(name: str) -> Row:
    """One TOML file of this folder, named without its ending."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def read_articles() -> list[Row]:
    """One per file, in the order in which they are published: the last one is the newest."""
    return [read(f"articles/{path.stem}") for path in sorted((FOLDER / "articles").glob("*.toml"))]


def load_demo(bars: Bars) -> int:
    """Create what is missing, all of it or nothing; return how many objects that were."""
    with changes():
        return _Loader(bars).load()


class _Loader:
    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.records = {record.key: record for record in DemoRecord.objects.select_related("content_type")}
        self.objects: dict[str, Any] = {}
        self.created = 0

    def load(self) -> int:
        for row in self.each("images", read("images")["image"]):
            self.add_image(row)
        for row in self.each("categories", read("categories")["category"]):
            self.add_snippet("category", Category, row | {"parent": self.find(f"category/{row.get('parent')}")})
        for row in self.each("topics", read("topics")["topic"]):
            self.add_snippet("topic", Topic, row)
        for row in self.each("organizations", read("organizations")["organization"]):
            self.add_snippet("organization", Organization, row)
        for row in self.each("use cases", read("use_cases")["use_case"]):
            self.add_snippet("use_case", UseCase, row)
        for row in self.each("disclosures", read("disclosures")["disclosure"]):
            self.add_disclosure(row)
        for row in self.each("people", read("people")["person"]):
            self.add_snippet("person", Person, row | {"photo": self.find(f"image/{row['photo']}")})
        self.add_attributes(read("attributes")["attribute"])
        for row in self.each("sources", read("sources")["source"]):
            self.add(f"source/{row['url']}", Source(**row), Source.objects.filter(url=row["url"]))
        new = self.add_pages()
        for row in self.each("facts", read("facts")["fact"]):
            self.add_fact(row)
        self.publish_pages(new)
        for row in self.each("redirects", read("redirects")["redirect"]):
            self.add_redirect(row)
        for row in self.each("menus", read("menus")["menu"]):
            self.add_menu(row)
        site = read("site")
        self.add_settings(site["settings"])
        for row in self.each("announcements", site["announcement"]):
            self.add_announcement(row)
        return self.created

    def each(self, what: str, items: list[Any]) -> Iterator[Any]:
        if not items:
            return
        bar = self.bars(what.capitalize(), len(items))
        for item in items:
            yield item
            bar.advance(1)
        bar.finish()

    # One object and its record

    def add(
        self, key: str, instance: Any, same: models.QuerySet[Any], save: Callable[[], object] | None = None
    ) -> bool:
        """Save the instance and say so, unless its key was done before or the editors have made the `same` object."""
        if key in self.records:
            return False
        found = same.first()
        if found is None:
            (save or instance.save)()
            self.created += 1
        kept = found or instance
        self.objects[key] = kept
        self.records[key] = DemoRecord.objects.create(
            key=key, content_type=ContentType.objects.get_for_model(kept), object_id=str(kept.pk)
        )
        return found is None

    def find(self, key: str) -> Any:
        """The object of a key as it is today; None if it has been deleted, or was never made as its parent had been."""
        if key not in self.objects:
            record = self.records.get(key)
            model = record.content_type.model_class() if record else None
            self.objects[key] = model._default_manager.filter(pk=record.object_id).first() if record and model else None
        return self.objects[key]

    def find_all(self, kind: str, names: Iterable[str]) -> list[Any]:
        return [found for name in names if (found := self.find(f"{kind}/{name}"))]

    def tool(self, slug: str) -> Any:
        return self.find(f"page/tools/{slug}")

    # Images, snippets and facts

    def add_image(self, row: Row) -> None:
        key = f"image/{row['key']}"
        if key in self.records:
            return
        path = FOLDER / "images" / row["file"]
        with path.open("rb") as file:
            values = {name: row[name] for name in ("title", "alt", "credit")}
            image = CustomImage(file=ImageFile(file, name=path.name), **values)
            # As the admin's upload form does it: size and hash, by which duplicates are found.
            image._set_image_file_metadata()
            self.add(key, image, CustomImage.objects.none())

    def add_snippet(self, kind: str, model: type[Named], row: Row) -> None:
        snippet = model(live=False, **row)
        if self.add(f"{kind}/{row['slug']}", snippet, model._default_manager.filter(slug=row["slug"])):
            _publish(snippet)

    def add_attributes(self, rows: list[Row]) -> None:
        """The attributes, and their groups in the order in which the file names them first."""
        for order, label in enumerate(dict.fromkeys(row["group"] for row in rows)):
            group = AttributeGroup(label=label, sort_order=order)
            self.add(f"attribute-group/{label}", group, AttributeGroup.objects.filter(label=label))
        for order, row in enumerate(self.each("attributes", rows)):
            attribute = Attribute(sort_order=order, **row | {"group": self.find(f"attribute-group/{row['group']}")})
            self.add(f"attribute/{row['key']}", attribute, Attribute.objects.filter(key=row["key"]))

    def add_disclosure(self, row: Row) -> None:
        disclosure = Disclosure(name=row["name"], text=row["text"], live=False)
        if self.add(f"disclosure/{row['key']}", disclosure, Disclosure.objects.filter(name=row["name"])):
            _publish(disclosure)

    def add_fact(self, row: Row) -> None:
        key = f"fact/{row['tool']}/{row['attribute']}"
        if key in self.records:
            return
        tool, attribute = self.tool(row["tool"]), self.find(f"attribute/{row['attribute']}")
        if tool is None or attribute is None:
            return
        fact = Fact(
            tool=tool,
            attribute=attribute,
            live=False,
            **{name: row.get(name, "") for name in ("state", "value", "qualifier", "note")},
        )
        sources = self.find_all("source", row.get("sources", []))
        fact.fact_sources = _ordered(FactSource(source=source) for source in sources)  # type: ignore[misc]
        fact.clean()
        if not self.add(key, fact, Fact.objects.filter(tool=tool, attribute=attribute, qualifier=fact.qualifier)):
            return
        _publish(fact)
        if "verified" in row:
            Verification.objects.create(fact=fact, verified_on=row["verified"], source=next(iter(sources), None))

    def add_redirect(self, row: Row) -> None:
        """Of every site. Left out if the page it leads to has been deleted."""
        page = self.find(f"page/{row['page']}")
        if page:
            path = Redirect.normalise_path(row["path"])
            redirect = Redirect(old_path=path, redirect_page=page)
            self.add(f"redirect{row['path']}", redirect, Redirect.objects.filter(old_path=path))

    def add_menu(self, row: Row) -> None:
        """One of the default site. An entry whose page has been deleted is left out."""
        key = f"menu/{row['place']}"
        site = Site.objects.filter(is_default_site=True).first()
        if key in self.records or site is None:
            return
        entries = [(self.find(f"page/{entry['page']}") if "page" in entry else None, entry) for entry in row["entries"]]
        menu = Menu(site=site, place=row["place"], live=False)
        menu.entries = _ordered(  # type: ignore[misc]
            MenuEntry(page=page, **{name: entry.get(name, "") for name in ("address", "label")})
            for page, entry in entries
            if page or "address" in entry
        )
        if self.add(key, menu, Menu.objects.filter(site=site, place=row["place"], locale=Locale.get_default())):
            _publish(menu)

    def add_settings(self, row: Row) -> None:
        site = Site.objects.filter(is_default_site=True).first()
        if site:
            of_site = PublicationSettings(
                site=site, **row | {"social_image": self.find(f"image/{row['social_image']}")}
            )
            self.add("settings", of_site, PublicationSettings.objects.filter(site=site))

    def add_announcement(self, row: Row) -> None:
        """Of every site. The page it links to may be gone."""
        values = {name: row[name] for name in ("text", "severity")}
        announcement = Announcement(page=self.find(f"page/{row['page']}"), live=False, **values)
        if self.add(f"announcement/{row['key']}", announcement, Announcement.objects.filter(text=row["text"])):
            _publish(announcement)

    # Pages: first all of them, unpublished; after the facts, what leads from one to another, and the publication

    def add_pages(self) -> list[tuple[Any, Row]]:
        """The new pages with their rows."""
        home = read("home")
        new = self.add_home(home)
        for row in home["sections"]:
            new += self.add_page("page/home", SECTIONS[row["slug"]], row, key=f"page/{row['slug']}", is_only_one=True)
        for row in read("tools")["tool"]:
            new += self.add_page("page/tools", ToolPage, row)
        for row in read_articles():
            new += self.add_page("page/articles", ArticlePage, row)
        for row in read("comparisons")["comparison"]:
            new += self.add_page("page/comparisons", ComparisonPage, row)
        for row in read("pages")["page"]:
            new += self.add_page("page/home", StandardPage, row, key=f"page/{row['slug']}")
        return new

    def publish_pages(self, new: list[tuple[Any, Row]]) -> None:
        for page, row in self.each("pages", new):
            self.relate(page, row)
            _publish(page)

    def add_home(self, row: Row) -> list[tuple[Any, Row]]:
        """The new home page, made the root of the default site, with its row."""
        page = HomePage(live=False, **self.plain_values(HomePage, row))
        root = Page.get_first_root_node()
        same = HomePage.objects.filter(sites_rooted_here__is_default_site=True)
        if not self.add("page/home", page, same, save=lambda: root.add_child(instance=page)):
            return []
        make_root_of_default_site(page)
        return [(page, row)]

    def add_page(
        self, parent_key: str, model: type[Page], row: Row, *, key: str = "", is_only_one: bool = False
    ) -> list[tuple[Any, Row]]:
        """The new page with its row; nothing if the page was there, or its parent has been deleted."""
        key = key or f"{parent_key}/{row['slug']}"
        parent = self.find(parent_key)
        if key in self.records or parent is None:
            return []
        page = model(live=False, **self.plain_values(model, row))
        siblings = model._default_manager.child_of(parent)
        same = siblings if is_only_one else siblings.filter(slug=row["slug"])
        return [(page, row)] if self.add(key, page, same, save=lambda: parent.add_child(instance=page)) else []

    def plain_values(self, model: type[Page], row: Row) -> Row:
        """What a page has of its own, chosen objects included; lists and tables are relations and come later."""
        values = {name: value for name, value in row.items() if not isinstance(value, list | dict)}
        return {name: self.find(f"{KINDS[name]}/{value}") if name in KINDS else value for name, value in values.items()}

    def relate(self, page: Any, row: Row) -> None:
        if "body" in row:
            page.body = page._meta.get_field("body").to_python(stored_body(row["body"], self.find))
        into: Any = page
        match page:
            case HomePage():
                into.featured = self.chosen(FeaturedPage, "page", "page", row["featured"])
            case ToolPage():
                into.tool_use_cases = self.chosen(ToolUseCase, "use_case", "use_case", row.get("use_cases", []))
                into.categories = self.find_all("category", row["categories"])
                into.alternatives = self.children(ToolAlternative, row["alternatives"])
            case ArticlePage():
                into.article_authors = self.chosen(ArticleAuthor, "person", "person", row["authors"])
                into.article_topics = self.chosen(ArticleTopic, "topic", "topic", row["topics"])
                into.article_tools = self.chosen(ArticleTool, "tool", "page/tools", row["tools"])
                into.article_use_cases = self.chosen(ArticleUseCase, "use_case", "use_case", row["use_cases"])
                into.article_sources = self.chosen(ArticleSource, "source", "source", row.get("sources", []))
                into.takeaways = _ordered(ArticleTakeaway(text=text) for text in row["takeaways"])
            case ComparisonPage():
                into.comparison_topics = self.chosen(ComparisonTopic, "topic", "topic", row["topics"])
                into.comparison_tools = self.chosen(ComparisonTool, "tool", "page/tools", row["tools"])
                for column in into.comparison_tools.all():
                    column.note = row.get("notes", {}).get(column.tool.slug, "")
                asked = self.find_all("attribute", row["attributes"])
                into.comparison_attributes = _ordered(ComparisonAttribute(attribute=attribute) for attribute in asked)
                into.verdicts = self.children(ComparisonVerdict, row["verdicts"])
                into.overrides = self.children(ComparisonOverride, row.get("overrides", []))
                into.corrections = self.children(ComparisonCorrection, row.get("corrections", []))
        page.full_clean()

    def chosen(self, model: type[Any], field: str, kind: str, names: list[str]) -> list[Any]:
        """Rows that each hold one chosen object. One that has been deleted is left out."""
        return _ordered(model(**{field: found}) for found in self.find_all(kind, names))

    def children(self, model: type[Any], items: list[Row]) -> list[Any]:
        """Rows of an inline panel. One that names a tool or an attribute which has been deleted is left out."""
        return _ordered(model(**values) for values in map(self.resolved, items) if None not in values.values())

    def resolved(self, row: Row) -> Row:
        values = dict(row)
        for name in TOOL_FIELDS & values.keys():
            values[name] = self.tool(values[name])
        if "about" in values:
            found = self.find(f"use_case/{values.pop('about')}")
            values |= {"about": found} if found else {}
        if "attribute" in values:
            values["attribute"] = self.find(f"attribute/{values['attribute']}")
        return values


KINDS = {
    "hero": "image",
    "logo": "image",
    "social_image": "image",
    "reviewer": "person",
    "vendor": "organization",
    "disclosure": "disclosure",
}
"""The fields of pages that name an object, and the kind of key under which it is found."""
TOOL_FIELDS = {"tool", "winner", "runner_up"}


def _publish(instance: Any) -> None:
    """Through a revision, as the admin does: a page that is live without one loses `live` when an edit is scheduled."""
    instance.save_revision().publish()


def _ordered(children: Iterable[Any]) -> list[Any]:
    """The rows of an inline panel, numbered in the order in which they are written."""
    numbered = list(children)
    for order, child in enumerate(numbered):
        child.sort_order = order
    return numbered
