"""The people who write."""

from typing import TYPE_CHECKING, Any, ClassVar

from api.documents.codecs import Weight
from api.documents.contract import document, field, part
from api.types.image import address
from api.types.seo import structured_from
from api.types.subject import Subject
from content.models.person import Person as PersonSnippet

if TYPE_CHECKING:
    from api.types.image import Image
    from api.types.organization import Organization


@part
class Profile:
    """Where else somebody can be followed."""

    label: str = field('What the link says, as in "GitHub".')
    url: str = field("Its address.")


@document(PersonSnippet)
class Person(Subject):
    """Somebody who writes or reviews. The front end shows them at /people/<slug>/."""

    section: ClassVar[str] = PersonSnippet.section

    job_title: str | None = field("What they do.", text=Weight.TEXT)
    organization: "Organization | None" = field("For whom they work.")
    bio: str | None = field("A few sentences about the person.", text=Weight.TEXT)
    photo: "Image | None" = field("A portrait.")
    website: str | None = field("Their own site.")
    links: list[Profile] = field("Where else they can be followed.")

    def open_graph(self) -> list[tuple[str, Any]]:
        return [("og:type", "profile"), ("profile:username", self.slug)]

    def structured_data(self) -> dict[str, Any]:
        data = {
            "@type": "Person",
            "name": self.name,
            "description": self.summary,
            "url": self.canonical_url(),
            "jobTitle": self.job_title,
            "worksFor": self.organization.structured_data() if self.organization else None,
            "image": address(self.photo.file) if self.photo else None,
            "sameAs": [url for url in (self.website, *(link.url for link in self.links)) if url],
        }
        return {name: value for name, value in data.items() if value}


structured_from("Person.organization", "Person.photo", "Person.links")
