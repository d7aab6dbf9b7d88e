"""What readers want to do with a tool."""

from django.db import models
from wagtail.search import index

from content.models.named import NAME_PANELS, Named


class UseCase(Named):
    """A reader's situation, for which tools are used, articles are written and comparisons choose."""

    description = models.TextField(
        blank=True, help_text="Who is in this situation and what they need, in one or two sentences."
    )

    panels = [*NAME_PANELS, "description"]
    search_fields = [*Named.search_fields, index.SearchField("description")]

    class Meta(Named.Meta):
        verbose_name = "use case"
