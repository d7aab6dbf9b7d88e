"""People who write or review."""

from django.db import models
from wagtail.search import index

from content.models.named import NAME_PANELS, Named


class Person(Named):
    """Somebody who writes or reviews."""

    bio = models.TextField(
        blank=True,
        help_text="Two or three sentences: what this person works on, and why readers can trust them with the subject.",
    )
    photo = models.ForeignKey("content.CustomImage", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    panels = [*NAME_PANELS, "photo", "bio"]
    search_fields = [*Named.search_fields, index.SearchField("bio")]

    class Meta(Named.Meta):
        verbose_name_plural = "people"
