"""The screen that makes one topic, person or source out of two, after showing what readers will see of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.widgets import AdminSnippetChooser

from content.merging import ADDRESSES, MERGEABLE, check, merge


def _model(name: str) -> Any:
    for model in MERGEABLE:
        if model._meta.model_name == name:
            return model
    raise Http404


def _may_merge(user: Any, model: Any) -> bool:
    """One is deleted, and what refers to it is changed."""
    policy = ModelPermissionPolicy(model)
    return bool(policy.user_has_permission(user, "change") and policy.user_has_permission(user, "delete"))


class MergeForm(forms.Form):
    """Into which one the object is merged."""

    def __init__(self, gone: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gone = gone
        model = type(gone)
        self.fields["into"] = forms.ModelChoiceField(
            model._default_manager.all(),
            label=f"Merge into which {model._meta.verbose_name}?",
            help_text=f"It stays as it is and takes the place of “{gone}” everywhere.",
            widget=AdminSnippetChooser(model),
            error_messages={"required": "Choose the one that stays.", "invalid_choice": "That one is gone already."},
        )

    def clean_into(self) -> Any:
        kept = self.cleaned_data["into"]
        check(kept, self.gone)
        return kept


def merge_view(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """First choose, then see what changes, then merge: the second step repeats the choice in a hidden field."""
    model = _model(name)
    if not _may_merge(request.user, model):
        raise PermissionDenied
    gone = get_object_or_404(model, pk=pk)
    listing = reverse(model.snippet_viewset.get_url_name("list"))
    form = MergeForm(gone, request.POST or None)
    kept = form.cleaned_data["into"] if form.is_valid() else None
    if kept is not None and "confirmed" in request.POST:
        title = str(gone)
        try:
            merged = merge(kept, gone, user=request.user)
        except ValidationError as error:
            form.add_error("into", error)
        else:
            places = sum(merged.rows.values()) + merged.revisions
            told = f"“{title}” is now part of “{kept}”. {places} place{'' if places == 1 else 's'} changed."
            messages.success(request, told)
            return redirect(listing)
    address = ADDRESSES.get(model)
    context = {
        "form": form,
        "object": gone,
        "gone": gone,
        "kept": kept,
        "old_address": address.format(gone.slug) if address else "",
        "new_address": address.format(kept.slug) if address and kept else "",
        "listing": listing,
        "icon": model.snippet_viewset.icon,
    }
    return render(request, "api/merging/merge.html", context)


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    return [path("merge/<str:name>/<int:pk>/", merge_view, name="api_merge")]


@hooks.register("register_snippet_listing_buttons")
def merge_button(snippet: Any, user: Any, next_url: str | None = None) -> Any:
    if isinstance(snippet, MERGEABLE) and _may_merge(user, type(snippet)):
        address = reverse("api_merge", args=[snippet._meta.model_name, snippet.pk])
        yield Button("Merge into another", address, icon_name="resubmit", priority=25)


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    actions.register_action("content.merge", "Merge", "Merged another one into it")
