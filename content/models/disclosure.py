"""What readers must know about interests behind a text."""

from django.db import models
from wagtail.search import index

from content.models.base import BaseSnippet


class Disclosure(BaseSnippet, index.Indexed):
    """A standing text about interests: “We earn a commission …”. It has no address of its own."""

    name = models.CharField(
        max_length=120, unique=True, help_text="For editors only, to find it again: “Affiliate links”."
    )
    text = models.TextField(help_text="What readers see, as whole sentences.")

    panels = ["name", "text"]
    search_fields = [
        index.SearchField("name", boost=2),
        index.AutocompleteField("name"),
        index.SearchField("text"),
        index.FilterField("live"),
    ]

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
