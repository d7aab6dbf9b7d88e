"""Articles and the page that lists them."""

from django import forms
from django.db import models
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, InlinePanel, MultipleChooserPanel
from wagtail.search import index

from content.blocks import BodyBlock
from content.fields import StreamField
from content.forms.article import ArticlePageForm
from content.models.base import BasePage, Child, page_tabs


class ArticleIndexPage(BasePage):
    intro = models.TextField(blank=True, help_text="Shown above the list of articles.")

    edit_handler = page_tabs(("Content", [*BasePage.content_panels, "intro"]))
    search_fields = [*BasePage.search_fields, index.SearchField("intro")]
    parent_page_types = ["content.HomePage"]
    subpage_types = ["content.ArticlePage"]
    max_count_per_parent = 1
    page_description = "Lists all articles, newest first."

    class Meta:
        verbose_name = "article index"
        verbose_name_plural = "article indexes"


class ArticlePage(BasePage):
    question = models.CharField(
        max_length=200,
        blank=True,
        help_text="The question this article answers, as a reader would type it into a search engine.",
    )
    dek = models.TextField(
        "standfirst",
        max_length=400,
        help_text="One to three sentences under the title that answer the question in short. Also shown in lists.",
    )
    hero = models.ForeignKey(
        "content.CustomImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="lead image",
        help_text="Shown under the title, in lists and when the article is shared.",
    )
    body = StreamField(BodyBlock())
    topics = ParentalManyToManyField("content.Topic", blank=True, related_name="articles")
    tools = ParentalManyToManyField(
        "content.ToolPage",
        blank=True,
        related_name="articles",
        help_text="Tools this article is about. Each tool's page then leads here.",
    )

    base_form_class = ArticlePageForm
    edit_handler = page_tabs(
        ("Content", [*BasePage.content_panels, "question", "dek", "hero", "body"]),
        (
            "About",
            [
                MultipleChooserPanel("article_authors", "person", label="Author", heading="Authors", panels=["person"]),
                FieldPanel("topics", widget=forms.CheckboxSelectMultiple),
                FieldPanel("tools", widget=forms.CheckboxSelectMultiple),
            ],
        ),
        (
            "Corrections",
            [
                InlinePanel(
                    "corrections",
                    label="Correction",
                    heading="Corrections",
                    help_text="What was wrong and what is right, shown with its date at the end of the article.",
                    panels=["on", "text"],
                )
            ],
        ),
    )
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("question", boost=2),
        index.SearchField("dek"),
        index.SearchField("body"),
    ]
    parent_page_types = ["content.ArticleIndexPage"]
    subpage_types: list[str] = []
    page_description = "Answers one question at length."

    class Meta:
        verbose_name = "article"


class ArticleAuthor(Child):
    page = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="article_authors")
    person = models.ForeignKey("content.Person", on_delete=models.CASCADE, related_name="authorships")


class Correction(Child):
    """A dated note on what was wrong on a page; the abstract base of each page type's own."""

    on = models.DateField("corrected on")
    text = models.TextField(help_text="Say what was wrong and what is right. Readers see this.")

    class Meta(Child.Meta):
        abstract = True


class ArticleCorrection(Correction):
    page = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="corrections")
