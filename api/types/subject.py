"""What has a page of its own in the front end without being one of the editors' pages."""

from typing import TYPE_CHECKING, Any, ClassVar

import strawberry

from api.documents.contract import column, derived, field, interface, served
from api.documents.read import Cohort
from api.types.page import Node
from api.types.seo import Alternate, Seo
from content.models.subject import Subject as SubjectSnippet

if TYPE_CHECKING:
    from api.types.image import Image


@interface
class Subject(Node):
    """A topic or a person. The front end shows it at its `path`, with lists of the pages that refer to it."""

    name: str = field("As it is printed.")
    slug: str = column("The last part of its path; unique among its kind.")

    cohort: ClassVar[Cohort]
    site: ClassVar[str]
    title: ClassVar[str]
    section: ClassVar[str]
    noindex: ClassVar[bool] = False
    seo_title: strawberry.Private[str]

    @derived
    @staticmethod
    def summary(subject: Any) -> strawberry.Private[str]:
        return subject.search_description or getattr(subject, "description", "") or getattr(subject, "bio", "")

    @derived
    @staticmethod
    def social_image(subject: SubjectSnippet) -> strawberry.Private["Image | None"]:
        return subject.social_image or getattr(subject, "photo", None)

    @served()
    def path(self) -> str:
        """Where the front end shows it: in another language than the default site's with that language in front."""
        return self._path()

    def _path(self) -> str:
        site = self.cohort.reader.site(None)
        language = self.__dict__.get("locale")
        is_own = site is None or not language or language == site.locale
        return f"{'' if is_own else f'/{language}'}/{self.section}/{self.slug}/"

    @served()
    def seo(self) -> Seo:
        """How search engines and social networks should show its page."""
        return Seo(self)

    def canonical_url(self) -> str:
        """Its address on the default site."""
        site = self.cohort.reader.site(None)
        return f"{site.url if site else ''}{self._path()}"

    # What `Seo` tells of it

    @property
    def is_known_elsewhere(self) -> bool:
        return False

    def alternates(self) -> list[Alternate]:
        return []

    def trail(self) -> list[tuple[str, str]]:
        """Empty: it lies below no page."""
        return []

    def open_graph(self) -> list[tuple[str, Any]]:
        return [("og:type", "website")]

    def structured_data(self) -> dict[str, Any]:
        data = {
            "@type": "CollectionPage",
            "name": self.name,
            "description": self.summary,
            "url": self.canonical_url(),
        }
        return {name: value for name, value in data.items() if value}
