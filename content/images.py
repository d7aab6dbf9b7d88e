"""The sizes in which images are published: a closed list, made after upload and never while somebody reads."""

import base64
import logging
from dataclasses import dataclass
from io import BytesIO
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from PIL import Image as Pillow

from content.changes import changes, key_of, touch

if TYPE_CHECKING:
    from content.models.images import CustomImage

logger = logging.getLogger("content")

WIDTHS = (400, 800, 1200, 1600)
FORMATS = ("avif", "webp")


@dataclass(frozen=True)
class Spec:
    """One width and format. `filter_spec` is how Wagtail names the rendition."""

    width: int
    format: str

    @property
    def filter_spec(self) -> str:
        return f"width-{self.width}|format-{self.format}"


SPECS = {spec.filter_spec: spec for spec in (Spec(width, format_) for format_ in FORMATS for width in WIDTHS)}


def specs_for(image: "CustomImage") -> list[str]:
    """The widths this image fills; a smaller one is published once, at its own width."""
    fitting = [width for width in WIDTHS if width <= image.width] or [WIDTHS[0]]
    return [spec.filter_spec for spec in SPECS.values() if spec.width in fitting]


def public_renditions(image: "CustomImage") -> list[tuple[Spec, Any]]:
    """The published sizes that exist already; one query, or none when renditions are prefetched."""
    return [(SPECS[row.filter_spec], row) for row in image.renditions.all() if row.filter_spec in SPECS]


def prepare(image: "CustomImage") -> None:
    """Make what is missing of an image's sizes and its placeholder, then say that its public form changed. Takes about
    a second.

    Must not run inside `changes()`: it would keep everybody else from publishing meanwhile.
    """
    existing = {row.filter_spec for row in image.renditions.all()}
    wanted = [spec for spec in specs_for(image) if spec not in existing]
    placeholder = _placeholder(image)
    if not wanted and placeholder == image.placeholder:
        return
    if wanted:
        image.get_renditions(*wanted)
    with changes():
        type(image).objects.filter(pk=image.pk).update(placeholder=placeholder)
        touch([key_of(image)])


def prepare_missing(seconds: float = inf) -> int:
    """Prepare every image uploaded or replaced since the last time; return how many. The scheduler calls this.

    After so many seconds no other one is begun: something may be due to be published meanwhile.
    """
    from content.models.images import CustomImage

    prepared = (
        CustomImage.objects.filter(renditions__filter_spec__endswith="|format-webp")
        .exclude(placeholder="")
        .values("pk")
    )
    count = 0
    end = monotonic() + seconds
    for image in CustomImage.objects.exclude(pk__in=prepared).prefetch_related("renditions"):
        if monotonic() > end:
            break
        if image.file.name in unreadable:
            continue
        try:
            prepare(image)
            count += 1
        except Exception:
            logger.exception("Image %s cannot be read; it is published without smaller sizes", image.pk)
            unreadable.add(image.file.name)
    return count


unreadable: set[str] = set()
"""Files at which this process has failed once; they are not tried again until it is started anew."""


def _placeholder(image: "CustomImage") -> str:
    with image.get_willow_image() as willow:
        picture = willow.auto_orient().image if hasattr(willow, "auto_orient") else willow.image
        small = picture.convert("RGB")
        small.thumbnail((16, 16), Pillow.Resampling.BILINEAR)
    data = BytesIO()
    small.save(data, "WEBP", quality=40)
    return "data:image/webp;base64," + base64.b64encode(data.getvalue()).decode()
