"""What articles and comparisons are about."""

from django.db import models
from wagtail.search import index

from content.models.named import NAME_PANELS, TranslatedNamed
from content.models.subject import Subject, subject_tabs


class Topic(TranslatedNamed, Subject):
    """What articles and comparisons are about."""

    section = "topics"

    description = models.TextField(blank=True, help_text="Shown at the top of the topic's page, above its articles.")

    edit_handler = subject_tabs(*NAME_PANELS, "description")
    search_fields = [*TranslatedNamed.search_fields, index.SearchField("description")]

    class Meta(TranslatedNamed.Meta):
        pass
