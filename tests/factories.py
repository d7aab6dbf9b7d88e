"""The actors of every test: pages in a tree, snippets, facts, images; published through a revision as an editor would.

`live=False` makes a draft that never was published. A page without `parent` goes below the index page of `tree()`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import factory
import wagtail_factories
from django.conf import settings
from django.db import models
from wagtail.models import Collection, Locale, Page, Site

from content.blocks import BodyBlock
from content.changes import changes
from content.models.announcement import Announcement
from content.models.article import (
    ArticleAuthor,
    ArticleIndexPage,
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
    ComparisonIndexPage,
    ComparisonPage,
    ComparisonTool,
    ComparisonTopic,
)
from content.models.disclosure import Disclosure
from content.models.fact import Fact, FactSource, FactState, Source, Verification
from content.models.home import FeaturedPage, HomePage
from content.models.images import CustomImage
from content.models.menu import Menu, MenuEntry, MenuPlace
from content.models.organization import Organization
from content.models.person import Person
from content.models.standard_page import StandardPage
from content.models.tool import ToolIndexPage, ToolPage, ToolUseCase
from content.models.topic import Topic
from content.models.use_case import UseCase
from content.values import DataType

TREE_SLUG = "toolshelf"


@dataclass(frozen=True)
class Tree:
    """A site with its home page and the index page of each section."""

    site: Site
    home: HomePage
    articles: ArticleIndexPage
    tools: ToolIndexPage
    comparisons: ComparisonIndexPage


def tree(hostname: str = "") -> Tree:
    """The default site's tree, or the one of another host name; made when first asked for."""
    home = _home(hostname.replace(".", "-") or TREE_SLUG)
    site = Site.objects.filter(root_page=home).first() or _site(home, hostname)
    return Tree(
        site=site,
        home=home,
        articles=_index_page(ArticleIndexPageFactory, home),
        tools=_index_page(ToolIndexPageFactory, home),
        comparisons=_index_page(ComparisonIndexPageFactory, home),
    )


def remove_tree() -> None:
    """As on the first day: Wagtail's welcome page in place of the default tree."""
    home = tree().home
    Site.objects.update(root_page=Page.objects.filter(depth=2).exclude(pk=home.pk).first())
    home.delete()


def _home(slug: str = TREE_SLUG) -> Any:
    return HomePage.objects.filter(slug=slug).first() or HomePageFactory(slug=slug)


def _site(home: HomePage, hostname: str) -> Site:
    with changes():
        if hostname:
            return Site.objects.create(hostname=hostname, port=443, root_page=home, site_name=hostname)
        site = Site.objects.filter(is_default_site=True).first() or Site(hostname="localhost", is_default_site=True)
        site.root_page, site.site_name = home, settings.WAGTAIL_SITE_NAME
        site.save()
        return site


def _index_page(section: Any, home: HomePage) -> Any:
    return section._meta.model.objects.child_of(home).first() or section(parent=home)


def settle_language() -> None:
    """A test that flushed the database has lost what the migrations made."""
    if not Locale.objects.filter(language_code=settings.LANGUAGE_CODE).exists():
        Locale.objects.create(language_code=settings.LANGUAGE_CODE)


def _root() -> Page:
    settle_language()
    return Page.get_first_root_node() or Page.add_root(title="Root", slug="root")


def every_block() -> list[tuple[str, Any]]:
    """A body with one block of each kind, filled with its own preview value."""
    CustomImage.objects.exists() or CustomImageFactory()
    ToolPage.objects.live().exists() or ToolPageFactory()
    if not Fact.objects.filter(live=True).exists():
        FactFactory(tool=ToolPage.objects.live().first(), sources=[SourceFactory()])
    ComparisonPage.objects.live().exists() or ComparisonPageFactory()
    return [(name, block.get_preview_value()) for name, block in BodyBlock().child_blocks.items()]


