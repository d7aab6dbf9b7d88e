"""The sizes in which images are published: a closed list, made after upload and never while somebody reads.

The list is the setting IMAGE_SIZES. `prepare` makes what is missing of one image; three call it: the job that follows
an upload, another one for whatever no job has made, and `manage.py prepare_images`.
"""

import base64
import hashlib
import logging
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.core.files import File
from django.db.models import Q, QuerySet
from django.utils import timezone
from PIL import ExifTags, ImageOps
from PIL import Image as Pillow
from wagtail.images.models import Filter

from content import jobs
from content.changes import changes, key_of, touch, turn

if TYPE_CHECKING:
    from content.models.images import CustomImage

logger = logging.getLogger("content")

WHOLE = ""
"""The name, among those of the crops, of what is not cropped."""
FORMATS = ("avif", "webp", "jpeg")

FOCAL_POINT = ("focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height")
DECISIVE = ("file", *FOCAL_POINT)
"""The fields on which the sizes depend."""

UNREADABLE = "unreadable"
"""Stands in `CustomImage.prepared` where there can be no sizes."""
CLAIMED = timedelta(minutes=2)
"""So long an image is left to the process that began to prepare it."""


# The list ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spec:
    """One size of the list, in pixels. Without a height it is not cropped."""

    crop: str
    width: int
    height: int | None
    format: str

    @property
    def filter_spec(self) -> str:
        """How Wagtail names the rendition."""
        size = f"width-{self.width}" if self.height is None else f"fill-{self.width}x{self.height}"
        return f"{size}|format-{self.format}"

    def focal_point_key(self, image: "CustomImage") -> str:
        """How Wagtail notes around which focal point a rendition was cut."""
        return str(Filter(self.filter_spec).get_cache_key(image))


def faults(sizes: Any) -> list[str]:
    """What is wrong with a value of IMAGE_SIZES, in sentences; empty if nothing is."""
    if not isinstance(sizes, dict) or set(sizes) != {"widths", "formats", "crops"}:
        return ["It is a dictionary with `widths`, `formats` and `crops`."]
    crops_ = sizes["crops"]
    if not isinstance(crops_, dict) or not crops_:
        return ["`crops` is a dictionary with one crop at least."]
    found = _faults_of_row("", sizes, FORMATS[:2])
    for name, row in crops_.items():
        if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name):
            found.append(f"{name!r} is no name for a crop: use small letters, digits and underscores.")
        elif not isinstance(row, dict) or set(row) != {"ratio", "widths", "formats"}:
            found.append(f"The crop {name!r} is a dictionary with `ratio`, `widths` and `formats`.")
        else:
            found += _faults_of_row(f" of the crop {name!r}", row, FORMATS)
            ratio = row["ratio"]
            if not isinstance(ratio, tuple | list) or len(ratio) != 2 or not all(map(_is_size, ratio)):
                found.append(f"The `ratio` of the crop {name!r} is two whole numbers: (16, 9).")
    if not found and (count := sum(len(row["widths"]) * len(row["formats"]) for row in (sizes, *crops_.values()))) > 60:
        found.append(f"These are {count} sizes, and each image gets all; 60 is the most.")
    return found


def _faults_of_row(of: str, row: Mapping[str, Any], formats: tuple[str, ...]) -> list[str]:
    found = []
    widths = row["widths"]
    if not isinstance(widths, tuple | list) or not widths or not all(map(_is_size, widths)):
        found.append(f"The `widths`{of} are whole numbers from 1 to 4096, one at least.")
    chosen = row["formats"]
    if not isinstance(chosen, tuple | list) or not chosen or not all(each in formats for each in chosen):
        found.append(f"The `formats`{of} are of {', '.join(formats)}, one at least.")
    return found


def _is_size(value: Any) -> bool:
    return type(value) is int and 1 <= value <= 4096


def crops() -> list[str]:
    """The names of the crops; none while the setting is faulty, so that `check` is reached, which says how."""
    return [] if faults(settings.IMAGE_SIZES) else list(settings.IMAGE_SIZES["crops"])


def specs() -> list[Spec]:
    """The whole list, per crop and format from small to large, the format for every reader last."""
    rows: dict[str, Mapping[str, Any]] = {WHOLE: settings.IMAGE_SIZES, **settings.IMAGE_SIZES["crops"]}
    return [
        Spec(name, width, round(width * row["ratio"][1] / row["ratio"][0]) if name else None, format_)
        for name, row in rows.items()
        for format_ in row["formats"]
        for width in sorted(row["widths"])
    ]


def version() -> str:
    """Names the list: an image prepared for another one is prepared anew."""
    return hashlib.sha256("\n".join(spec.filter_spec for spec in specs()).encode()).hexdigest()[:16]


class Sized(Protocol):
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


