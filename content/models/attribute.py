"""What is asked about tools: attributes, and the groups in which they stand."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.admin.widgets import SlugInput
from wagtail.search import index

from content.changes import page_keys
from content.models.comparison import ComparisonPage
from content.models.tool import ToolPage, in_every_language
from content.values import MEASURED, ORDERED, DataType, canonical_value


def attribute_order(prefix: str = "") -> list[Any]:
    """The one order of attributes: by group, those without a group last, then inside the group. `prefix` leads from
    another model to the attribute ("attribute__").
    """
    group = [F(f"{prefix}group__sort_order").asc(nulls_last=True), F(f"{prefix}group__label").asc(nulls_last=True)]
    return [*group, f"{prefix}sort_order", f"{prefix}label", f"{prefix}pk"]


class AttributeGroup(index.Indexed, models.Model):
    """Attributes that stand together under a heading."""

    label = models.CharField(
        max_length=120, unique=True, help_text="As readers see it above the rows of a matrix: “Packaging”."
    )
    sort_order = models.IntegerField("order", default=0, help_text="Groups with lower numbers come first.")

    panels = ["label", "sort_order"]
    search_fields = [index.SearchField("label", boost=2), index.AutocompleteField("label")]

    class Meta:
        ordering = ["sort_order", "label"]

    def __str__(self) -> str:
        return self.label

    def touched_keys(self) -> set[str]:
        """Its attributes, the tools that answer them, and the comparisons that show the group."""
        attributes = {f"attribute:{pk}" for pk in self.attributes.values_list("pk", flat=True)} if self.pk else set()
        tools = in_every_language(ToolPage.objects.filter(facts__attribute__group=self.pk))
        return attributes | page_keys(tools) | comparisons_showing({self.pk})


def comparisons_showing(groups: set[int | None]) -> set[str]:
    """The keys of the comparisons with all attributes of one of these groups; one query, none for no groups."""
    known = groups - {None}
    if not known:
        return set()
    return page_keys(ComparisonPage.objects.filter(comparison_attributes__group__in=known))


class AttributeManager(models.Manager["Attribute"]):
    """Loads the group along: it is part of the order and of what is public."""

    def get_queryset(self) -> "models.QuerySet[Attribute]":
        return super().get_queryset().select_related("group")


class Better(models.TextChoices):
    HIGHER = "higher", "Higher is better"
    LOWER = "lower", "Lower is better"
    NEITHER = "neither", "Neither"


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
    group = models.ForeignKey(
        AttributeGroup,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attributes",
        help_text="Attributes of one group stand together. Those without a group come last.",
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
        max_length=30,
        blank=True,
        help_text="For numbers and money only, shown after the value: “MB”, “stars”, “per month”.",
    )
    better = models.CharField(
        "which is better",
        max_length=20,
        choices=Better,
        default=Better.NEITHER,
        help_text="For numbers, money, dates and versions only: whether a reader wants more of it or less.",
    )
    may_be_future = models.BooleanField(
        "may lie in the future",
        default=False,
        help_text="For dates only: tick it for “Supported until”, not for “Latest release”.",
    )
    ttl_days = models.PositiveIntegerField(
        "days until stale",
        null=True,
        blank=True,
        validators=[MaxValueValidator(36_500)],
        help_text="So long a verified fact is taken as current. Leave empty if the answer cannot change.",
    )
    source_required = models.BooleanField(
        default=True, help_text="Whether a fact needs a source before it can be published."
    )
    sort_order = models.IntegerField("order", default=0, help_text="Lower numbers come first inside the group.")
    is_filter = models.BooleanField(
        "offered as a filter",
        default=False,
        db_default=False,
        help_text="Whether readers can choose tools by it in the directory. Best for questions with few answers.",
    )

    objects = AttributeManager()

    panels = [
        TitleFieldPanel("label", targets=["key"], placeholder=False),
        FieldPanel("key", widget=SlugInput),
        FieldRowPanel(["group", "sort_order"]),
        "description",
        MultiFieldPanel(
            [FieldRowPanel(["data_type", "unit"]), "choices", FieldRowPanel(["better", "may_be_future"])],
            heading="Value",
        ),
        MultiFieldPanel([FieldRowPanel(["ttl_days", "source_required"])], heading="Checking"),
        "is_filter",
    ]
    search_fields = [
        index.SearchField("label", boost=2),
        index.AutocompleteField("label"),
        index.SearchField("description"),
    ]

    class Meta:
        ordering = attribute_order()

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self.flag_facts()

    def touched_by_moving(self) -> set[str]:
        """The comparisons that show the group which it leaves."""
        before = Attribute.objects.filter(pk=self.pk).values_list("group", flat=True).first()
        return comparisons_showing({before} - {self.group_id})

    def clean(self) -> None:
        super().clean()
        errors = {}
        if self.data_type == DataType.CHOICE and len(self.choice_list) < 2:
            errors["choices"] = "Enter at least two values, one per line."
        if self.data_type == DataType.CHOICE and any(len(choice) > 255 for choice in self.choice_list):
            errors["choices"] = "Shorten the values to 255 characters or fewer."
        if len({choice.casefold() for choice in self.choice_list}) < len(self.choice_list):
            errors["choices"] = "Enter every value once."
        if self.data_type != DataType.CHOICE and self.choices.strip():
            errors["choices"] = "Leave this empty, or choose “One of a list” as type of value."
        if self.data_type not in MEASURED and self.unit:
            errors["unit"] = "Only numbers and money have a unit."
        if self.data_type not in ORDERED and self.better != Better.NEITHER:
            errors["better"] = "Only numbers, money, dates and versions can be better or worse. Choose “Neither”."
        if self.data_type != DataType.DATE and self.may_be_future:
            errors["may_be_future"] = "Only dates can lie in the future."
        if errors:
            raise ValidationError(errors)

    @property
    def place(self) -> tuple[bool, int, str, int, str, int]:
        """What `attribute_order` orders by."""
        group = (False, self.group.sort_order, self.group.label) if self.group else (True, 0, "")
        return (*group, self.sort_order, self.label, self.pk)

    @property
    def choice_list(self) -> list[str]:
        return [line.strip() for line in self.choices.splitlines() if line.strip()]

    def canonical_value(self, text: str) -> str:
        """The text under which this answer is kept. Raises ValidationError with a message for the editor."""
        return canonical_value(
            text, data_type=self.data_type, choices=self.choice_list, may_be_future=self.may_be_future
        )

    def flag_facts(self) -> None:
        """Say at each of its facts whether it still fits; three queries, whatever their number."""
        changed = []
        for fact in self.facts.prefetch_related("fact_sources").select_related("value_tool"):
            problem = fact.problem_under(self)
            if problem != fact.problem:
                fact.problem = problem
                changed.append(fact)
        # Not through save(): nothing public changes, and there may be thousands.
        self.facts.model._default_manager.bulk_update(changed, ["problem"], batch_size=500)

    def touched_keys(self) -> set[str]:
        """Itself, every tool that has a fact of it, and every comparison that shows its whole group."""
        tools = page_keys(in_every_language(ToolPage.objects.filter(facts__attribute=self.pk)))
        return {f"attribute:{self.pk}"} | tools | comparisons_showing({self.group_id})
