"""What every page has in public, and the pages that only lead to others."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import strawberry
from wagtail.models import Page as WagtailPage
from wagtail.models import Site as WagtailSite

from api.documents import registry
from api.documents.codecs import Weight, passages
from api.documents.contract import column, derived, document, field, interface, served, stored
from api.documents.read import ABOVE, Cohort, page_size
from api.types.seo import Alternate, Seo, described_from, site_of, structured_from
from content.models.article import ArticleIndexPage
from content.models.comparison import ComparisonIndexPage
from content.models.home import HomePage
from content.models.tool import ToolIndexPage

if TYPE_CHECKING:
    from api.blocks import Block
    from api.types.image import Image


@interface
class Node:
    """Anything that has an id of its own and can be asked for with `node(id:)`."""

    id: strawberry.ID = column('Stable and opaque: "page:12", "person:3".')


@strawberry.type(description="Where another page is, without the page itself.")
class Link:
    type: str = strawberry.field(description="""The page's type in this schema, as in "Article".""")
    title: str = strawberry.field(description="The page's title.")
    path: str = strawberry.field(description='The path in the front end, as in "/tools/django/".')
    locale: str = strawberry.field(description='The language of the page, as in "en".')
    url: str = strawberry.field(description="The whole address, for pages that may be on another site.")

    @classmethod
    def to(cls, page: "Page") -> "Link":
        return cls(
            type=type(page).__name__, title=page.title, path=page.path, locale=page.locale, url=page.absolute(page.path)
        )


@strawberry.type(description="A heading inside a page's body.")
class Heading:
    anchor: str = strawberry.field(
        description="For the link to it; the heading has it as `anchor`, or as `id` in formatted text."
    )
    text: str = strawberry.field(description="The heading, without formatting.")
    level: int = strawberry.field(description="2 for a section, 3 for a part of it, 4 for a part of that.")


TEXT_TARGETS = ("RichText.html", "Fact.tool", "GalleryImage.image", "RelatedPage.page", "Resource.page")
"""What decides beside a page which words of its body are shown; named here, it is loaded in one query."""


def page_types() -> list[str]:
    """The names of all page types."""
    return [name for name, cls in registry.documents.items() if issubclass(cls, Page)]


@interface
class Page(Node):
    """A page with an address of its own in the front end."""

    title: str = column("The title, as in the page's heading.")
    slug: str = column("The last part of the path; unique among its siblings only.")
    path: str = column(
        'Begins and ends with a slash, as in "/articles/what-is-orm/"; the home page is "/". '
        'A language that is not the site\'s own stands in front: "/de/".'
    )
    locale: str = column('The language, as in "en".')
    published_at: datetime | None = column("When it was first published.")
    updated_at: datetime = column("When it was last published.")

    cohort: ClassVar[Cohort]
    site: ClassVar[str]
    seo_title: strawberry.Private[str]
    canonical_address: strawberry.Private[str]
    noindex: strawberry.Private[bool]

    @derived
    @staticmethod
    def summary(page: Any) -> strawberry.Private[str]:
        return (
            page.search_description
            or getattr(page, "dek", "")
            or getattr(page, "tagline", "")
            or getattr(page, "intro", "")
        )

    @derived
    @staticmethod
    def social_image(page: Any) -> strawberry.Private["Image | None"]:
        return page.social_image or getattr(page, "hero", None)

    @derived
    @staticmethod
    def translation(page: WagtailPage) -> strawberry.Private["Node"]:
        return stored(f"translation:{page.translation_key}")

    @served()
    def seo(self) -> Seo:
        """How search engines and social networks should show the page."""
        return Seo(self)

    @served(needs=[ABOVE])
    def breadcrumbs(self) -> list[Link]:
        """The way here from the home page, this page left out. Pages that may not be seen are left out too."""
        return [Link.to(page) for page in self.cohort.above(self)]

    @served(cost=30)
    def children(self, first: int | None = 20) -> list["Page"]:
        """The pages right below this one, by title: of a long list its first ones, 100 at most."""
        return self.cohort.below(self, page_types(), page_size(first, 20))

    @served(needs=["body"], size=10, cost=20)
    def table_of_contents(self) -> list[Heading]:
        """The headings of the body in their order; empty for a page without a body. A fact in a heading is left out."""
        found = passages(type(self), self.__dict__, None, only="body")
        return [Heading(anchor=each.anchor, text=each.text, level=each.level) for each in found if each.anchor]

    @served(needs=["body", *TEXT_TARGETS], cost=30)
    def text(self) -> str:
        """The words of the body as plain text, one line per heading, paragraph, list item or cell, with listings and
        what facts say now; empty for a page without a body.
        """
        return "\n".join(passage.text for passage in passages(type(self), self.__dict__, self.cohort, only="body"))

    @served(cost=20)
    def translations(self) -> list[Link]:
        """The same page in other languages, those on other sites included."""
        if len({locale for site in self.cohort.reader.sites for locale in site.locales}) < 2:
            return []
        return [Link.to(page) for page in pages_in_group(self) if page.id != self.id]

    def absolute(self, path: str) -> str:
        """The address of a path on this page's own site."""
        site = self.cohort.reader.site(self.site)
        return f"{site.url if site else ''}{path}"

    def path_from(self, host: str) -> str:
        """The path for a link on the site of this host name, the whole address for one elsewhere."""
        return self.path if self.site == host else self.absolute(self.path)

    def canonical_url(self) -> str:
        return self.canonical_address or self.absolute(self.path)

    # What `Seo` tells of it

    @property
    def is_known_elsewhere(self) -> bool:
        return self.canonical_url() != self.absolute(self.path)

    def alternates(self) -> list[Alternate]:
        known: dict[str, Page] = {self.locale: self}
        for page in pages_in_group(self):
            if not page.noindex and not page.is_known_elsewhere:
                known.setdefault(page.locale, page)
        if len(known) < 2:
            return []
        found = [Alternate(hreflang=locale, url=page.absolute(page.path)) for locale, page in sorted(known.items())]
        site = self.cohort.reader.site(self.site)
        main = known.get(site.locale) if site else None
        return [*found, Alternate(hreflang="x-default", url=main.absolute(main.path))] if main else found

    def trail(self) -> list[tuple[str, str]]:
        """Titles and addresses from the home page to this one."""
        return [(page.title, page.absolute(page.path)) for page in (*self.cohort.above(self), self)]

    def open_graph(self) -> list[tuple[str, Any]]:
        """What is particular to this kind of page; what has no value is left out."""
        return [("og:type", "website"), ("og:locale", _open_graph_locale(self.locale))]

    def structured_data(self) -> dict[str, Any]:
        return {"@type": "WebPage", "name": self.title, "url": self.absolute(self.path)}


