"""The first page of a site."""

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import MultipleChooserPanel, PageChooserPanel
from wagtail.search import index

from content.blocks import BodyBlock
from content.fields import StreamField
from content.forms.home import HomePageForm
from content.models.base import BasePage, Child, page_tabs

FEATURABLE = ["content.ArticlePage", "content.ComparisonPage", "content.ToolPage", "content.StandardPage"]


class HomePage(BasePage):
    intro = models.TextField(
        blank=True,
        help_text="One or two sentences that say what this site is for. Shown large at the top of the page.",
    )
    body = StreamField(BodyBlock(), blank=True, help_text="Shown below the introduction and above the newest articles.")

    base_form_class = HomePageForm
    edit_handler = page_tabs(
        (
            "Content",
            [
                *BasePage.content_panels,
                "intro",
                MultipleChooserPanel(
                    "featured",
                    "page",
                    label="Page",
                    heading="Featured pages",
                    help_text="Shown at the top in this order. Readers see those of them that are published.",
                    panels=[PageChooserPanel("page", FEATURABLE)],
                ),
                "body",
            ],
        )
    )
    search_fields = [*BasePage.search_fields, index.SearchField("intro"), index.SearchField("body")]
    parent_page_types = ["wagtailcore.Page"]
    page_description = "The first page of a site, with its sections below it."

    class Meta:
        verbose_name = "home page"


class FeaturedPage(Child):
    home = ParentalKey(HomePage, on_delete=models.CASCADE, related_name="featured")
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
