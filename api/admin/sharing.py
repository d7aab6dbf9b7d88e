"""Sharing drafts by a link: the screen of one object's links, the report of all, and the way there from the editors."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.menu import MenuItem
from wagtail.snippets.action_menu import ActionMenuItem as SnippetActionMenuItem

from api.admin.subjects import edited, model_named
from api.preview import sharing
from api.preview.models import ShareLink
from content.preview import HeadlessPreviewMixin, may_preview, previewable, subject_of

NOTHING = "This draft cannot be shown yet: choose what it belongs to, save it, and share it then."


class ShareForm(forms.Form):
    recipient = forms.CharField(
        label="For whom", max_length=120, required=False, help_text="A name to tell links apart. Only editors see it."
    )
    days = forms.TypedChoiceField(
        label="Open for",
        coerce=int,
        choices=[(days, "1 day" if days == 1 else f"{days} days") for days in sharing.DAYS],
        initial=7,
    )
    follows = forms.BooleanField(
        label="Follow the draft",
        required=False,
        help_text="Whoever has the link then sees every saving at once, half sentences too, since the editor saves by "
        "itself. Otherwise they see the draft as it is now, until you update the link.",
    )


def shared(request: HttpRequest, model: str, pk: int) -> HttpResponse:
    """The links to one object's draft, and a form that makes another one; for whoever may edit it."""
    kind = model_named(model)
    if not issubclass(kind, HeadlessPreviewMixin):
        raise PermissionDenied
    saved = get_object_or_404(kind, pk=pk)
    if not may_preview(request.user, subject_of(saved)):
        raise PermissionDenied
    form = ShareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sharing.share(sharing.draft_of(saved), request, **form.cleaned_data)
        except sharing.NothingToShare:
            messages.error(request, NOTHING)
        else:
            messages.success(request, "The draft is shared. Copy the link from the list.")
            return HttpResponseRedirect(request.path)
    links = [_row(link) for link in sharing.links_to(subject_of(saved))]
    context = {"title": str(saved), "form": form, "rows": links, "edit": _edit_address(saved)}
    return render(request, "api/sharing/shared.html", context)


def _row(link: ShareLink) -> dict[str, Any]:
    is_open = sharing.is_open(link)
    state = "Open" if is_open else "Withdrawn" if link.revoked_at else "Ended"
    return {"link": link, "state": state, "is_open": is_open, "address": sharing.address_of(link) if is_open else ""}


def _edit_address(instance: Any) -> str:
    if hasattr(type(instance), "snippet_viewset"):
        return reverse(type(instance).snippet_viewset.get_url_name("edit"), args=[instance.pk])
    return reverse("wagtailadmin_pages:edit", args=[instance.pk])


@require_POST
def update(request: HttpRequest, pk: int) -> HttpResponse:
    link = _link(request, pk)
    if sharing.is_open(link):
        try:
            sharing.update(link, request.user)
        except sharing.NothingToShare:
            messages.error(request, NOTHING)
        else:
            messages.success(request, "Whoever has the link sees the draft as it is saved now.")
    return _back(link)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    link = _link(request, pk)
    sharing.revoke(link, request.user)
    messages.success(request, "The link is withdrawn: it opens nothing any more.")
    return _back(link)


def _link(request: HttpRequest, pk: int) -> ShareLink:
    """For whoever may edit what is shared."""
    link = get_object_or_404(ShareLink.objects.select_related("grant__user"), pk=pk)
    if not may_preview(request.user, link.grant.subject):
        raise PermissionDenied
    return link


def _back(link: ShareLink) -> HttpResponse:
    return HttpResponseRedirect(screen_of(link.grant.subject))


def screen_of(subject: str) -> str:
    model, _, pk = subject.partition(":")
    return reverse("api_shared", args=[model, pk])


def shared_drafts(request: HttpRequest) -> HttpResponse:
    """Every link that is open, of what this user may edit; the newest first."""
    open_now = ShareLink.objects.filter(revoked_at=None, grant__expires_at__gt=timezone.now())
    links = list(open_now.select_related("grant__user"))
    allowed = previewable(request.user, {link.grant.subject for link in links})
    rows = [{"link": link, "screen": screen_of(link.grant.subject)} for link in links if link.grant.subject in allowed]
    return render(request, "api/sharing/report.html", {"rows": rows})


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    return [
        path("shared/update/<int:pk>/", update, name="api_shared_update"),
        path("shared/revoke/<int:pk>/", revoke, name="api_shared_revoke"),
        path("shared/<str:model>/<int:pk>/", shared, name="api_shared"),
        path("reports/shared-drafts/", shared_drafts, name="api_shared_drafts"),
    ]


@hooks.register("register_reports_menu_item")
def menu_item() -> MenuItem:
    return MenuItem("Shared drafts", reverse("api_shared_drafts"), name="shared-drafts", icon_name="link", order=130)


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    actions.register_action("api.share", "Share the draft", "Shared the draft by a link")
    actions.register_action("api.share_update", "Update a shared draft", "Updated the draft that a link shows")
    actions.register_action("api.share_revoke", "Withdraw a shared draft", "Withdrew the link to a draft")


class _Share:
    """Among an editor's buttons."""

    name = "share-draft"
    label = "Share the draft"
    icon_name = "link"

    def is_shown(self, context: dict[str, Any]) -> bool:
        return isinstance(edited(context), HeadlessPreviewMixin)

    def get_url(self, parent_context: dict[str, Any]) -> str | None:
        instance = edited(parent_context)
        return screen_of(subject_of(instance)) if instance else None


class PageShareItem(_Share, ActionMenuItem):
    pass


class SnippetShareItem(_Share, SnippetActionMenuItem):
    pass


@hooks.register("register_page_action_menu_item")
def page_item() -> ActionMenuItem:
    return PageShareItem(order=190)


@hooks.register("register_snippet_action_menu_item")
def snippet_item(model: type) -> SnippetActionMenuItem:
    return SnippetShareItem(order=190)
