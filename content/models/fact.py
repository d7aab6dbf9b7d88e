"""Facts about tools: the attribute asked about, the sources, the fact itself and who verified it when.

A fact is published by its own right: correcting one publishes nothing else of its tool, and no older draft of the tool
brings the old value back. What is on the row is what is published; a draft lives in the fact's revisions.
"""

import json
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    MultiFieldPanel,
    MultipleChooserPanel,
    PageChooserPanel,
    TitleFieldPanel,
)
from wagtail.admin.widgets import SlugInput
from wagtail.search import index

from content.changes import page_keys, touch
from content.forms.fact import FactForm
from content.models.base import BaseSnippet, Child
from content.models.tool import ToolPage
from content.values import DataType, canonical_value


class Attribute(index.Indexed, models.Model):
    """A question that can be asked about every tool, and the type of its answer."""

    label = models.CharField(
        max_length=120, help_text="As readers see it at the row of a matrix: “Minimum Python version”."
    )
    key = models.SlugField(
        max_length=120,
        unique=True,
        help_text="The name under which front ends ask for it. Do not change it once it is in use.",
    )
    group = models.CharField(
        max_length=120, blank=True, help_text="Attributes of one group stand together: “Packaging”."
    )
    description = models.TextField(
        blank=True, help_text="What exactly is asked, so that two editors give the same answer."
    )
    data_type = models.CharField("type of value", max_length=20, choices=DataType, default=DataType.BOOLEAN)
    choices = models.TextField(
        "allowed values",
        blank=True,
        help_text="For “One of a list” only: the values an editor may choose from, one per line.",
    )
    unit = models.CharField(
        max_length=30, blank=True, help_text="For numbers only, shown after the value: “MB”, “stars”."
    )
    ttl_days = models.PositiveIntegerField(
        "days until stale",
        null=True,
        blank=True,
        help_text="So long a verified fact is taken as current. Leave empty if the answer cannot change.",
    )
    source_required = models.BooleanField(
        default=True, help_text="Whether a fact needs a source before it can be published."
    )
    sort_order = models.IntegerField(
        default=0, help_text="Lower numbers come first. Number the attributes of one group one after the other."
    )

    panels = [
        TitleFieldPanel("label", targets=["key"], placeholder=False),
        FieldPanel("key", widget=SlugInput),
        FieldRowPanel(["group", "sort_order"]),
        "description",
        MultiFieldPanel([FieldRowPanel(["data_type", "unit"]), "choices"], heading="Value"),
        MultiFieldPanel([FieldRowPanel(["ttl_days", "source_required"])], heading="Checking"),
    ]
    search_fields = [
        index.SearchField("label", boost=2),
        index.AutocompleteField("label"),
        index.SearchField("description"),
    ]

    class Meta:
        ordering = ["sort_order", "group", "label", "pk"]

    def __str__(self) -> str:
        return self.label

    @property
    def choice_list(self) -> list[str]:
        return [line.strip() for line in self.choices.splitlines() if line.strip()]

    def clean(self) -> None:
        super().clean()
        if self.data_type == DataType.CHOICE and len(self.choice_list) < 2:
            raise ValidationError({"choices": "Enter at least two values, one per line."})
        if self.data_type != DataType.CHOICE and self.choices.strip():
            raise ValidationError({"choices": "Leave this empty, or choose “One of a list” as type of value."})
        if self.data_type != DataType.NUMBER and self.unit:
            raise ValidationError({"unit": "Only numbers have a unit."})

    def touched_keys(self) -> set[str]:
        """Itself, and every tool that has a fact of it: what a fact shows depends on the attribute's unit."""
        return {f"attribute:{self.pk}"} | page_keys_of(Fact.objects.filter(attribute=self.pk))


class Source(index.Indexed, models.Model):
    """Where a fact can be looked up."""

    title = models.CharField(max_length=200, help_text="As readers see it: “Django on PyPI”.")
    url = models.URLField(
        "address", max_length=500, unique=True, help_text="The very page that proves the fact, not a site's home page."
    )
    publisher = models.CharField(max_length=120, blank=True, help_text="Who stands behind it: “Python Package Index”.")

    panels = ["title", "url", "publisher"]
    search_fields = [
        index.SearchField("title", boost=2),
        index.AutocompleteField("title"),
        index.SearchField("url"),
        index.SearchField("publisher"),
    ]

    class Meta:
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title

    def touched_keys(self) -> set[str]:
        """Every tool with a fact that cites it."""
        return page_keys_of(Fact.objects.filter(fact_sources__source=self.pk))


class FactState(models.TextChoices):
    YES = "yes", "Yes"
    PARTIAL = "partial", "Partial"
    NO = "no", "No"
    UNKNOWN = "unknown", "Unknown"
    NOT_APPLICABLE = "not_applicable", "Not applicable"


# In every other state there is nothing that a value could say.
STATES_WITH_VALUE = (FactState.YES, FactState.PARTIAL)