class Published(factory.django.DjangoModelFactory[Any]):
    """Base: saves the object as a draft and then publishes it, unless it is to stay one.

    Rows inside it are given as plain lists under the names in `_children`.
    """

    _children: ClassVar[dict[str, tuple[str, type[models.Model], str]]] = {}

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: type[Any], *args: Any, **kwargs: Any) -> Any:
        settle_language()
        live = kwargs.pop("live", True)
        rows = {name: kwargs.pop(name, []) for name in cls._children}
        many = {field.name: kwargs.pop(field.name) for field in model_class._meta.many_to_many if field.name in kwargs}
        place = cls._place(kwargs)
        instance = model_class(*args, live=False, **kwargs)
        for name, (relation, row, field) in cls._children.items():
            # Two names may fill one relation.
            getattr(instance, relation).add(*[row(**{field: target}) for target in rows[name]])
        for name, targets in many.items():
            setattr(instance, name, targets)
        with changes():
            cls._insert(instance, place)
            if live:
                instance.save_revision().publish()
        return model_class._default_manager.get(pk=instance.pk)

    @classmethod
    def _place(cls, kwargs: dict[str, Any]) -> Any:
        return None

    @classmethod
    def _insert(cls, instance: Any, place: Any) -> None:
        instance.save()


class PageFactory(Published):
    """Base of the pages; `parent` says where."""

    _section: ClassVar[str] = ""

    class Meta:
        abstract = True

    @classmethod
    def _place(cls, kwargs: dict[str, Any]) -> Any:
        return kwargs.pop("parent", None) or cls._default_parent()

    @classmethod
    def _default_parent(cls) -> Any:
        return getattr(tree(), cls._section)

    @classmethod
    def _insert(cls, instance: Any, place: Any) -> None:
        # The place may have got children through another instance since it was loaded.
        place.refresh_from_db(fields=["numchild"])
        place.add_child(instance=instance)


class HomePageFactory(PageFactory):
    """Also takes `featured`."""

    _children = {"featured": ("featured", FeaturedPage, "page")}
    title = "Toolshelf"
    intro = "Tools for the web, compared fact by fact."

    class Meta:
        model = HomePage

    @classmethod
    def _default_parent(cls) -> Page:
        return _root()


class IndexPageFactory(PageFactory):
    """Base of the index pages: below the home page of the default tree, or a new one when that has its own."""

    class Meta:
        abstract = True

    @classmethod
    def _default_parent(cls) -> HomePage:
        home = _home()
        return HomePageFactory() if cls._meta.model.objects.child_of(home).exists() else home


class ArticleIndexPageFactory(IndexPageFactory):
    title = "Articles"
    slug = "articles"

    class Meta:
        model = ArticleIndexPage


class ToolIndexPageFactory(IndexPageFactory):
    title = "Tools"
    slug = "tools"

    class Meta:
        model = ToolIndexPage


class ComparisonIndexPageFactory(IndexPageFactory):
    title = "Comparisons"
    slug = "comparisons"

    class Meta:
        model = ComparisonIndexPage


class ArticlePageFactory(PageFactory):
    """Also takes `authors`, `topics`, `use_cases`, `tools`, `takeaways` and `sources`."""

    _section = "articles"
    _children = {
        "authors": ("article_authors", ArticleAuthor, "person"),
        "topics": ("article_topics", ArticleTopic, "topic"),
        "use_cases": ("article_use_cases", ArticleUseCase, "use_case"),
        "tools": ("article_tools", ArticleTool, "tool"),
        "takeaways": ("takeaways", ArticleTakeaway, "text"),
        "sources": ("article_sources", ArticleSource, "source"),
    }
    title = factory.Sequence(lambda number: f"Article {number}")
    dek = "The answer in one sentence."
    body = factory.LazyFunction(lambda: [("heading", {"text": "First things first", "level": "2"})])

    class Meta:
        model = ArticlePage


class ToolPageFactory(PageFactory):
    """Also takes `categories` and `use_cases`."""

    _section = "tools"
    _children = {"use_cases": ("tool_use_cases", ToolUseCase, "use_case")}
    title = factory.Sequence(lambda number: f"Tool {number}")
    tagline = "Does one thing."

    class Meta:
        model = ToolPage


class ComparisonPageFactory(PageFactory):
    """Also takes `tools`, in the order of the columns, `attributes`, below them `groups` of attributes, and `topics`;
    makes two tools if none are given.
    """

    _section = "comparisons"
    _children = {
        "tools": ("comparison_tools", ComparisonTool, "tool"),
        "attributes": ("comparison_attributes", ComparisonAttribute, "attribute"),
        "groups": ("comparison_attributes", ComparisonAttribute, "group"),
        "topics": ("comparison_topics", ComparisonTopic, "topic"),
    }
    title = factory.Sequence(lambda number: f"Comparison {number}")
    intro = "Which one, and for what?"
    tools = factory.LazyFunction(lambda: [ToolPageFactory(), ToolPageFactory()])

    class Meta:
        model = ComparisonPage


