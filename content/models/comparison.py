"""Comparisons and the page that lists them. The matrix is not stored: it comes from the tools' published facts."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldRowPanel, InlinePanel, MultipleChooserPanel, PageChooserPanel
from wagtail.search import index

from content.blocks import BodyBlock
from content.fields import StreamField
from content.forms.comparison import ComparisonPageForm
from content.models.base import BasePage, Child, page_tabs
from content.models.correction import CORRECTION_PANELS, Correction
from content.models.review import Reviewed

if TYPE_CHECKING:
    from content.models.attribute import Attribute


class ComparisonIndexPage(BasePage):
    intro = models.TextField(blank=True, help_text="Shown above the list of comparisons.")

    edit_handler = page_tabs(("Content", [*BasePage.content_panels, "intro"]))
    search_fields = [*BasePage.search_fields, index.SearchField("intro")]
    parent_page_types = ["content.HomePage"]
    subpage_types = ["content.ComparisonPage"]
    max_count_per_parent = 1
    page_description = "Lists all comparisons."

    class Meta:
        verbose_name = "comparison index"
        verbose_name_plural = "comparison indexes"


class ComparisonPage(Reviewed, BasePage):
    intro = models.TextField(help_text="Who has to choose, between what, and what decides. Shown above the matrix.")
    body = StreamField(BodyBlock(), blank=True, help_text="Shown below the matrix and the verdicts.")

    base_form_class = ComparisonPageForm
    edit_handler = page_tabs(
        ("Content", [*BasePage.content_panels, "intro", "body"]),
        (
            "Matrix",
            [
                MultipleChooserPanel(
                    "comparison_tools",
                    "tool",
                    label="Tool",
                    heading="Tools",
                    help_text="The columns of the matrix, from left to right.",
                    min_num=2,
                    max_num=6,
                    panels=[PageChooserPanel("tool", "content.ToolPage"), "note"],
                ),
                InlinePanel(
                    "comparison_attributes",
                    label="Attribute",
                    heading="Attributes",
                    help_text=(
                        "The rows of the matrix, one attribute or a whole group at a time. "
                        "Its cells are filled from each tool's published facts."
                    ),
                    panels=[FieldRowPanel(["attribute", "group"])],
                ),
                InlinePanel(
                    "overrides",
                    label="Override",
                    heading="Overrides",
                    help_text=(
                        "Replaces the text of one cell in this comparison only. "
                        "If the fact is wrong everywhere, correct the fact."
                    ),
                    panels=[
                        FieldRowPanel([PageChooserPanel("tool", "content.ToolPage"), "attribute"]),
                        "text",
                        "reason",
                    ],
                ),
            ],
        ),
        (
            "Verdicts",
            [
                InlinePanel(
                    "verdicts",
                    label="Verdict",
                    heading="Verdicts",
                    help_text="One per use case: which of the compared tools to take, and why.",
                    panels=[
                        FieldRowPanel(["about", "use_case"]),
                        FieldRowPanel(
                            [
                                PageChooserPanel("winner", "content.ToolPage"),
                                PageChooserPanel("runner_up", "content.ToolPage"),
                            ]
                        ),
                        "reason",
                    ],
                )
            ],
        ),
        (
            "About",
            [
                MultipleChooserPanel("comparison_topics", "topic", label="Topic", heading="Topics", panels=["topic"]),
                "review_due_on",
            ],
        ),
        ("Corrections", [InlinePanel("corrections", **CORRECTION_PANELS)]),
    )
    search_fields = [*BasePage.search_fields, index.SearchField("intro"), index.SearchField("body")]
    parent_page_types = ["content.ComparisonIndexPage"]
    subpage_types: list[str] = []
    page_description = "Sets two to six tools side by side, attribute by attribute, and says which to take for what."

    class Meta:
        verbose_name = "comparison"

    def attributes_in_order(self) -> list["Attribute"]:
        """The rows of the matrix: each group in its own order, and no attribute twice; two queries."""
        from content.models.attribute import Attribute

        chosen = list(self.comparison_attributes.all())
        attributes = models.Q(pk__in={row.attribute_id for row in chosen} - {None})
        groups = models.Q(group__in={row.group_id for row in chosen} - {None})
        known = list(Attribute.objects.filter(attributes | groups))
        rows = [[each for each in known if row.shows(each)] for row in chosen]
        return list(dict.fromkeys(attribute for row in rows for attribute in row))


class ComparisonTool(Child):
    page = ParentalKey(ComparisonPage, on_delete=models.CASCADE, related_name="comparison_tools")
    # The row outlives the tool's page: the comparison has lost a column, and a report says so.
    tool = models.ForeignKey(
        "content.ToolPage", on_delete=models.SET_NULL, null=True, related_name="comparison_entries"
    )
    note = models.CharField(
        max_length=200,
        blank=True,
        help_text="What readers must know of this column: “The free edition”. Readers see it beside the tool's name.",
    )


class ComparisonTopic(Child):
    page = ParentalKey(ComparisonPage, on_delete=models.CASCADE, related_name="comparison_topics")
    topic = models.ForeignKey("content.Topic", on_delete=models.CASCADE, related_name="comparison_entries")


class ComparisonAttribute(Child):
    page = ParentalKey(ComparisonPage, on_delete=models.CASCADE, related_name="comparison_attributes")
    attribute = models.ForeignKey(
        "content.Attribute", on_delete=models.CASCADE, null=True, blank=True, related_name="comparison_entries"
    )
    group = models.ForeignKey(
        "content.AttributeGroup",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="comparison_entries",
        verbose_name="or a whole group",
    )

    class Meta(Child.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(attribute=None) ^ models.Q(group=None),
                name="comparison_row_is_an_attribute_or_a_group",
            )
        ]

    def clean(self) -> None:
        super().clean()
        if self.attribute_id and self.group_id:
            raise ValidationError({"group": "Choose an attribute or a group, not both."})
        if not self.attribute_id and not self.group_id:
            raise ValidationError({"attribute": "Choose an attribute, or a group."})

    def shows(self, attribute: "Attribute") -> bool:
        return self.attribute_id == attribute.pk or self.group_id == attribute.group_id is not None


class ComparisonVerdict(Child):
    """Which of the compared tools to take for one use case. It outlives its winner's page."""

    page = ParentalKey(ComparisonPage, on_delete=models.CASCADE, related_name="verdicts")
    about = models.ForeignKey(
        "content.UseCase",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="verdicts",
        verbose_name="use case",
        help_text="From the library, if it is there.",
    )
    use_case = models.CharField(
        "in words",
        max_length=200,
        blank=True,
        help_text="The reader's situation: “An API that one person maintains”. Left empty, it is the use case's name.",
    )
    winner = models.ForeignKey("content.ToolPage", on_delete=models.SET_NULL, null=True, related_name="+")
    runner_up = models.ForeignKey(
        "content.ToolPage", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(help_text="What decides, in one to three sentences.")

    def clean(self) -> None:
        super().clean()
        if not self.use_case and self.about:
            self.use_case = self.about.name


class ComparisonOverride(Child):
    page = ParentalKey(ComparisonPage, on_delete=models.CASCADE, related_name="overrides")
    tool = models.ForeignKey("content.ToolPage", on_delete=models.CASCADE, related_name="+")
    attribute = models.ForeignKey("content.Attribute", on_delete=models.CASCADE, related_name="+")
    text = models.CharField(max_length=255, help_text="What the cell says instead of the fact.")
    reason = models.TextField(help_text="Why the fact alone would mislead here. Readers see this.")


class ComparisonCorrection(Correction):
    page = ParentalKey(ComparisonPage, on_delete=models.CASCADE, related_name="corrections")
