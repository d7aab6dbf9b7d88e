"""Reports of published pages that need somebody's hand: reviews that are due, comparisons that lost a tool, pages that
search engines and social networks have little to show of. And of sources that are gone.
"""

from datetime import date, timedelta
from functools import cache
from typing import Any

import django_filters
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, DateField, Exists, F, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.filters import MultipleContentTypeFilter, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permission_policies.pages import PagePermissionPolicy

from content.models.base import BasePage
from content.models.comparison import ComparisonPage, ComparisonTool
from content.models.fact import Source
from content.models.images import CustomImage
from content.models.tool import ToolPage
from content.source_checks import broken_sources

RIGHTS = ["add", "change", "publish"]


class PagesReport(ReportView):
    """Base of the reports of pages: those that a user may edit or publish."""

    model = Page
    permission_policy = PagePermissionPolicy()
    any_permission_required = RIGHTS
    name = ""

    @property
    def index_url_name(self) -> str:
        return f"content_{self.name}"

    @property
    def index_results_url_name(self) -> str:
        return f"content_{self.name}_results"

    def get_filename(self) -> str:
        return f"{self.name.replace('_', '-')}-{timezone.localdate()}"

    def pages(self) -> QuerySet[Page]:
        allowed = self.permission_policy.instances_user_has_any_permission_for(self.request.user, RIGHTS)
        ours = Page.objects.filter(live=True, content_type__in=content_types(), pk__in=allowed.values("pk"))
        return ours.select_related("content_type")


def title_column() -> TitleColumn:
    return TitleColumn("title", label="Title", url_name="wagtailadmin_pages:edit", sort_key="title")


def type_of(page: Page) -> str:
    model: Any = page.content_type.model_class()
    return str(model._meta.verbose_name).capitalize()


TYPE_COLUMN = Column("type", label="Type", accessor=type_of)


@cache
def page_models(field: str = "") -> list[type[BasePage]]:
    """Our page types; with a field's name, those that have it."""
    found = [model for model in apps.get_app_config("content").get_models() if issubclass(model, BasePage)]
    return [model for model in found if not field or any(each.name == field for each in model._meta.fields)]


def lookup(model: type[models.Model], field: str) -> str:
    """How a query over pages reaches a field of one page type."""
    return f"{model._meta.model_name}__{field}"


# Reviews --------------------------------------------------------------------------------------------------------------


