"""Images, which are worth nothing to some readers without their alternative text."""

from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import models
from PIL import Image as Pillow
from wagtail.images.models import (
    AbstractImage,
    AbstractRendition,
    Filter,
    WagtailImageField,
    WagtailImageFieldFile,
    get_upload_to,
)

from content import storage
from content.images import (
    DECISIVE,
    FOCAL_POINT,
    UNREADABLE,
    WHOLE,
    prepare_soon,
    public_renditions,
    shown_size,
    version,
)
from content.metadata import without_metadata


class UprightFile(WagtailImageFieldFile):
    def get_image_dimensions(self) -> tuple[int, int]:
        """As the picture is shown, from the first bytes of the file."""
        was_closed = self.closed
        self.open()
        try:
            return shown_size(Pillow.open(self))
        finally:
            if was_closed:
                self.close()
            else:
                self.seek(0)


class UprightImageField(WagtailImageField):
    """To the database it is Wagtail's."""

    attr_class = UprightFile

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "wagtail.images.models.WagtailImageField", args, kwargs


class CustomImage(AbstractImage):
    key_kind = "image"

    file = UprightImageField("file", upload_to=get_upload_to, width_field="width", height_field="height")
    alt = models.CharField(
        "alternative text",
        max_length=255,
        help_text=(
            "Say what the picture tells, for readers who cannot see it: “Terminal after the first run, all green”. "
            "Leave out “image of”, and do not repeat the caption."
        ),
    )
    credit = models.CharField(
        max_length=255,
        blank=True,
        help_text="Who made it and under which licence, as it should be printed: “Photo: Ada Lind, CC BY 4.0”.",
    )

    placeholder = models.TextField(
        blank=True, editable=False, help_text="A tiny blurred version as a data address, made after upload."
    )
    prepared = models.CharField(
        max_length=16,
        blank=True,
        default="",
        db_default="",  # the release before this one still inserts rows while an upgrade is under way
        editable=False,
        db_index=True,
        help_text="For which list of sizes they were made; empty while they are not, “unreadable” if they cannot be.",
    )
    claimed_at = models.DateTimeField(
        null=True, editable=False, help_text="When a process began to make the sizes; others leave it alone meanwhile."
    )

    admin_form_fields = (
        "title",
        "file",
        "alt",
        "credit",
        "collection",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )

    class Meta(AbstractImage.Meta):
        verbose_name = "image"
        verbose_name_plural = "images"
        permissions = [("choose_image", "Can choose image")]
        indexes = [models.Index(fields=["file"], name="image_by_file")]

    def save(self, *args: Any, update_fields: Any = None, **kwargs: Any) -> None:
        """One query more than usual, which tells whether there have to be other sizes; those are made soon after the
        commit.
        """
        self._clean_file()
        changed = self._changed(set(DECISIVE).intersection(DECISIVE if update_fields is None else update_fields))
        if changed:
            self.prepared, self.claimed_at = "", None
            if "file" in changed:
                self.placeholder = ""
            if update_fields is not None:
                update_fields = {*update_fields, "prepared", "claimed_at", "placeholder"}
        super().save(*args, update_fields=update_fields, **kwargs)
        if changed:
            prepare_soon(self.pk)

    def _set_image_file_metadata(self) -> None:
        """Size and hash are those of the file as it is stored: duplicates are found by them."""
        self._clean_file()
        super()._set_image_file_metadata()

    def _clean_file(self) -> None:
        """Take the metadata out of a file that has just been given."""
        if self.file and not self.file._committed:
            self.file.open()
            data = self.file.read()
            self.file.seek(0)
            clean = without_metadata(data)
            if clean != data:
                self.file = ContentFile(clean, name=self.file.name)  # type: ignore[assignment]

    def _changed(self, saved: set[str]) -> set[str]:
        """Which of these fields are about to get another value. A file has one as soon as it is another file."""
        rows = type(self)._base_manager.filter(pk=self.pk)
        before = rows.values(*FOCAL_POINT).first() if saved and self.pk else None
        if before is None:
            return saved
        other = {name for name in saved.intersection(FOCAL_POINT) if before[name] != getattr(self, name)}
        return other if self.file._committed else other | saved.intersection({"file"})

    @property
    def is_private(self) -> bool:
        """Whether its collection is restricted; no query."""
        return storage.is_private(self.file.name)

    @property
    def is_unreadable(self) -> bool:
        return self.prepared == UNREADABLE

    @property
    def is_prepared(self) -> bool:
        return self.prepared == version()

    @property
    def sizes_in_words(self) -> str:
        """What an editor is told of them; one query."""
        if self.is_unreadable:
            return "None: the file cannot be read as a picture. Replace it, or delete the image."
        found = [spec for spec, _ in public_renditions(self)]
        widths = ", ".join(str(width) for width in sorted({spec.width for spec in found if spec.crop == WHOLE}))
        crops = ", ".join(sorted({spec.crop for spec in found} - {WHOLE}))
        made = " ".join(each for each in (widths and f"{widths} pixels wide.", crops and f"Cut: {crops}.") if each)
        return made if self.is_prepared else f"{made} They are being made: look again in a few seconds.".strip()

    def get_upload_to(self, filename: str) -> str:
        """A folder of its own, which no other file ever gets: caches may keep its address for ever. In a restricted
        collection it is private from the first byte.

        The last part of the name is of this image alone: content as files knows it by that (`content.interchange`).
        """
        from content.files import restricted_collections

        path = super().get_upload_to(filename)
        others = type(self)._default_manager.exclude(pk=self.pk)
        if others.filter(file__endswith=f"/{PurePosixPath(path).name}").exists():
            plain = PurePosixPath(path)
            path = self.file.storage.get_alternative_name(str(plain.with_suffix("")), plain.suffix)
        is_private = self.collection_id in restricted_collections()
        return storage.new_name(storage.new_folder(storage.RESTRICTED if is_private else storage.UPLOADED), path)

    def generate_rendition_file(self, filter: Filter, *, source: "File[bytes] | None" = None) -> "File[bytes]":
        # Wagtail leaves the temporary file that it writes to for the garbage collector to close.
        with super().generate_rendition_file(filter, source=source) as written:
            written.seek(0)
            return ContentFile(written.read(), name=written.name)

    @property
    def default_alt_text(self) -> str:
        return self.alt


class Rendition(AbstractRendition):
    """One size and format of an image, made when first asked for."""

    image = models.ForeignKey(CustomImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"], name="one_rendition_per_image_and_spec"
            )
        ]
        indexes = [models.Index(fields=["file"], name="rendition_by_file")]

    def get_upload_to(self, filename: str) -> str:
        """Beside the original, whose folder is of this file alone. The name says the size and the focal point."""
        path, folder = super().get_upload_to(filename), storage.own_folder(self.image.file.name)
        # An image uploaded before files had folders.
        return storage.new_name(folder or storage.new_folder(storage.UPLOADED), path)

    def touched_keys(self) -> set[str]:
        """None: a rendition is made while somebody reads, and changes nothing public."""
        return set()