class Fact(BaseSnippet, ClusterableModel):
    """The answer to one attribute's question for one tool, or for one edition, plan or platform of it (`qualifier`)."""

    tool = models.ForeignKey(ToolPage, on_delete=models.CASCADE, related_name="facts")
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="facts")
    state = models.CharField(
        max_length=20,
        choices=FactState,
        default=FactState.UNKNOWN,
        help_text="“Unknown” means that nobody has found out; “No” that the tool does not have it.",
    )
    value = models.CharField(
        max_length=255, blank=True, help_text="Needed for the state “Yes”, unless the attribute is a plain yes or no."
    )
    qualifier = models.CharField(
        max_length=120,
        blank=True,
        help_text="If it holds for one edition, plan or platform only: “Enterprise edition”.",
    )
    note = models.TextField(blank=True, help_text="What a reader must know to understand the value.")

    panels = [
        FieldRowPanel([PageChooserPanel("tool", "content.ToolPage"), FieldPanel("attribute")]),
        MultiFieldPanel([FieldRowPanel(["state", "value"]), "qualifier", "note"], heading="Answer"),
        MultipleChooserPanel(
            "fact_sources",
            "source",
            label="Source",
            heading="Sources",
            help_text="Where a reader can look it up, the best source first.",
            panels=["source"],
        ),
        HelpPanel(template="content/panels/verifications.html", heading="Verifications"),
    ]
    base_form_class = FactForm

    class Meta:
        ordering = ["tool", "attribute__sort_order", "attribute__group", "attribute__label", "qualifier", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tool", "attribute", "qualifier"],
                name="one_fact_per_tool_attribute_and_qualifier",
                violation_error_message=(
                    "This tool has a fact of this attribute already. Edit that one, or give this one another qualifier."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.tool.title}: {self.attribute.label}" + (f" ({self.qualifier})" if self.qualifier else "")

    def clean(self) -> None:
        super().clean()
        if self.attribute_id is None:
            return
        self.qualifier = " ".join(self.qualifier.split())
        try:
            self.value = self._canonical_value()
        except ValidationError as error:
            raise ValidationError({"value": error.messages}) from error

    def _canonical_value(self) -> str:
        if self.state not in STATES_WITH_VALUE:
            if self.value.strip():
                state = FactState(self.state).label
                raise ValidationError(
                    f"Leave this empty for the state “{state}”, or choose “Yes” or “Partial”.", code="no_value"
                )
            return ""
        if not self.value.strip() and self.attribute.data_type != DataType.BOOLEAN:
            if self.state == FactState.YES:
                raise ValidationError("Enter the value, or choose another state.", code="required")
            return ""
        return canonical_value(self.value, data_type=self.attribute.data_type, choices=self.attribute.choice_list)

    def needs_source(self) -> bool:
        """Whether it may not be published without a source. Nothing proves that something is unknown."""
        return self.attribute.source_required and self.state != FactState.UNKNOWN

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = Fact.objects.filter(pk=self.pk).values_list("tool", flat=True).first() if self.pk else None
        super().save(*args, **kwargs)
        if before and before != self.tool_id:
            touch({f"page:{before}"})

    def touched_keys(self) -> set[str]:
        """Its tool: a fact is part of the tool's public form."""
        return {f"page:{self.tool_id}"}

    @property
    def display(self) -> str:
        """The text to show: the value with its unit where there is one, else the state in words.

        "No" to a question that asks for a value ("Minimum Python version") reads "None".
        """
        if self.state == FactState.NO and self.attribute.data_type != DataType.BOOLEAN:
            return "None"
        if not self.value or self.state not in STATES_WITH_VALUE:
            return FactState(self.state).label
        return f"{self.value} {self.attribute.unit}".rstrip()

    @property
    def sources(self) -> list[Source]:
        return [row.source for row in self.fact_sources.all()]

    @property
    def value_digest(self) -> str:
        """What a verification confirms. It follows the answer, not the note or the sources."""
        return sha256(json.dumps([self.state, self.value, self.qualifier]).encode()).hexdigest()

    @property
    def verified_on(self) -> date | None:
        """The day of the newest verification of this very value; a changed value is unverified."""
        if self.pk is None:
            return None
        digest = self.value_digest
        return max((row.verified_on for row in self.verifications.all() if row.digest == digest), default=None)

    @property
    def stale_on(self) -> date | None:
        """The first day on which the verification is too old; None if it never is, or if there is none."""
        verified_on, days = self.verified_on, self.attribute.ttl_days
        return verified_on + timedelta(days=days) if verified_on and days is not None else None


def page_keys_of(facts: models.QuerySet[Fact]) -> set[str]:
    """The keys of these facts' tools; one query."""
    return page_keys(ToolPage.objects.filter(pk__in=facts.values("tool")))


class FactSource(Child):
    fact = ParentalKey(Fact, on_delete=models.CASCADE, related_name="fact_sources")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="fact_sources")

    def touched_keys(self) -> set[str]:
        return self.fact.touched_keys()


class Verification(models.Model):
    """Somebody looked the published value up and found it right. Rows are only ever added."""

    fact = models.ForeignKey(Fact, on_delete=models.CASCADE, related_name="verifications", editable=False)
    digest = models.CharField(max_length=64, editable=False)
    verified_on = models.DateField("looked up on", default=timezone.localdate)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    source = models.ForeignKey(
        Source,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="verifications",
        help_text="Where you looked it up.",
    )

    wagtail_reference_index_ignore: ClassVar[bool] = True

    class Meta:
        ordering = ["-verified_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.fact}, {self.verified_on}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A verification is never changed; add another one.")
        self.digest = self.digest or self.fact.value_digest
        self.clean()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("A verification is never deleted; a changed value leaves it behind.")

    def clean(self) -> None:
        super().clean()
        if self.verified_on and self.verified_on > timezone.localdate():
            raise ValidationError({"verified_on": "Nobody can have looked it up on a day that is still to come."})

    def touched_keys(self) -> set[str]:
        return self.fact.touched_keys()
