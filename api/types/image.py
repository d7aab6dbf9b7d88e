"""Images: what is there of them, and where."""

from enum import Enum
from typing import ClassVar, NamedTuple
from urllib.parse import urljoin

import strawberry
from django.conf import settings
from django.core.files.storage import default_storage

from api.documents.contract import derived, document, field, part, served, stored
from api.documents.read import Cohort
from api.types.page import Node
from content.images import public_renditions
from content.models.images import CustomImage


@strawberry.enum(description="A format in which sizes of an image are kept; ORIGINAL is the one that was uploaded.")
class ImageFormat(Enum):
    AVIF = "avif"
    WEBP = "webp"
    ORIGINAL = "original"


@part
class Size:
    """One stored size of an image."""

    format: str = field('"avif" or "webp".')
    width: int = field("In pixels.")
    file: str = field("Name in the media storage.")


def address(name: str) -> str:
    """The public address of a file in the media storage."""
    return urljoin(settings.CMS_URL, default_storage.url(name))


class PublicSize(NamedTuple):
    format: str
    width: int
    file: str


@document(CustomImage, prefetch=["renditions"])
class Image(Node):
    """A picture. Use `srcset` in img and source elements, and always `width`, `height` and `alt`."""

    cohort: ClassVar[Cohort]
    title: str = field("What editors call it; not for readers.")
    width: int = field("Of the original, in pixels.")
    height: int = field("Of the original, in pixels.")
    alt: str = field("The text for those who do not see the picture.")
    credit: str | None = field("Who made it, as it has to be printed.")
    placeholder: str | None = field("A tiny blurred version as a data address, to show while the picture loads.")

    @derived
    @staticmethod
    def file(image: CustomImage) -> strawberry.Private[str]:
        return image.file.name

    @derived
    @staticmethod
    def sizes(image: CustomImage) -> strawberry.Private[list[Size]]:
        rows = [PublicSize(spec.format, row.width, row.file.name) for spec, row in public_renditions(image)]
        return stored(sorted(rows, key=lambda size: (size.format, size.width)))

    @served()
    def url(self) -> str:
        """The original file."""
        return address(self.file)

    @served(needs=["sizes"], cost=2)
    def srcset(self, format: ImageFormat | None = ImageFormat.WEBP) -> str:
        """Every stored width in one format, for a srcset attribute; the original alone while there are no others."""
        if format is not ImageFormat.ORIGINAL:
            wanted = (format or ImageFormat.WEBP).value
            found = [f"{address(size.file)} {size.width}w" for size in self.sizes if size.format == wanted]
            if found:
                return ", ".join(found)
        return f"{address(self.file)} {self.width}w"