class StandardPageFactory(IndexPageFactory):
    title = factory.Sequence(lambda number: f"Page {number}")
    body = factory.LazyFunction(lambda: [("heading", {"text": "Who we are", "level": "2"})])

    class Meta:
        model = StandardPage


class PersonFactory(Published):
    name = factory.Sequence(lambda number: f"Person {number}")

    class Meta:
        model = Person


class TopicFactory(Published):
    name = factory.Sequence(lambda number: f"Topic {number}")

    class Meta:
        model = Topic


class CategoryFactory(Published):
    name = factory.Sequence(lambda number: f"Category {number}")

    class Meta:
        model = Category


class MenuFactory(Published):
    """Also takes `pages`, each of which becomes an entry. A site has one menu of a place: the next goes to another."""

    _children = {"pages": ("entries", MenuEntry, "page")}
    site = factory.LazyFunction(lambda: _site_without_menu())
    place = MenuPlace.MAIN

    class Meta:
        model = Menu


def _site_without_menu() -> Site:
    count = Menu.objects.count()
    return tree(f"site-{count}.example" if count else "").site


class AnnouncementFactory(Published):
    text = factory.Sequence(lambda number: f"Announcement {number}")

    class Meta:
        model = Announcement


class OrganizationFactory(Published):
    name = factory.Sequence(lambda number: f"Organization {number}")

    class Meta:
        model = Organization


class UseCaseFactory(Published):
    name = factory.Sequence(lambda number: f"Use case {number}")

    class Meta:
        model = UseCase


class DisclosureFactory(Published):
    name = factory.Sequence(lambda number: f"Disclosure {number}")
    text = "We earn a commission when you buy through links on this page."

    class Meta:
        model = Disclosure


class Saved(factory.django.DjangoModelFactory[Any]):
    """Base of what is public as soon as it is saved."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: type[Any], *args: Any, **kwargs: Any) -> Any:
        with changes():
            return super()._create(model_class, *args, **kwargs)


class AttributeGroupFactory(Saved):
    label = factory.Sequence(lambda number: f"Group {number}")
    sort_order = factory.Sequence(lambda number: number)

    class Meta:
        model = AttributeGroup


class AttributeFactory(Saved):
    label = factory.Sequence(lambda number: f"Attribute {number}")
    key = factory.Sequence(lambda number: f"attribute-{number}")
    data_type = DataType.BOOLEAN

    class Meta:
        model = Attribute


class SourceFactory(Saved):
    title = factory.Sequence(lambda number: f"Source {number}")
    url = factory.Sequence(lambda number: f"https://example.org/source/{number}")

    class Meta:
        model = Source


class FactFactory(Published):
    """Also takes `sources` (the best first) and `verified_on`, which verifies the published value on that day."""

    _children = {"sources": ("fact_sources", FactSource, "source")}
    tool = factory.SubFactory(ToolPageFactory)
    attribute = factory.SubFactory(AttributeFactory)
    state = FactState.YES

    class Meta:
        model = Fact

    @classmethod
    def _create(cls, model_class: type[Fact], *args: Any, **kwargs: Any) -> Fact:
        verified_on: date | None = kwargs.pop("verified_on", None)
        fact: Fact = super()._create(model_class, *args, **kwargs)
        if verified_on:
            VerificationFactory(fact=fact, verified_on=verified_on)
        return fact


class VerificationFactory(Saved):
    fact = factory.SubFactory(FactFactory)

    class Meta:
        model = Verification


class CustomImageFactory(wagtail_factories.ImageFactory):
    title = factory.Sequence(lambda number: f"Image {number}")
    alt = "A terminal, all tests green"
    collection = factory.LazyFunction(lambda: Collection.get_first_root_node() or Collection.add_root(name="Root"))

    class Meta:
        model = CustomImage

    @classmethod
    def _create(cls, model_class: type[CustomImage], *args: Any, **kwargs: Any) -> CustomImage:
        with changes():
            image: CustomImage = super()._create(model_class, *args, **kwargs)
        return image
