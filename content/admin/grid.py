"""The grid of a tool's facts: every attribute, one row per answer, each saved by itself.

Which pages would change is told by whoever registers the hook `uses_of_facts`: a function that takes the tool and gives
a list of pages (`title`, `pk`, `type`) for each attribute's number.
"""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods
from wagtail import hooks
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.telepath import JSContext
from wagtail.admin.widgets import AdminDateInput, AdminPageChooser
from wagtail.admin.widgets.button import Button
from wagtail.models import Page
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.widgets import AdminSnippetChooser

from content.changes import changes
from content.forms.grid import Row, empty_row, fact_rows
from content.models.attribute import Attribute
from content.models.fact import Fact, Source
from content.models.tool import ToolPage

SAVED, REFUSED, CONFLICT, LOCKED = 200, 422, 409, 423


class Rights:
    """What a user may do with facts."""

    def __init__(self, user: Any) -> None:
        policy = ModelPermissionPolicy(Fact)
        self.add, self.change, self.publish = (
            bool(policy.user_has_permission(user, action)) for action in ("add", "change", "publish")
        )

    def __bool__(self) -> bool:
        return self.add or self.change

    def may_save(self, fact: Fact) -> bool:
        return self.change if fact.pk else self.add


def address_of(tool: Page) -> str:
    return reverse("content_facts_grid", args=[tool.pk])


@require_GET
def grid(request: HttpRequest, pk: int) -> HttpResponse:
    if not Rights(request.user):
        raise PermissionDenied
    return _whole(request, get_object_or_404(ToolPage, pk=pk), another=_number(request.GET.get("another")))


@require_http_methods(["GET", "POST"])
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """One row as HTML: as it is now, or after saving it. Without JavaScript the whole grid is the answer."""
    rights = Rights(request.user)
    if not rights:
        return HttpResponseForbidden("You may not change facts.")
    if request.method == "GET":
        tool = get_object_or_404(ToolPage, pk=pk)
        shown = _row(request, tool, request.GET)
        return _fragment(request, tool, shown, rights)
    with changes():
        tool = get_object_or_404(ToolPage, pk=pk)
        # Two editors who record the same answer come one after the other, in whatever language they opened the tool.
        ToolPage.objects.select_for_update(of=("self",)).get(pk=tool.in_first_language.pk)
        typed = _row(request, tool, request.POST, data=request.POST)
        is_publishing = request.POST.get("action") == "publish"
        if not rights.may_save(typed.fact) or (is_publishing and not rights.publish):
            return HttpResponseForbidden(
                "You may not save this." if not is_publishing else "You may not publish facts."
            )
        status = _save(typed, opened_with=request.POST.get("token", ""), publish=is_publishing, user=request.user)
    if status == SAVED:
        now = fact_rows(Fact.objects.filter(pk=typed.fact.pk), user=request.user)[0]
        now.is_saved = True
    else:
        now = typed
    if _is_fetched(request):
        return _fragment(request, tool, now, rights, status=status)
    if status == SAVED:
        messages.success(request, f"“{now.fact}” is saved.")
        return redirect(f"{address_of(tool)}#{now.key}")
    return _whole(request, tool, instead=now, status=status)


def _save(row: Row, *, opened_with: str, publish: bool, user: Any) -> int:
    if row.lock:
        return LOCKED
    if row.token != opened_with:
        row.theirs = ", ".join([row.fact.display, *(source.title for source in row.fact.sources)])
        return CONFLICT
    if not row.form.is_valid():
        return REFUSED
    if publish:
        row.form.publish(user=user)
    else:
        row.form.save().save_revision(user=user, log_action=True)
    return SAVED


def _row(request: HttpRequest, tool: ToolPage, asked: Any, *, data: Any = None) -> Row:
    fact, attribute = _number(asked.get("fact")), _number(asked.get("attribute"))
    if fact:
        found = fact_rows(tool.facts_in_every_language.filter(pk=fact), user=request.user, data=data)
        if not found:
            raise Http404
        return found[0]
    chosen = get_object_or_404(Attribute, pk=attribute)
    return empty_row(tool.in_first_language, chosen, is_another="another" in asked, data=data)


