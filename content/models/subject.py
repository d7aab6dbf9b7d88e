"""Snippets that have a page of their own in the front end: what search engines and social networks are told of them."""

from typing import Any

from django.db import models
from wagtail.admin.panels import MultiFieldPanel, ObjectList, TabbedInterface

from content.models.named import Named


class Subject(Named):
    """A snippet with a page of its own, at its section and slug."""

    section = ""
    """The first part of its address: "topics"."""

    seo_title = models.CharField(
        "title tag", max_length=255, blank=True, help_text="Shown in search results. Without one it is the name."
    )
    search_description = models.TextField(
        "meta description", blank=True, help_text="Shown in search results under the title."
    )
    social_image = models.ForeignKey(
        "content.CustomImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Shown when the page is shared, best at 1200 × 630 pixels.",
    )

    class Meta(Named.Meta):
        abstract = True


def subject_tabs(*panels: Any) -> TabbedInterface:
    """The editing screen of a subject: its own panels, then "Promote"."""
    promote = [
        MultiFieldPanel(["seo_title", "search_description"], heading="Search engines"),
        MultiFieldPanel(["social_image"], heading="Social networks"),
    ]
    return TabbedInterface([ObjectList([*panels], heading="Content"), ObjectList(promote, heading="Promote")])
