"""Images: what is there of them, and where."""

from enum import Enum
from typing import TYPE_CHECKING, ClassVar, NamedTuple
from urllib.parse import urljoin

import strawberry
from django.conf import settings
from django.core.files.storage import default_storage

from api.documents.contract import derived, document, field, part, served, stored
from api.documents.read import Cohort
from api.types.page import Node
from api.types.seo import described_from
from content.images import WHOLE, crops, frame, public_renditions
from content.models.images import CustomImage

SOCIAL = "social"
"""The crop that `Seo.openGraph` names, where there is one."""


@strawberry.enum(description="A format in which sizes of an image are kept; ORIGINAL is the one that was uploaded.")
class ImageFormat(Enum):
    AVIF = "avif"
    WEBP = "webp"
    ORIGINAL = "original"


if TYPE_CHECKING:

    class ImageCrop(Enum):
        """Its members are in the setting IMAGE_SIZES."""
else:
    # A schema needs a member; with none configured `manage.py check` fails.
    ImageCrop = strawberry.enum(
        Enum("ImageCrop", {name.upper(): name for name in crops() or ["none"]}),
        description="A shape to which pictures are cut, around the point that the editor marked as the most important. "
        "As delivered: WIDE is 16:9, SQUARE is 1:1, and SOCIAL is 1200 by 630, as networks show shared pages.",
    )


@part
class FocalPoint:
    """The point of a picture that must not be cut off. In CSS: `object-position: {100 * x}% {100 * y}%`."""

    x: float = field("From 0, the left edge, to 1, the right one.")
    y: float = field("From 0, the upper edge, to 1, the lower one.")


@part
class Size:
    """One stored size of an image."""

    crop: str = field("The name of the crop; empty for the whole picture.")
    format: str = field('"avif", "webp" or "jpeg".')
    width: int = field("In pixels.")
    height: int = field("In pixels.")
    file: str = field("Name in the media storage.")


def address(name: str) -> str:
    """The public address of a file in the media storage."""
    return urljoin(settings.CMS_URL, default_storage.url(name))


class PublicSize(NamedTuple):
    crop: str
    format: str
    width: int
    height: int
    file: str


class PublicPoint(NamedTuple):
    x: float
    y: float


@strawberry.type(
    description="A picture cut to one shape. Until it is cut, shortly after its upload, `url` and `srcset` lead to the "
    "whole picture: give the element `object-fit: cover` and an `object-position` from `focalPoint`, and it looks the "
    "same."
)
class CroppedImage:
    def __init__(self, image: "Image", name: str) -> None:
        self.image, self.name = image, name

    @strawberry.field(description="In pixels, of the file at `url`; before there is one, of what it will be.")
    def width(self) -> int:
        return self._size()[0]

    @strawberry.field(description="In pixels, of the file at `url`; before there is one, of what it will be.")
    def height(self) -> int:
        return self._size()[1]

    def _size(self) -> tuple[int, int]:
        size = self.image.largest(self.name)
        return (size.width, size.height) if size else frame(self.image, self.name)

    @strawberry.field(
        description="The largest stored size, for the src attribute: in WebP, of SOCIAL in JPEG. The original while "
        "there is none."
    )
    def url(self) -> str:
        size = self.image.largest(self.name)
        return address(size.file if size else self.image.file)

    @strawberry.field(
        description="Every stored width in one format, for a srcset attribute; while nothing is cut yet, those of the "
        "whole picture. `url` alone if there is nothing in this format.",
        metadata={"cost": 2},
    )
    def srcset(self, format: ImageFormat | None = ImageFormat.WEBP) -> str:
        size = self.image.largest(self.name)
        return (
            self.image.stored_srcset(self.name, format) or f"{self.url()} {size.width if size else self.image.width}w"
        )


@document(CustomImage, prefetch=["renditions"])
class Image(Node):
    """A picture. Use `srcset` in img and source elements, and always `width`, `height` and `alt`."""

    cohort: ClassVar[Cohort]
    title: str = field("What editors call it; not for readers.")
    width: int = field("Of the original, in pixels, the right way up.")
    height: int = field("Of the original, in pixels, the right way up.")
    alt: str = field("The text for those who do not see the picture.")
    credit: str | None = field("Who made it, as it has to be printed.")
    placeholder: str | None = field("A tiny blurred version as a data address, to show while the picture loads.")

    @derived
    @staticmethod
    def file(image: CustomImage) -> strawberry.Private[str]:
        return image.file.name

    @derived
    @staticmethod
    def focal_point(image: CustomImage) -> FocalPoint | None:
        """What must not be cut off, where the editor has marked it; null where the whole picture counts."""
        if not image.has_focal_point() or not (image.width and image.height):
            return None
        x, y = image.focal_point_x / image.width, image.focal_point_y / image.height
        return stored(PublicPoint(round(min(x, 1), 4), round(min(y, 1), 4)))

    @derived
    @staticmethod
    def sizes(image: CustomImage) -> strawberry.Private[list[Size]]:
        rows = [
            PublicSize(spec.crop, spec.format, row.width, row.height, row.file.name)
            for spec, row in public_renditions(image)
        ]
        return stored(rows)

    @served()
    def url(self) -> str:
        """The original file."""
        return address(self.file)

    @served(needs=["sizes"], cost=2)
    def srcset(self, format: ImageFormat | None = ImageFormat.WEBP) -> str:
        """Every stored width in one format, for a srcset attribute; the original alone while there are no others."""
        return self.stored_srcset(WHOLE, format) or f"{address(self.file)} {self.width}w"

    @served(needs=["sizes"], cost=4)
    def crop(self, to: ImageCrop) -> CroppedImage:
        """The picture cut to a shape, around its focal point."""
        return CroppedImage(self, to.value)

    def stored_srcset(self, crop: str, format: ImageFormat | None) -> str:
        """Empty while there is nothing in this format."""
        wanted = (format or ImageFormat.WEBP).value
        found = [size for size in self.sizes if size.crop == crop and size.format == wanted]
        return ", ".join(f"{address(size.file)} {size.width}w" for size in found)

    def largest(self, crop: str) -> Size | None:
        """In the format that every reader understands."""
        return next((size for size in reversed(self.sizes) if size.crop == crop), None)

    def for_sharing(self) -> tuple[str, int, int]:
        """Address, width and height of the file that social networks are to show."""
        cut = self.largest(SOCIAL)
        return (address(cut.file), cut.width, cut.height) if cut else (self.url(), self.width, self.height)


described_from("Image.sizes")
