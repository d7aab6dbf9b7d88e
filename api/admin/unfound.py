"""The report of what readers have searched for in vain: what is missing, or goes by another name."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.reports import ReportView
from wagtail.permission_policies.pages import PagePermissionPolicy

from api.search.models import UnfoundSearch
from content.admin.page_reports import RIGHTS

NAME = "unfound_searches"


class UnfoundFilterSet(WagtailFilterSet):
    class Meta:
        model = UnfoundSearch
        fields = ["locale", "site"]


def language(search: UnfoundSearch) -> str:
    """Its name; the code of one that is no language of the content any more."""
    names: dict[str, str] = dict(settings.WAGTAIL_CONTENT_LANGUAGES)
    return names.get(search.locale, search.locale)


class UnfoundSearches(ReportView):
    """What was searched for in vain, the most frequent first."""

    page_title = "Searches that found nothing"
    header_icon = "search"
    model = UnfoundSearch
    filterset_class = UnfoundFilterSet
    # Who may write or publish pages may see what is missing.
    permission_policy = PagePermissionPolicy()
    any_permission_required = RIGHTS
    index_url_name = f"api_{NAME}"
    index_results_url_name = f"api_{NAME}_results"
    no_results_message = "Readers have found something for everything they searched for."
    default_ordering = "-count"
    columns = [
        Column("words", label="Searched for", sort_key="words"),
        Column("count", label="Times", sort_key="count"),
        DateColumn("first_at", label="First", sort_key="first_at"),
        DateColumn("last_at", label="Last", sort_key="last_at"),
        Column("locale", label="Language", accessor=language),
        Column("site", label="Site"),
    ]
    list_export = ["words", "count", "first_at", "last_at", "locale", "site"]

    def get_filename(self) -> str:
        return f"{NAME.replace('_', '-')}-{timezone.localdate()}"

    def get_base_queryset(self) -> Any:
        return UnfoundSearch.objects.all()


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    address = f"reports/{NAME.replace('_', '-')}/"
    return [
        path(address, UnfoundSearches.as_view(), name=f"api_{NAME}"),
        path(f"{address}results/", UnfoundSearches.as_view(results_only=True), name=f"api_{NAME}_results"),
    ]


class UnfoundMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(UnfoundSearches.permission_policy.user_has_any_permission(request.user, RIGHTS))


@hooks.register("register_reports_menu_item")
def menu_item() -> MenuItem:
    return UnfoundMenuItem(
        UnfoundSearches.page_title,
        reverse(f"api_{NAME}"),
        name=NAME.replace("_", "-"),
        icon_name=UnfoundSearches.header_icon,
        order=120,
    )
