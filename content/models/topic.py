"""What articles and comparisons are about."""

from django.db import models
from wagtail.search import index

from content.models.named import NAME_PANELS, TranslatedNamed


class Topic(TranslatedNamed):
    """What articles and comparisons are about."""

    description = models.TextField(blank=True, help_text="Shown at the top of the topic's page, above its articles.")

    panels = [*NAME_PANELS, "description"]
    search_fields = [*TranslatedNamed.search_fields, index.SearchField("description")]

    class Meta(TranslatedNamed.Meta):
        pass
