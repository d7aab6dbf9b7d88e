"""How search engines and social networks are told of pages."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.scalars import JSON

from api.documents import registry
from api.documents.read import ABOVE, PUBLICATION

if TYPE_CHECKING:
    from api.types.image import Image
    from api.types.page import Page
    from api.types.site import Site
    from api.types.subject import Subject


@strawberry.type(description="The page in one language, for a link element with rel=alternate.")
class Alternate:
    hreflang: str = strawberry.field(
        description='The language, as in "de", or "x-default" for readers of any other: the site\'s own language.'
    )
    url: str = strawberry.field(description="The whole address.")


@strawberry.type(description="A meta element with the attributes property and content.")
class MetaProperty:
    property: str = strawberry.field(description='As in "og:title".')
    content: str = strawberry.field(description="Its value as text.")


@strawberry.type(description="How search engines and social networks should show the page.")
class Seo:
    def __init__(self, page: "Page | Subject") -> None:
        self.page = page

    @strawberry.field(description="For the title element.")
    def title(self) -> str:
        return self.page.seo_title or self.page.title

    @strawberry.field(description="For the description meta element; empty when the page has nothing to say.")
    def description(self) -> str:
        return self.page.summary

    @strawberry.field(description="The one address under which the page should be known.")
    def canonical_url(self) -> str:
        return self.page.canonical_url()

    @strawberry.field(description="The picture to show when the page is shared: its own, or else that of its site.")
    def image(self) -> Annotated["Image", strawberry.lazy("api.types.image")] | None:
        return _picture(self.page)

    @strawberry.field(description="Whether search engines are asked to leave the page out.")
    def noindex(self) -> bool:
        return self.page.noindex

    @strawberry.field(
        description="The page in every language it is published in, its own included, for `link rel=alternate` in the "
        "head. Empty when there is one only, or when search engines should not know the page under its own address.",
        metadata={"cost": 20},
    )
    def alternates(self) -> list[Alternate]:
        page = self.page
        return [] if page.noindex or page.is_known_elsewhere else page.alternates()

    @strawberry.field(
        description="What social networks read by the Open Graph protocol (ogp.me): print one meta element for each.",
        metadata={"cost": 20},
    )
    def open_graph(self) -> list[MetaProperty]:
        page, site, picture = self.page, site_of(self.page), _picture(self.page)
        found: list[tuple[str, Any]] = [
            ("og:title", page.seo_title or page.title),
            ("og:description", page.summary),
            ("og:url", page.canonical_url()),
            ("og:site_name", site.name if site else None),
            *page.open_graph(),
        ]
        if picture:
            url, width, height = picture.for_sharing()
            found += [
                ("og:image", url),
                ("og:image:width", width),
                ("og:image:height", height),
                ("og:image:alt", picture.alt),
            ]
        return [MetaProperty(property=name, content=str(value)) for name, value in found if value]

    @strawberry.field(
        description="Structured data by schema.org, ready for a script element of type application/ld+json: a `@graph` "
        "of what the page is and, below the home page, of the way to it.",
        metadata={"cost": 20},
    )
    def json_ld(self) -> JSON:
        graph = [self.page.structured_data()]
        trail = self.page.trail()
        if len(trail) > 1:
            items = [
                {"@type": "ListItem", "position": position, "name": name, "item": address}
                for position, (name, address) in enumerate(trail, start=1)
            ]
            graph.append({"@type": "BreadcrumbList", "itemListElement": items})
        return {"@context": "https://schema.org", "@graph": graph}  # type: ignore[return-value]


def site_of(page: "Page | Subject") -> "Site | None":
    """The site that a page is on, or the default site for what is on all."""
    found: Site | None = page.cohort.publication(page)
    return found


def _picture(page: "Page | Subject") -> "Image | None":
    if page.social_image:
        return page.social_image
    site = site_of(page)
    return site.social_image if site else None


def structured_from(*labels: str) -> None:
    """Load these stored fields, as "Type.field", when an operation asks for `jsonLd`: `structured_data` reads them."""
    _needs("Seo.json_ld", labels)


def described_from(*labels: str) -> None:
    """Load these stored fields when an operation asks for `openGraph`."""
    _needs("Seo.open_graph", labels)


def _needs(field: str, labels: Iterable[str]) -> None:
    registry.needs[field] = registry.needs.get(field, frozenset()) | frozenset(labels)


_needs("Seo.image", (PUBLICATION, "Site.social_image"))
described_from(PUBLICATION)
structured_from(PUBLICATION, ABOVE)
