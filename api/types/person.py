"""The people who write."""

from typing import TYPE_CHECKING

from api.documents.contract import column, document, field
from api.types.page import Node
from content.models.person import Person as PersonSnippet

if TYPE_CHECKING:
    from api.types.image import Image


@document(PersonSnippet)
class Person(Node):
    """Somebody who writes or reviews. The front end shows them at /people/<slug>/."""

    name: str = field("The full name as it is printed.")
    slug: str = column("The last part of the address in the front end; unique among people.")
    bio: str | None = field("A few sentences about the person.")
    photo: "Image | None" = field("A portrait.")
