"""Facts and sources in the library."""

import re
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import CreateView, IndexView, SnippetViewSet

from content.admin.fact_chooser import FactChooserViewSet
from content.models.attribute import attribute_order
from content.models.base import with_status
from content.models.fact import Fact, Source
from content.models.tool import ToolPage


class FactCreateView(CreateView):
    """Begins with the tool from whose page the editor came."""

    def get_initial(self) -> dict[str, Any]:
        pk = self.request.GET.get("tool", "")
        # No database takes a longer number.
        tool = ToolPage.objects.filter(pk=pk).first() if re.fullmatch("[0-9]{1,18}", pk) else None
        return {**super().get_initial(), **({"tool": tool} if tool else {})}


class FactIndexView(IndexView):
    """Leads to files of facts, too."""

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        shown = self.request.GET.urlencode()
        return [
            *super().header_more_buttons,
            Button("Upload facts", reverse("content_facts_upload"), icon_name="upload", priority=30),
            Button(
                "Download these facts as CSV",
                f"{reverse('content_facts_download')}?{shown}".rstrip("?"),
                icon_name="download",
                priority=40,
            ),
        ]


class FactFilterSet(WagtailFilterSet):
    has_problem = django_filters.BooleanFilter(
        label="Would be refused today",
        method="filter_problem",
        widget=forms.RadioSelect(choices=[("", "All"), ("true", "Yes"), ("false", "No")]),
    )

    class Meta:
        model = Fact
        fields = ["state", "attribute", "attribute__group", "live"]

    def filter_problem(self, queryset: QuerySet[Fact], name: str, value: bool) -> QuerySet[Fact]:
        return queryset.exclude(problem="") if value else queryset.filter(problem="")


def answer(fact: Fact) -> str:
    """What the fact says and for what: "Yes (Enterprise edition)"."""
    return f"{fact.display} ({fact.qualifier})" if fact.qualifier else fact.display


class FactViewSet(SnippetViewSet):
    model = Fact
    add_view_class = FactCreateView
    index_view_class = FactIndexView
    icon = "circle-check"
    menu_label = "Facts"
    list_display = [
        "tool",
        Column("attribute", sort_key="attribute__label"),
        Column("answer", label="Answer", accessor=answer),
        Column("verified_on", label="Verified on"),
        Column("stale_on", label="Stale from"),
        Column("problem", label="Problem", sort_key="problem"),
        LiveStatusTagColumn(),
    ]
    filterset_class = FactFilterSet
    chooser_viewset_class = FactChooserViewSet
    search_fields = ["tool__title", "attribute__label", "value", "qualifier"]
    ordering = ["tool__title", *attribute_order("attribute__")]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Fact]:
        return with_status(Fact.objects.select_related("tool", "attribute").prefetch_related("verifications"))


class SourceForm(WagtailAdminModelForm):
    class Meta(WagtailAdminModelForm.Meta):
        model = Source
        fields = ["title", "url", "publisher"]


class SourceChooserViewSet(SnippetChooserViewSet):
    """Lets an editor add a source while choosing one."""

    creation_form_class = SourceForm
    creation_tab_label = "New source"
    create_action_label = "Add source"


class SourceViewSet(SnippetViewSet):
    model = Source
    icon = "link"
    menu_label = "Sources"
    list_display = ["title", "publisher", "url"]
    list_filter = ["publisher"]
    chooser_viewset_class = SourceChooserViewSet
    list_per_page = 50