def _open_graph_locale(locale: str) -> str | None:
    """Open Graph knows languages in a country only: "pt_BR"; one without is left out."""
    language, _, country = locale.partition("-")
    return f"{language}_{country.upper()}" if len(country) == 2 else None


def publisher_of(page: Page) -> dict[str, Any] | None:
    site = site_of(page)
    if site is None:
        return None
    data = {
        "@type": "Organization",
        "name": site.publisher or site.name,
        "url": page.absolute("/"),
        "sameAs": [each.url for each in site.profiles],
    }
    return {name: value for name, value in data.items() if value}


structured_from("Site.publisher", "Site.name", "Site.profiles")
described_from("Site.name", "Site.social_image")


def pages_in_group(page: Page) -> list[Page]:
    """The page in every language, itself included; one query for every page that was loaded together with it."""
    cohort = page.cohort
    if "translations" not in cohort.shared:
        groups = {
            each.__dict__["_translation"]
            for each in cohort.reader.known.values()
            if isinstance(each, Page) and each.cohort is cohort
        }
        labels = [f"{name}.translation" for name in page_types()]
        cohort.shared["translations"] = cohort.reader.referring(groups, labels, each=50)
    found: list[Page] = cohort.shared["translations"].get(page.__dict__["_translation"], [])
    return found  # none for a comparison that was put together while it was asked for


def home_of(site: WagtailSite, locale: int | None) -> WagtailPage:
    """The front page of a site in a language, in the site's own where that is not published."""
    found: WagtailPage | None = site.root_page.get_translations().filter(locale=locale, live=True).first()
    return found or site.root_page


@document(HomePage)
class Home(Page):
    """The first page of a site."""

    intro: str = field("What the site is for, in one or two sentences; may be empty.", text=Weight.HEADING)
    body: list["Block"] = field("The blocks below the introduction, in their order.")

    @derived
    @staticmethod
    def featured(page: HomePage) -> list[Page]:
        """Pages that stand out, the first one most."""
        return stored([f"page:{row.page_id}" for row in page.featured.all() if row.page_id])

    def structured_data(self) -> dict[str, Any]:
        data = {
            "@type": "WebSite",
            "name": self.title,
            "description": self.summary,
            "url": self.absolute(self.path),
            "inLanguage": self.locale,
            "publisher": publisher_of(self),
        }
        return {name: value for name, value in data.items() if value}


@document(ArticleIndexPage)
class ArticleIndex(Page):
    """The page that lists articles. Ask `articles` for the list itself."""

    intro: str = field("The text above the list; may be empty.", text=Weight.HEADING)


@document(ToolIndexPage)
class ToolIndex(Page):
    """The page that lists tools. Ask `tools` for the list itself."""

    intro: str = field("The text above the list; may be empty.", text=Weight.HEADING)


@document(ComparisonIndexPage)
class ComparisonIndex(Page):
    """The page that lists comparisons. Ask `comparisons` for the list itself."""

    intro: str = field("The text above the list; may be empty.", text=Weight.HEADING)