def specs_for(image: Sized) -> list[Spec]:
    """The sizes this image fills; of what it is too small for it is published once, not enlarged."""
    every = specs()
    smallest = {spec.crop: min(each.width for each in every if each.crop == spec.crop) for spec in every}
    return [spec for spec in every if spec.width <= max(_room(image, spec), smallest[spec.crop])]


def _room(image: Sized, spec: Spec) -> float:
    """The width of the largest cut of this shape."""
    return image.width if spec.height is None else min(image.width, image.height * spec.width / spec.height)


def frame(image: Sized, crop: str) -> tuple[int, int]:
    """Width and height of the largest size of this crop, made or still to be made."""
    spec = max((spec for spec in specs_for(image) if spec.crop == crop), key=lambda spec: spec.width)
    width = min(spec.width, _room(image, spec))
    return round(width), max(1, round(width * (spec.height or 1) / spec.width))


def public_renditions(image: "CustomImage") -> list[tuple[Spec, Any]]:
    """The published sizes that exist already; one query, or none when renditions are prefetched.

    A crop around an earlier focal point stays until there is a newer one.
    """
    found: dict[str, list[Any]] = {}
    for row in sorted(image.renditions.all(), key=lambda row: row.pk):
        found.setdefault(row.filter_spec, []).append(row)
    result = []
    for spec in specs():
        rows = found.get(spec.filter_spec, [])
        if len(rows) > 1:
            key = spec.focal_point_key(image)
            rows = [row for row in rows if row.focal_point_key == key] or rows
        if rows:
            result.append((spec, rows[-1]))
    return result


def limit_pixels() -> None:
    """Let Pillow refuse larger images from their first bytes; Wagtail would decode them to count. Called once."""
    # Pillow warns at its limit and refuses at twice of it.
    Pillow.MAX_IMAGE_PIXELS = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS // 2
    warnings.filterwarnings("ignore", category=Pillow.DecompressionBombWarning)


# Making --------------------------------------------------------------------------------------------------------------


class UnreadableImage(Exception):
    """There is no file, or no picture in it."""


class BeingPrepared(Exception):
    """Another process has begun to prepare this image, and may have been killed since."""


def prepare(image: "CustomImage") -> bool:
    """Make what is missing of an image's sizes and its placeholder, drop what is no longer wanted, and say that its
    public form changed. Takes a second, for a large photograph ten. Files are written in the transaction at the end,
    and stay only if it does.

    False if the image was replaced, got another focal point or was deleted meanwhile: then nothing of it remains.
    Raises UnreadableImage. Must not run inside `changes()`: it would keep everybody else from publishing.
    """
    data = _content(image)
    try:
        width, height, placeholder = _look_at(data)
        image.width, image.height = width, height
        wanted = {(spec.filter_spec, spec.focal_point_key(image)): spec for spec in specs_for(image)}
        existing = {(row.filter_spec, row.focal_point_key) for row in image.renditions.all()}
        made = [_rendition(image, *name, data) for name in wanted if name not in existing]
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
        # Pillow has several words for a broken file.
        raise UnreadableImage(f"it is no picture, or a broken one ({error})") from error
    model = type(image)
    same = {name: getattr(image, name) for name in FOCAL_POINT} | {"file": image.file.name}
    with changes():
        current = model.objects.select_for_update().filter(pk=image.pk, **same).first()
        if current is None:
            return False
        rows = list(current.renditions.all())
        present = {(row.filter_spec, row.focal_point_key) for row in rows}
        made = [row for row in made if (row.filter_spec, row.focal_point_key) not in present]
        for row in made:
            # Saved by its field, each file would be read and decoded once more.
            row.file.name = row.file.storage.save(row.get_upload_to(row.file.name), row.file.file)
            row.file._committed = True
        model.get_rendition_model().objects.bulk_create(made)
        for row in rows:
            if _is_stale(row, current, wanted):
                row.delete()
        model.objects.filter(pk=image.pk).update(
            width=width, height=height, placeholder=placeholder, prepared=version(), claimed_at=None
        )
        touch([key_of(image)])
    return True


def _content(image: "CustomImage") -> bytes:
    try:
        with image.open_file() as file:
            return bytes(file.read())
    except OSError as error:
        # Wagtail wraps it. Other trouble may pass.
        if isinstance(error.__cause__, FileNotFoundError):
            raise UnreadableImage("the file is not there") from error
        raise


def _rendition(image: "CustomImage", filter_spec: str, focal_point_key: str, data: bytes) -> Any:
    """Not yet saved."""
    source = File(BytesIO(data), name=image.file.name)
    file = image.generate_rendition_file(Filter(filter_spec), source=source)
    return image.get_rendition_model()(image=image, filter_spec=filter_spec, focal_point_key=focal_point_key, file=file)


