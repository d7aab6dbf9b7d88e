"""Companies, foundations and projects."""

from typing import TYPE_CHECKING, Any

from api.documents.codecs import Weight
from api.documents.contract import column, document, field, previewed_on
from api.types.page import Node
from api.where_used import newest_page_with
from content.models.organization import Organization as OrganizationSnippet

if TYPE_CHECKING:
    from api.types.image import Image


@document(OrganizationSnippet)
class Organization(Node):
    """Who makes a tool, or for whom a person works."""

    name: str = field("Its name as it is printed.")
    slug: str = column("Unique among organizations.")
    website: str | None = field("Its own site.")
    logo: "Image | None" = field("Its logo.")
    description: str | None = field("What it is and what it does.", text=Weight.TEXT)

    def structured_data(self) -> dict[str, Any]:
        """What schema.org says of it inside the data of something else."""
        data = {"@type": "Organization", "name": self.name, "url": self.website}
        return {name: value for name, value in data.items() if value}


previewed_on(OrganizationSnippet)(newest_page_with)
