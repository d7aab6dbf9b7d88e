"""Articles and the page that lists them."""

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultipleChooserPanel, PageChooserPanel
from wagtail.search import index

from content.blocks import BodyBlock
from content.fields import StreamField
from content.forms.article import ArticlePageForm
from content.forms.counted import CountedTextarea
from content.models.base import BasePage, Child, page_tabs
from content.models.correction import CORRECTION_PANELS, Correction
from content.models.review import Reviewed

SHORT_ANSWER_LENGTH = 320


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


class ArticlePage(Reviewed, BasePage):
    question = models.CharField(
        max_length=200,
        blank=True,
        help_text="The question this article answers, as a reader would type it into a search engine.",
    )
    short_answer = models.TextField(
        max_length=SHORT_ANSWER_LENGTH,
        blank=True,
        help_text=(
            "The answer for readers who read nothing else, shown first. "
            f"Up to {SHORT_ANSWER_LENGTH} characters that make sense on their own."
        ),
    )
    dek = models.TextField(
        "standfirst",
        max_length=400,
        help_text="One to three sentences under the title that say what the article is about. Also shown in lists.",
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
    reviewer = models.ForeignKey(
        "content.Person",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reviews",
        verbose_name="technical reviewer",
        help_text="Who checked it and vouches for it, beside those who wrote it. Readers see the name.",
    )
    disclosure = models.ForeignKey(
        "content.Disclosure",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="articles",
        help_text="If somebody gains from what the article says, readers must know.",
    )

    base_form_class = ArticlePageForm
    edit_handler = page_tabs(
        (
            "Content",
            [
                *BasePage.content_panels,
                "question",
                FieldPanel("short_answer", widget=CountedTextarea(SHORT_ANSWER_LENGTH)),
                "dek",
                "hero",
                InlinePanel(
                    "takeaways",
                    label="Takeaway",
                    heading="Takeaways",
                    help_text="What a reader should remember, one short line each.",
                    panels=["text"],
                ),
                "body",
            ],
        ),
        (
            "About",
            [
                MultipleChooserPanel(
                    "article_authors",
                    "person",
                    label="Person",
                    heading="Byline",
                    help_text="Who made the article, in the order of the byline.",
                    panels=["person", "role"],
                ),
                "reviewer",
                MultipleChooserPanel("article_topics", "topic", label="Topic", heading="Topics", panels=["topic"]),
                MultipleChooserPanel(
                    "article_use_cases",
                    "use_case",
                    label="Use case",
                    heading="Use cases",
                    help_text="The situations in which a reader needs this article.",
                    panels=["use_case"],
                ),
                MultipleChooserPanel(
                    "article_tools",
                    "tool",
                    label="Tool",
                    heading="Tools",
                    help_text="Tools this article is about. Each tool's page then leads here.",
                    panels=[PageChooserPanel("tool", "content.ToolPage")],
                ),
            ],
        ),
        (
            "Evidence",
            [
                MultipleChooserPanel(
                    "article_sources",
                    "source",
                    label="Source",
                    heading="Sources",
                    help_text="What the article rests on, listed at its end in this order.",
                    panels=["source"],
                ),
                "disclosure",
                "review_due_on",
            ],
        ),
        ("Corrections", [InlinePanel("corrections", **CORRECTION_PANELS)]),
    )
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("question", boost=2),
        index.SearchField("short_answer"),
        index.SearchField("dek"),
        index.SearchField("body"),
    ]
    parent_page_types = ["content.ArticleIndexPage"]
    subpage_types: list[str] = []
    page_description = "Answers one question at length."

    class Meta:
        verbose_name = "article"


class Role(models.TextChoices):
    """What somebody did for an article."""

    AUTHOR = "author", "Author"
    REPORTER = "reporter", "Reporter"
    EDITOR = "editor", "Editor"
    PHOTOGRAPHER = "photographer", "Photographer"
    ILLUSTRATOR = "illustrator", "Illustrator"
    TRANSLATOR = "translator", "Translator"


WRITERS = (Role.AUTHOR, Role.REPORTER)
"""The roles of those who are named as an article's authors."""


class ArticleAuthor(Child):
    page = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="article_authors")
    person = models.ForeignKey("content.Person", on_delete=models.CASCADE, related_name="authorships")
    role = models.CharField(max_length=20, choices=Role, default=Role.AUTHOR)


class ArticleTopic(Child):
    page = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="article_topics")
    topic = models.ForeignKey("content.Topic", on_delete=models.CASCADE, related_name="article_entries")


class ArticleUseCase(Child):
    page = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="article_use_cases")
    use_case = models.ForeignKey("content.UseCase", on_delete=models.CASCADE, related_name="article_entries")


class ArticleTool(Child):
    page = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="article_tools")
    tool = models.ForeignKey("content.ToolPage", on_delete=models.CASCADE, related_name="article_entries")


class ArticleTakeaway(Child):
    page = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="takeaways")
    text = models.CharField(max_length=200, help_text="One sentence.")


class ArticleSource(Child):
    page = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="article_sources")
    source = models.ForeignKey("content.Source", on_delete=models.PROTECT, related_name="article_entries")


class ArticleCorrection(Correction):
    page = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="corrections")
