"""Tools and the page that lists them. What is known about a tool is in its facts (`content.models.fact`)."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    MultiFieldPanel,
    MultipleChooserPanel,
    PageChooserPanel,
    TitleFieldPanel,
)
from wagtail.search import index

from content.blocks import BodyBlock
from content.fields import StreamField
from content.forms.tool import ToolPageForm
from content.models.base import BasePage, Child, page_tabs

if TYPE_CHECKING:
    from content.models.fact import Fact


class ToolIndexPage(BasePage):
    intro = models.TextField(blank=True, help_text="Shown above the list of tools.")

    edit_handler = page_tabs(("Content", [*BasePage.content_panels, "intro"]))
    search_fields = [*BasePage.search_fields, index.SearchField("intro")]
    parent_page_types = ["content.HomePage"]
    subpage_types = ["content.ToolPage"]
    max_count_per_parent = 1
    page_description = "Lists all tools by name."

    class Meta:
        verbose_name = "tool index"
        verbose_name_plural = "tool indexes"


class Lifecycle(models.TextChoices):
    ACTIVE = "active", "Active"
    MAINTENANCE = "maintenance", "Maintenance only"
    DEPRECATED = "deprecated", "Deprecated"
    END_OF_LIFE = "end_of_life", "End of life"


class ToolPage(BasePage):
    """A tool; the page's title is its name."""

    tagline = models.CharField(
        max_length=200, help_text="What it is, in one sentence: “A small web framework that leaves the choices to you.”"
    )
    logo = models.ForeignKey("content.CustomImage", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    website = models.URLField(blank=True, help_text="The project's own site.")
    repository = models.URLField(blank=True, help_text="Where its source code is kept.")
    documentation = models.URLField(blank=True, help_text="Where its manual begins.")
    vendor = models.ForeignKey(
        "content.Organization",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="tools",
        help_text="The company, foundation or project that makes it.",
    )
    lifecycle = models.CharField(
        max_length=20,
        choices=Lifecycle,
        default=Lifecycle.ACTIVE,
        help_text="Whether its makers still work on it. Readers are warned of anything but “Active”.",
    )
    categories = ParentalManyToManyField("content.Category", blank=True, related_name="tools")
    body = StreamField(BodyBlock(), blank=True)

    base_form_class = ToolPageForm
    edit_handler = page_tabs(
        (
            "Content",
            [
                TitleFieldPanel("title", help_text="The tool's name, written as its makers write it."),
                "tagline",
                "logo",
                MultiFieldPanel(["website", "repository", "documentation"], heading="Links"),
                "vendor",
                "body",
            ],
        ),
        (
            "Classification",
            [
                "lifecycle",
                FieldPanel("categories", widget=forms.CheckboxSelectMultiple),
                MultipleChooserPanel(
                    "tool_use_cases",
                    "use_case",
                    label="Use case",
                    heading="Use cases",
                    help_text="The situations in which readers should think of this tool.",
                    panels=["use_case"],
                ),
                InlinePanel(
                    "alternatives",
                    label="Alternative",
                    heading="Alternatives",
                    help_text="Other tools a reader should weigh against this one, the closest first.",
                    panels=[
                        FieldRowPanel([PageChooserPanel("tool", "content.ToolPage"), "relation"]),
                        "why",
                    ],
                ),
            ],
        ),
        ("Facts", [HelpPanel(template="content/panels/facts.html", heading="Facts")]),
    )
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("tagline"),
        index.SearchField("body"),
        index.FilterField("lifecycle"),
    ]
    parent_page_types = ["content.ToolIndexPage"]
    subpage_types: list[str] = []
    page_description = "One tool: what it is, where it lives and what is known about it."

    class Meta:
        verbose_name = "tool"

    @property
    def facts_in_every_language(self) -> "models.QuerySet[Fact]":
        """All facts of the tool in the order of their attributes, also those kept on its page in another language."""
        from content.models.attribute import attribute_order
        from content.models.fact import Fact

        facts = Fact.objects.filter(tool__translation_key=self.translation_key)
        return facts.order_by(*attribute_order("attribute__"), "qualifier", "pk")

    @property
    def in_first_language(self) -> "ToolPage":
        """The page from which the others were translated: new facts are kept there. One query."""
        same: Any = ToolPage.objects.filter(translation_key=self.translation_key).select_related("locale")
        return same.order_by("pk")[0]


def in_every_language(tools: "models.QuerySet[ToolPage]") -> "models.QuerySet[ToolPage]":
    """These tools and their translations: all of them show the facts of each."""
    return ToolPage.objects.filter(translation_key__in=tools.order_by().values("translation_key"))


class ToolUseCase(Child):
    page = ParentalKey(ToolPage, on_delete=models.CASCADE, related_name="tool_use_cases")
    use_case = models.ForeignKey("content.UseCase", on_delete=models.CASCADE, related_name="tool_entries")


class Relation(models.TextChoices):
    REPLACES = "replaces", "Replaces it"
    COMPETES = "competes", "Competes with it"
    COMPLEMENTS = "complements", "Complements it"


class ToolAlternative(Child):
    """Another tool, seen from `page`: "REPLACES" says that `tool` takes the place of the page's tool."""

    page = ParentalKey(ToolPage, on_delete=models.CASCADE, related_name="alternatives")
    tool = models.ForeignKey(ToolPage, on_delete=models.CASCADE, related_name="alternative_to")
    relation = models.CharField(max_length=20, choices=Relation, default=Relation.COMPETES)
    why = models.TextField(help_text="When a reader should take that tool instead, or beside this one.")
