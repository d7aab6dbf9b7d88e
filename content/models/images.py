"""Images, which are worth nothing to some readers without their alternative text."""

from django.core.files.base import ContentFile, File
from django.db import models
from wagtail.images.models import AbstractImage, AbstractRendition, Filter


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

    def touched_keys(self) -> set[str]:
        """None: a rendition is made while somebody reads, and changes nothing public."""
        return set()
