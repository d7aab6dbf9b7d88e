"""Facts about tools: the sources, the fact itself and who verified it when. What is asked is in `attribute.py`.

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
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.urls import reverse_lazy
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
)
from wagtail.search import index

from content.changes import page_keys
from content.forms.fact import NO_SOURCE, FactForm
from content.models.attribute import Attribute, attribute_order
from content.models.base import BaseSnippet, Child
from content.models.tool import ToolPage, in_every_language
from content.money import Money
from content.values import DataType, canonical_version, version_key


class Source(index.Indexed, models.Model):
    """Where a fact can be looked up."""

    title = models.CharField(max_length=200, help_text="As readers see it: “Django on PyPI”.")
    url = models.URLField(
        "address", max_length=500, unique=True, help_text="The very page that proves the fact, not a site's home page."
    )
    publisher = models.CharField(max_length=120, blank=True, help_text="Who stands behind it: “Python Package Index”.")

    # What `content.source_checks` found out about the address.
    checked_at = models.DateTimeField("last asked", null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    is_gone = models.BooleanField(default=False, editable=False)
    problem = models.CharField("what happened", max_length=200, blank=True, editable=False)

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and not Source.objects.filter(pk=self.pk, url=self.url).exists():
            self.checked_at, self.failing_since, self.is_gone, self.problem = None, None, False, ""
        super().save(*args, **kwargs)

    def touched_keys(self) -> set[str]:
        """Every tool with a fact that cites it, and every article that does."""
        tools = ToolPage.objects.filter(facts__fact_sources__source=self.pk)
        return page_keys(in_every_language(tools)) | {
            f"page:{pk}" for pk in self.article_entries.values_list("page", flat=True)
        }


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
    value_tool = models.ForeignKey(
        ToolPage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="named_by_facts",
        editable=False,
        help_text="The tool that the value names; the value itself keeps its name.",
    )
    qualifier = models.CharField(
        max_length=120,
        blank=True,
        help_text="If it holds for one edition, plan or platform only: “Enterprise edition”.",
    )
    since = models.CharField(
        "since version", max_length=60, blank=True, help_text="The first version of the tool for which it holds."
    )
    until = models.CharField(
        "until version", max_length=60, blank=True, help_text="The last version of the tool for which it holds."
    )
    note = models.TextField(blank=True, help_text="What a reader must know to understand the value.")
    published_digest = models.CharField(
        max_length=64,
        editable=False,
        help_text="Of the answer on this row, so that the database can tell which verifications are of it.",
    )
    problem = models.CharField(
        max_length=500,
        blank=True,
        editable=False,
        help_text="Why it would be refused today; its attribute may have changed since it was published.",
    )

    panels = [
        FieldRowPanel(
            [
                PageChooserPanel("tool", "content.ToolPage"),
                FieldPanel("attribute", attrs={"data-fact-value-field": reverse_lazy("fact_value_field")}),
            ]
        ),
        MultiFieldPanel(
            [FieldRowPanel(["state", "value"]), "qualifier", FieldRowPanel(["since", "until"]), "note"],
            heading="Answer",
        ),
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
        ordering = ["tool", *attribute_order("attribute__"), "qualifier", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tool", "attribute", "qualifier"],
                name="one_fact_per_tool_attribute_and_qualifier",
                violation_error_message=(
                    "This tool has a fact of this attribute already. Edit that one, or give this one another qualifier."
                ),
            )
        ]
        indexes = [
            models.Index(fields=["expire_at"], condition=~models.Q(expire_at=None), name="fact_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.tool.title}: {self.attribute.label}" + (f" ({self.qualifier})" if self.qualifier else "")

    def clean(self) -> None:
        super().clean()
        self.qualifier = " ".join(self.qualifier.split())
        errors: dict[str, ValidationError] = {}
        for name in ("since", "until"):
            try:
                setattr(self, name, canonical_version(getattr(self, name)))
            except ValidationError as error:
                errors[name] = error
        if self.since and self.until and not errors and version_key(self.since) > version_key(self.until):
            errors["until"] = ValidationError("This version is older than the one since which it holds.", code="order")
        if self.attribute_id is not None:
            if self.attribute.data_type != DataType.TOOL:
                self.value_tool = None
            try:
                self.value = self._canonical_value(self.attribute)
            except ValidationError as error:
                errors["value"] = error
        if errors:
            raise ValidationError({name: error.messages for name, error in errors.items()})

    def validate_constraints(self, exclude: Any = None) -> None:
        """One answer to a question also where the tool has pages in several languages; the database looks at each
        page alone.
        """
        super().validate_constraints(exclude=exclude)
        if self.tool_id is None or self.attribute_id is None or {"tool", "attribute"} & set(exclude or ()):
            return
        others = in_every_language(ToolPage.objects.filter(pk=self.tool_id)).exclude(pk=self.tool_id)
        if Fact.objects.filter(tool__in=others, attribute=self.attribute_id, qualifier=self.qualifier).exists():
            message = "This tool has such a fact in another language already. Edit that one."
            raise ValidationError({"qualifier": ValidationError(message, code="unique_together")})

    def _canonical_value(self, attribute: Attribute) -> str:
        if self.state not in STATES_WITH_VALUE:
            if self.value.strip():
                state = FactState(self.state).label
                raise ValidationError(
                    f"Leave this empty for the state “{state}”, or choose “Yes” or “Partial”.", code="no_value"
                )
            return ""
        if attribute.data_type == DataType.TOOL and (self.value_tool or self.value.strip()):
            return self._name_of_tool()
        if not self.value.strip() and attribute.data_type != DataType.BOOLEAN:
            if self.state == FactState.YES:
                raise ValidationError("Enter the value, or choose another state.", code="required")
            return ""
        return attribute.canonical_value(self.value)

    def _name_of_tool(self) -> str:
        if self.value_tool is None:
            raise ValidationError(_gone(self.value), code="gone")
        if self.value_tool_id == self.tool_id:
            raise ValidationError("A tool is no answer about itself. Choose another one.", code="itself")
        return self.value_tool.title

    def problem_under(self, attribute: Attribute) -> str:
        """Why it would be refused if its attribute were this one, in words; empty if not. Reads the sources."""
        try:
            # A tool may have been renamed since; any other value is kept in one spelling.
            canonical = self._canonical_value(attribute)
            if canonical != self.value and attribute.data_type != DataType.TOOL:
                return f"Is written “{canonical}” now."
        except ValidationError as error:
            return " ".join(error.messages)
        if self.needs_source(attribute) and not any(self.fact_sources.all()):
            return NO_SOURCE
        return ""

    def needs_source(self, attribute: Attribute | None = None) -> bool:
        """Whether it may not be published without a source. Nothing proves that something is unknown."""
        return (attribute or self.attribute).source_required and self.state != FactState.UNKNOWN

    def save(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("update_fields") is None:
            self.published_digest = self.value_digest
            self.problem = self.problem_under(self.attribute)
        super().save(*args, **kwargs)

    def touched_by_moving(self) -> set[str]:
        """The tool that it leaves, in every language; one query."""
        return page_keys(in_every_language(ToolPage.objects.filter(facts=self.pk).exclude(pk=self.tool_id)))

    def touched_keys(self) -> set[str]:
        """Its tool in every language, of whose public form it is a part, and itself, for pages that refer to it."""
        tools = page_keys(in_every_language(ToolPage.objects.filter(pk=self.tool_id)))
        return tools | {f"fact:{self.pk}"}

    @property
    def display(self) -> str:
        """The text to show: the value with its unit where there is one, else the state in words.

        "No" to a question that asks for a value ("Minimum Python version") reads "None".
        """
        if self.state == FactState.NO and self.attribute.data_type != DataType.BOOLEAN:
            return "None"
        if not self.value or self.state not in STATES_WITH_VALUE:
            return FactState(self.state).label
        money = self.money
        return f"{money.display if money else self.value} {self.attribute.unit}".rstrip()

    def typed_value(self, data_type: DataType) -> str:
        """The value if the attribute asks for this type and the value fits it, else nothing."""
        if self.attribute.data_type != data_type or self.state not in STATES_WITH_VALUE or not self.value:
            return ""
        try:
            return self.attribute.canonical_value(self.value)
        except ValidationError:
            # Published before the attribute got this type.
            return ""

    @property
    def money(self) -> Money | None:
        text = self.typed_value(DataType.MONEY)
        return Money.parse(text) if text else None

    @property
    def sources(self) -> list[Source]:
        return [row.source for row in self.fact_sources.all()]

    @property
    def value_digest(self) -> str:
        """What a verification confirms. It follows the answer, not the note or the sources, nor the name of a tool."""
        value = f"page:{self.value_tool_id}" if self.value_tool_id else self.value
        versions = [self.since, self.until] if self.since or self.until else []
        return sha256(json.dumps([self.state, value, self.qualifier, *versions]).encode()).hexdigest()

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
        return first_stale_day(verified_on, days)

    @property
    def is_stale(self) -> bool:
        """Whether its verification is too old today, in the time zone of the publication."""
        day = self.stale_on
        return day is not None and day <= timezone.localdate()


def first_stale_day(verified_on: date | None, ttl_days: int | None) -> date | None:
    """The first day on which a verification of that day is too old."""
    return verified_on + timedelta(days=ttl_days) if verified_on and ttl_days is not None else None


def _gone(name: str) -> str:
    return f"“{name}” has no page here. Choose a tool that has one, or choose another state."


@receiver(pre_delete, sender=ToolPage, dispatch_uid="content.fact")
def flag_facts_that_name(sender: type[ToolPage], instance: ToolPage, **_: Any) -> None:
    """They keep the name of a deleted tool as text, which is an answer that nobody has looked up."""
    facts = list(Fact.objects.filter(value_tool=instance.pk))
    for fact in facts:
        fact.value_tool = None
        fact.problem, fact.published_digest = _gone(instance.title)[:500], fact.value_digest
    Fact.objects.bulk_update(facts, ["problem", "published_digest"], batch_size=500)


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