def _number(text: str | None) -> int | None:
    # No database takes a longer number.
    return int(text) if text and re.fullmatch("[0-9]{1,18}", text) else None


def _is_fetched(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def _uses(tool: ToolPage) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for uses_of_facts in hooks.get_hooks("uses_of_facts"):
        for attribute, uses in uses_of_facts(tool).items():
            found.setdefault(attribute, []).extend(uses)
    return found


def _fragment(request: HttpRequest, tool: ToolPage, row: Row, rights: Rights, *, status: int = 200) -> HttpResponse:
    row.uses, row.may_save = _uses(tool).get(row.attribute.pk, []), rights.may_save(row.fact)
    context = {"row": row, "tool": tool, "rights": rights}
    return render(request, "content/grid/row.html", context, status=status)


def _whole(
    request: HttpRequest, tool: ToolPage, *, another: int | None = None, instead: Row | None = None, status: int = 200
) -> HttpResponse:
    """The grid, the same from the tool's page in each language; a constant number of queries."""
    rights = Rights(request.user)
    recorded: dict[int, list[Row]] = {}
    for found in fact_rows(tool.facts_in_every_language.order_by("qualifier", "pk"), user=request.user):
        recorded.setdefault(found.attribute.pk, []).append(found)
    uses = _uses(tool)
    groups: list[tuple[str, list[Row]]] = []
    attributes = list(Attribute.objects.all())
    home = tool.in_first_language
    for attribute in attributes:
        rows = recorded.get(attribute.pk, [])
        if not rows or attribute.pk == another:
            rows = [*rows, empty_row(home, attribute, is_another=bool(rows))]
        if instead and instead.attribute.pk == attribute.pk:
            rows = [instead if each.key == instead.key else each for each in rows]
            rows += [] if instead in rows else [instead]
        for each in rows:
            each.uses, each.may_save = uses.get(attribute.pk, []), rights.may_save(each.fact)
        heading = attribute.group.label if attribute.group else "Other"
        if not groups or groups[-1][0] != heading:
            groups.append((heading, []))
        groups[-1][1].extend(rows)
    choosers = JSContext()
    source_chooser = choosers.pack(AdminSnippetChooser(Source))
    modals = Media(js=[versioned_static("wagtailadmin/js/modal-workflow.js")])
    context = {
        "tool": tool,
        "rights": rights,
        "groups": groups,
        "answered": len(recorded),
        "asked": len(attributes),
        "source_chooser": source_chooser,
        "media": modals + choosers.media + AdminPageChooser().media + AdminDateInput().media,
        "header_title": f"Facts: {tool.title}",
        "header_icon": "circle-check",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": reverse("wagtailadmin_pages:edit", args=[tool.pk]), "label": tool.get_admin_display_title()},
            {"url": "", "label": f"Facts: {tool.get_admin_display_title()}"},
        ],
    }
    return render(request, "content/grid/index.html", context, status=status)


@hooks.register("register_admin_urls")
def grid_urls() -> list[URLPattern]:
    return [
        path("tools/<int:pk>/facts/", grid, name="content_facts_grid"),
        path("tools/<int:pk>/facts/row/", row, name="content_facts_row"),
    ]


@hooks.register("register_page_listing_more_buttons")
def button_of_a_tool(page: Page, user: Any, next_url: str | None = None) -> Any:
    if page.specific_class is ToolPage and Rights(user):
        yield Button("Facts", address_of(page), icon_name="circle-check", priority=5)


@hooks.register("register_snippet_listing_buttons")
def button_of_a_fact(snippet: Any, user: Any, next_url: str | None = None) -> Any:
    if isinstance(snippet, Fact) and Rights(user):
        label = f"All facts of {snippet.tool.title}"
        yield Button(label, f"{address_of(snippet.tool)}#fact-{snippet.pk}", icon_name="circle-check", priority=5)
