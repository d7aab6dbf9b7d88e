"""Menus and announcements: what stands around the pages of a site."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from content.admin.choosers import ListedChooserViewSet
from content.models.announcement import Announcement
from content.models.base import with_status
from content.models.menu import Menu


class MenuViewSet(SnippetViewSet):
    model = Menu
    icon = "list-ul"
    menu_label = "Menus"
    list_display: list[Any] = ["__str__", LiveStatusTagColumn()]
    list_filter = ["site", "place", "live"]
    search_fields = ["site__hostname", "site__site_name"]
    list_per_page = 50
    chooser_viewset_class = ListedChooserViewSet

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_status(Menu.objects.select_related("site", "latest_revision"))


class AnnouncementViewSet(SnippetViewSet):
    model = Announcement
    icon = "info-circle"
    menu_label = "Announcements"
    list_display: list[Any] = [
        "text",
        Column("get_severity_display", label="Severity", sort_key="severity"),
        Column("site", label="Site"),
        Column("expire_at", label="Until", sort_key="expire_at"),
        LiveStatusTagColumn(),
    ]
    list_filter = ["severity", "site", "live"]
    list_per_page = 50
    chooser_viewset_class = ListedChooserViewSet

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_status(Announcement.objects.select_related("site"))


@register_snippet
class Furniture(SnippetViewSetGroup):
    """What stands around the pages, in one place of the menu."""

    items = (MenuViewSet, AnnouncementViewSet)
    menu_icon = "list-ul"
    menu_label = "Site"
    menu_name = "site-furniture"
    menu_order = 160
