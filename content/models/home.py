"""The first page of a site."""

from django.db import models
from wagtail.search import index

from content.blocks import BodyBlock
from content.fields import StreamField
from content.models.base import BasePage, page_tabs


class HomePage(BasePage):
    intro = models.TextField(
        blank=True,
        help_text="One or two sentences that say what this site is for. Shown large at the top of the page.",
    )
    body = StreamField(BodyBlock(), blank=True, help_text="Shown below the introduction and above the newest articles.")

    edit_handler = page_tabs(("Content", [*BasePage.content_panels, "intro", "body"]))
    search_fields = [*BasePage.search_fields, index.SearchField("intro"), index.SearchField("body")]
    parent_page_types = ["wagtailcore.Page"]
    page_description = "The first page of a site, with its sections below it."

    class Meta:
        verbose_name = "home page"
