"""Pages that are none of the special ones: About, Imprint, How we test."""

from django.db import models
from wagtail.search import index

from content.blocks import BodyBlock
from content.fields import StreamField
from content.models.base import BasePage, page_tabs


class StandardPage(BasePage):
    intro = models.TextField(blank=True, help_text="One or two sentences under the title.")
    body = StreamField(BodyBlock())

    edit_handler = page_tabs(("Content", [*BasePage.content_panels, "intro", "body"]))
    search_fields = [*BasePage.search_fields, index.SearchField("intro"), index.SearchField("body")]
    parent_page_types = ["content.HomePage", "content.StandardPage"]
    subpage_types = ["content.StandardPage"]
    page_description = "A page about the site itself: About, Imprint, How we test."

    class Meta:
        verbose_name = "standard page"
