"""A message on every page of a site, from one moment to another."""

from django.db import models
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel, PublishingPanel
from wagtail.models import TranslatableMixin
from wagtail.search import index

from content.models.base import BaseSnippet
from content.models.link import Link


class Severity(models.TextChoices):
    INFO = "info", "Information"
    WARNING = "warning", "Warning"
    URGENT = "urgent", "Urgent"


class Announcement(TranslatableMixin, BaseSnippet, Link, index.Indexed):
    """Of several that are published at once the most severe one shows, and of equal ones the newest."""

    text = models.CharField(max_length=240, help_text="One or two sentences, without formatting.")
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.INFO)
    site = models.ForeignKey(
        "wagtailcore.Site",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="announcements",
        help_text="Leave empty to show it on every site.",
    )

    panels = [
        "text",
        "severity",
        MultiFieldPanel([FieldPanel("page"), "address"], heading="Link to more about it"),
        "site",
        HelpPanel(
            "From when and until when it shows is set under “Set schedule” in the status panel at the right. "
            "It disappears at that very moment.",
            heading="Dates",
        ),
        PublishingPanel(),
    ]
    search_fields = [
        index.SearchField("text"),
        index.AutocompleteField("text"),
        index.FilterField("live"),
        index.FilterField("severity"),
        index.FilterField("site"),
        index.FilterField("locale"),
    ]

    class Meta(TranslatableMixin.Meta):
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.text