def _is_stale(row: Any, image: "CustomImage", wanted: Mapping[tuple[str, str], Spec]) -> bool:
    """Whether nobody will ask for it again. What the admin shows names no format, and is made when it is shown."""
    if "|format-" in row.filter_spec:
        return (row.filter_spec, row.focal_point_key) not in wanted
    return bool(row.focal_point_key != Filter(row.filter_spec).get_cache_key(image))


def _look_at(data: bytes) -> tuple[int, int, str]:
    """Width and height as the picture is shown, and its placeholder."""
    with Pillow.open(BytesIO(data)) as picture:
        width, height = shown_size(picture)
        small = picture.convert("RGBA") if picture.mode in ("P", "1") else picture
        small.thumbnail((16, 16), Pillow.Resampling.BILINEAR)
        small = ImageOps.exif_transpose(small)
        output = BytesIO()
        small.convert("RGBA" if small.has_transparency_data else "RGB").save(output, "WEBP", quality=40)
    return width, height, "data:image/webp;base64," + base64.b64encode(output.getvalue()).decode()


def shown_size(picture: Pillow.Image) -> tuple[int, int]:
    """Width and height the right way up: cameras store every picture lying, and note how they were held."""
    width, height = picture.size
    return (height, width) if picture.getexif().get(ExifTags.Base.Orientation, 1) >= 5 else (width, height)


# When ----------------------------------------------------------------------------------------------------------------


def unprepared(*, with_unreadable: bool = False) -> "QuerySet[CustomImage]":
    """Images without all their sizes that nobody is preparing just now, the newest first: somebody waits for it."""
    from content.models.images import CustomImage

    settled = [version()] if with_unreadable else [version(), UNREADABLE]
    is_free = Q(claimed_at=None) | Q(claimed_at__lt=timezone.now() - CLAIMED)
    return CustomImage.objects.filter(is_free).exclude(prepared__in=settled).order_by("-pk")


def prepare_one(pk: int, *, with_unreadable: bool = False) -> bool:
    """Prepare this image, if that is to be done and nobody else does it; whether it was.

    Raises UnreadableImage, and from then on only `with_unreadable` tries it again, until it is replaced.
    """
    from content.models.images import CustomImage

    rows = CustomImage.objects.filter(pk=pk)
    with turn():
        if not unprepared(with_unreadable=with_unreadable).filter(pk=pk).order_by().update(claimed_at=timezone.now()):
            return False
    image = rows.prefetch_related("renditions").get()
    try:
        is_done = prepare(image)
    except UnreadableImage:
        with turn():
            rows.filter(file=image.file.name).update(prepared=UNREADABLE, claimed_at=None)
        raise
    if not is_done:
        with turn():
            rows.update(claimed_at=None)
    return is_done


def prepare_missing(seconds: float = inf) -> int:
    """Prepare every image that was uploaded, replaced or given another focal point since the last time, up to 1,000;
    return how many.

    After so many seconds no other one is begun: what was just uploaded comes first.
    """
    end = monotonic() + seconds
    count = 0
    for pk in list(unprepared().values_list("pk", flat=True)[:1000]):
        if monotonic() > end or jobs.stopping.is_set():
            break
        try:
            count += _prepare_or_tell(pk)
        except Exception:
            logger.exception("Image %s could not be prepared; it is tried again in %s", pk, CLAIMED)
    return count


def _prepare_or_tell(pk: int) -> bool:
    try:
        return prepare_one(pk)
    except UnreadableImage as error:
        logger.warning("Image %s cannot be read; it is published without smaller sizes: %s", pk, error)
        return False


@jobs.job("Make the sizes of an image", queue=jobs.IMAGES)
def prepare_image(pk: int) -> None:
    """May run twice: what is made already is not made again."""
    if not _prepare_or_tell(pk) and _is_claimed(pk):
        raise BeingPrepared


def _is_claimed(pk: int) -> bool:
    from content.models.images import CustomImage

    return CustomImage.objects.filter(pk=pk, claimed_at__isnull=False).exclude(prepared=version()).exists()


@jobs.job("Make the sizes of images that have not all of them", queue=jobs.IMAGES, priority=-10)
def prepare_rest() -> None:
    """The net for images that no job was enqueued for: restored or changed by SQL, or after a change of IMAGE_SIZES.

    Ten seconds at a time, after which whatever was uploaded comes first.
    """
    if prepare_missing(seconds=10):
        jobs.enqueue(prepare_rest)


def prepare_soon(pk: int) -> None:
    """Have the image prepared once the current transaction is committed. Where jobs are done at once, whoever uploads
    would wait: then nothing is done.
    """
    if not jobs.is_immediate(prepare_image):
        jobs.enqueue(prepare_image, pk)
