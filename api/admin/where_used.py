"""The screen that lists every published page on which an object shows, and the links to it from the editors."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.snippets.action_menu import ActionMenuItem as SnippetActionMenuItem

from api.admin.subjects import edited, model_named
from api.where_used import uses_of


def address_of(instance: models.Model) -> str:
    """The admin's screen about this object's uses."""
    return reverse(
        "api_where_used", args=["page" if isinstance(instance, Page) else instance._meta.label_lower, instance.pk]
    )


def where_used(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """All published pages that show one object; for whoever may see pages in the admin, as their titles are told."""
    if not PagePermissionPolicy().user_has_any_permission(request.user, {"add", "change", "publish", "lock", "unlock"}):
        raise PermissionDenied
    instance = get_object_or_404(model_named(kind), pk=pk)
    uses = uses_of(instance)
    title = instance.get_admin_display_title() if isinstance(instance, Page) else str(instance)
    context = {"instance": instance, "title": title, "uses": uses}
    return render(request, "api/where_used/index.html", context)


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    return [path("where-used/<str:kind>/<int:pk>/", where_used, name="api_where_used")]


class _WhereUsed:
    """Among an editor's buttons, so that it can be looked at before "Publish" is pressed."""

    name = "where-used"
    label = "Where it shows"
    icon_name = "view"

    def is_shown(self, context: dict[str, Any]) -> bool:
        return edited(context) is not None

    def get_url(self, parent_context: dict[str, Any]) -> str | None:
        instance = edited(parent_context)
        return address_of(instance) if instance else None


class PageWhereUsedItem(_WhereUsed, ActionMenuItem):
    pass


class SnippetWhereUsedItem(_WhereUsed, SnippetActionMenuItem):
    pass


@hooks.register("register_page_action_menu_item")
def page_item() -> ActionMenuItem:
    return PageWhereUsedItem(order=200)


@hooks.register("register_snippet_action_menu_item")
def snippet_item(model: type[models.Model]) -> SnippetActionMenuItem:
    return SnippetWhereUsedItem(order=200)
