"""Companies, foundations and projects that stand behind tools and people."""

from django.db import models
from wagtail.search import index

from content.fields import web_address
from content.models.named import NAME_PANELS, Named


class Organization(Named):
    """A company, foundation or project: who makes a tool, or for whom a person works."""

    website = models.URLField(blank=True, validators=[web_address], help_text="Its own site.")
    logo = models.ForeignKey("content.CustomImage", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    description = models.TextField(blank=True, help_text="One or two sentences: what it is and what it does.")

    panels = [*NAME_PANELS, "website", "logo", "description"]
    search_fields = [*Named.search_fields, index.SearchField("description")]
