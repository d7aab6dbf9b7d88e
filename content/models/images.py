"""Images, which are worth nothing to some readers without their alternative text."""

from pathlib import PurePosixPath

from django.core.files.base import ContentFile, File
from django.db import models
from wagtail.images.models import AbstractImage, AbstractRendition, Filter

from content import storage


class CustomImage(AbstractImage):
    key_kind = "image"

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

    def get_upload_to(self, filename: str) -> str:
        """Private from the first byte in a restricted collection. The last part of the name is of this image alone:
        content as files knows it by that (`content.interchange`).
        """
        from content.files import restricted_collections

        path = super().get_upload_to(filename)
        others = type(self)._default_manager.exclude(pk=self.pk)
        if others.filter(file__endswith=f"/{PurePosixPath(path).name}").exists():
            plain = PurePosixPath(path)
            path = self.file.storage.get_alternative_name(str(plain.with_suffix("")), plain.suffix)
        is_private = self.collection_id in restricted_collections()
        return storage.new_name(storage.new_folder(storage.RESTRICTED), path) if is_private else path

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
        path = super().get_upload_to(filename)
        is_private = storage.is_private(self.image.file.name)
        return storage.new_name(storage.new_folder(storage.RESTRICTED), path) if is_private else path

    def touched_keys(self) -> set[str]:
        """None: a rendition is made while somebody reads, and changes nothing public."""
        return set()