class ReviewFilterSet(WagtailFilterSet):
    due = django_filters.ChoiceFilter(
        label="Due",
        choices=[("30", "Within 30 days"), ("90", "Within 90 days")],
        method="filter_due",
        empty_label="Already",
    )
    content_type = MultipleContentTypeFilter(label="Type", queryset=lambda request: content_types("review_due_on"))

    class Meta:
        model = Page
        fields = ["due", "content_type"]

    def filter_due(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return pages


def content_types(field: str = "") -> QuerySet[ContentType]:
    names = [model._meta.model_name for model in page_models(field)]
    return ContentType.objects.filter(app_label="content", model__in=names).order_by("model")


class ReviewReport(PagesReport):
    """Articles and comparisons past the date on which somebody wanted to read them again."""

    name = "reviews_due"
    page_title = "Reviews due"
    header_icon = "calendar-check"
    filterset_class = ReviewFilterSet
    no_results_message = "No published page is past its review date."
    default_ordering = "review_due"
    columns = [title_column(), TYPE_COLUMN, DateColumn("review_due", label="Review due", sort_key="review_due")]
    list_export = ["title", "content_type", "review_due", "last_published_at"]
    export_headings = {"content_type": "Type", "review_due": "Review due", "last_published_at": "Last published"}

    def get_base_queryset(self) -> QuerySet[Any]:
        due = [F(lookup(model, "review_due_on")) for model in page_models("review_due_on")]
        days = self.request.GET.get("due", "")
        until: date = timezone.localdate() + timedelta(days=int(days) if days in ("30", "90") else 0)
        nothing = Value(None, output_field=DateField())
        return (
            self.pages()
            .annotate(review_due=Coalesce(*due, nothing, output_field=DateField()))
            .filter(review_due__lte=until)
        )


# Comparisons ----------------------------------------------------------------------------------------------------------


class LostToolsReport(PagesReport):
    """Comparisons that show a column less than their editors chose: the tool was deleted, unpublished or restricted."""

    name = "comparisons_that_lost_a_tool"
    page_title = "Comparisons that lost a tool"
    header_icon = "scales"
    no_results_message = "Every published comparison shows all of its tools."
    default_ordering = "title"
    columns = [title_column(), Column("lost", label="Lost"), Column("left", label="Tools left")]
    list_export = ["title", "lost", "left"]
    export_headings = {"lost": "Lost", "left": "Tools left"}

    def get_base_queryset(self) -> QuerySet[Any]:
        shown = ToolPage.objects.live().public().values("pk")
        rows = ComparisonTool.objects.filter(page=OuterRef("pk"))
        lost = Prefetch(
            "comparison_tools", ComparisonTool.objects.exclude(tool__in=shown).select_related("tool"), "gone"
        )
        comparisons = ComparisonPage.objects.filter(pk__in=self.pages().values("pk"))
        return (
            comparisons.filter(Exists(rows.exclude(tool__in=shown)))
            .annotate(left=Count("comparison_tools", filter=Q(comparison_tools__tool__in=shown)))
            .prefetch_related(lost)
        )

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        for comparison in object_list:
            comparison.lost = ", ".join(row.tool.title if row.tool else "a deleted tool" for row in comparison.gone)
        return object_list


# Descriptions and images ----------------------------------------------------------------------------------------------


class MissingFilterSet(WagtailFilterSet):
    missing = django_filters.ChoiceFilter(
        label="Missing",
        choices=[("description", "Description"), ("image", "Image")],
        method="filter_missing",
        empty_label="Either",
    )
    content_type = MultipleContentTypeFilter(label="Type", queryset=lambda request: content_types())

    class Meta:
        model = Page
        fields = ["missing", "content_type"]

    def filter_missing(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return pages.filter(Q(search_description="") if value == "description" else without_image())


def without_image() -> Q:
    """Pages with no picture of their own to be shared with, whatever their type calls it."""
    condition = Q(pk__in=[])
    for model in page_models():
        images = [each for each in model._meta.fields if each.related_model is CustomImage]
        none = Q(**{f"{lookup(model, 'pk')}__isnull": False})
        for each in images:
            none &= Q(**{f"{lookup(model, each.name)}__isnull": True})
        condition |= none
    return condition


class MissingReport(PagesReport):
    """Published pages without a description for search engines, or without a picture to be shared with."""

    name = "pages_without_description_or_image"
    page_title = "Pages without description or image"
    header_icon = "image"
    filterset_class = MissingFilterSet
    no_results_message = "Every published page has a description and an image."
    default_ordering = "title"
    columns = [title_column(), TYPE_COLUMN, Column("missing", label="Missing")]
    list_export = ["title", "content_type", "missing"]
    export_headings = {"content_type": "Type", "missing": "Missing"}

    def get_base_queryset(self) -> QuerySet[Any]:
        imageless = models.Case(models.When(without_image(), then=True), default=False)
        return self.pages().annotate(imageless=imageless).filter(Q(search_description="") | Q(imageless=True))

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        for page in object_list:
            missing = ["description"] * (not page.search_description) + ["image"] * page.imageless
            page.missing = " and ".join(missing).capitalize()
        return object_list


# Sources --------------------------------------------------------------------------------------------------------------


class BrokenSourcesReport(ReportView):
    """Sources whose page is gone, or out of reach for days, with the number of facts that lean on them."""

    page_title = "Broken sources"
    header_icon = "warning"
    model = Source
    permission_policy = ModelPermissionPolicy(Source)
    any_permission_required = RIGHTS
    index_url_name = "content_broken_sources"
    index_results_url_name = "content_broken_sources_results"
    no_results_message = "No source is known to be broken."
    default_ordering = "failing_since"
    columns = [
        TitleColumn("title", label="Source", url_name="wagtailsnippets_content_source:edit", sort_key="title"),
        Column("url", label="Address"),
        Column("problem", label="What happened"),
        DateColumn("failing_since", label="Since", sort_key="failing_since"),
        DateColumn("checked_at", label="Last asked"),
        Column("facts", label="Facts"),
    ]
    list_export = ["title", "url", "problem", "failing_since", "checked_at", "facts"]
    export_headings = {
        "problem": "What happened",
        "failing_since": "Since",
        "checked_at": "Last asked",
        "facts": "Facts",
    }
    export_filename = "broken-sources"

    def get_base_queryset(self) -> QuerySet[Any]:
        return broken_sources().annotate(facts=Count("fact_sources__fact", distinct=True))


# Addresses and menu ---------------------------------------------------------------------------------------------------

REPORTS: dict[str, tuple[type[ReportView], str]] = {
    "reviews_due": (ReviewReport, "calendar-check"),
    "comparisons_that_lost_a_tool": (LostToolsReport, "scales"),
    "broken_sources": (BrokenSourcesReport, "warning"),
    "pages_without_description_or_image": (MissingReport, "image"),
}


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    found = []
    for name, (view, _) in REPORTS.items():
        address = f"reports/{name.replace('_', '-')}/"
        found += [
            path(address, view.as_view(), name=f"content_{name}"),
            path(f"{address}results/", view.as_view(results_only=True), name=f"content_{name}_results"),
        ]
    return found


class ReportMenuItem(MenuItem):
    def __init__(self, name: str, view: type[ReportView], icon: str, order: int) -> None:
        super().__init__(
            view.page_title, reverse(f"content_{name}"), name=name.replace("_", "-"), icon_name=icon, order=order
        )
        self.policy = view.permission_policy

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(self.policy.user_has_any_permission(request.user, RIGHTS))


def _register(name: str, view: type[ReportView], icon: str, order: int) -> None:
    hooks.register("register_reports_menu_item", lambda: ReportMenuItem(name, view, icon, order))


for _order, (_name, (_view, _icon)) in enumerate(REPORTS.items(), start=110):
    _register(_name, _view, _icon, _order)
