"""Facts, attributes and sources in the library."""

import re
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import BooleanColumn, Column, LiveStatusTagColumn
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import CreateView, SnippetViewSet

from content.models.base import with_status
from content.models.fact import Attribute, Fact, Source
from content.models.tool import ToolPage


class FactCreateView(CreateView):
    """Begins with the tool from whose page the editor came."""

    def get_initial(self) -> dict[str, Any]:
        pk = self.request.GET.get("tool", "")
        # No database takes a longer number.
        tool = ToolPage.objects.filter(pk=pk).first() if re.fullmatch("[0-9]{1,18}", pk) else None
        return {**super().get_initial(), **({"tool": tool} if tool else {})}


class FactViewSet(SnippetViewSet):
    model = Fact
    add_view_class = FactCreateView
    icon = "circle-check"
    menu_label = "Facts"
    list_display = [
        "tool",
        Column("attribute", sort_key="attribute__label"),
        Column("display", label="Answer"),
        "qualifier",
        Column("verified_on", label="Verified on"),
        Column("stale_on", label="Stale from"),
        LiveStatusTagColumn(),
    ]
    list_filter = ["state", "attribute", "attribute__group", "live"]
    search_fields = ["tool__title", "attribute__label", "value", "qualifier"]
    ordering = ["tool__title", "attribute__group", "attribute__sort_order", "attribute__label"]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Fact]:
        return with_status(Fact.objects.select_related("tool", "attribute").prefetch_related("verifications"))


class AttributeViewSet(SnippetViewSet):
    model = Attribute
    icon = "list-ul"
    menu_label = "Attributes"
    list_display = [
        "label",
        Column("group", sort_key="group"),
        Column("get_data_type_display", label="Type of value", sort_key="data_type"),
        "unit",
        Column("ttl_days", label="Days until stale", sort_key="ttl_days"),
        BooleanColumn("source_required", label="Needs a source"),
    ]
    list_filter = ["group", "data_type", "source_required"]
    list_per_page = 50


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
