"""Previews in the decoupled front end: what a previewable model needs, and where the delivery layer plugs in.

`content` does not know how a preview is built or where the front end is; the application that does sets `respond`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from wagtail.models import Page, PreviewableMixin
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permission_policies.pages import PagePermissionPolicy

Responder = Callable[[Any, HttpRequest, bool], HttpResponse]


def _nobody(instance: Any, request: HttpRequest, is_unsaved: bool) -> HttpResponse:
    raise ImproperlyConfigured("No application has set content.preview.respond")


respond: Responder = _nobody


class HeadlessPreviewMixin(PreviewableMixin):
    """Shows an object, saved or not, in the front end. Put it before the other bases of a page or snippet."""

    def make_preview_request(
        self,
        original_request: HttpRequest | None = None,
        preview_mode: str | None = None,
        extra_request_attrs: Any = None,
    ) -> HttpResponse:
        """The redirect that the preview panel and "View draft" follow.

        Wagtail's own builds a dummy request for the site's host and runs every middleware again; here the editor's real
        request is what says who looks and from which address of the admin.
        """
        if original_request is None:
            raise ValueError("A preview needs the request of the editor who asks for it")
        is_unsaved = bool((extra_request_attrs or {}).get("is_editing"))
        return respond(self, original_request, is_unsaved)


def subject_of(instance: Any) -> str:
    """The object as an editor has it open: "content.articlepage:12"; "content.articlepage:new" while it was never
    saved.
    """
    return f"{instance._meta.label_lower}:{instance.pk or 'new'}"


def may_preview(user: Any, subject: str) -> bool:
    """Whether a user may (still) edit the subject of a preview, and so see its draft. Up to three queries."""
    return subject in previewable(user, [subject])


def previewable(user: Any, subjects: Iterable[str]) -> set[str]:
    """Those that a user may (still) edit: one query for each of their models, and those for the user's rights.

    Wagtail's policies give nothing to a user who is not active.
    """
    by_model: dict[str, set[str]] = defaultdict(set)
    for subject in subjects:
        label, _, pk = subject.partition(":")
        by_model[label].add(pk)
    return {f"{label}:{pk}" for label, pks in by_model.items() for pk in _editable(user, label, pks)}


def _editable(user: Any, label: str, pks: set[str]) -> Iterator[str]:
    try:
        model = apps.get_model(label)
    except LookupError:
        return
    saved = pks - {"new"}
    if issubclass(model, Page):
        if "new" in pks and PagePermissionPolicy().user_has_any_permission(user, {"add", "change"}):
            yield "new"
        for page in Page.objects.filter(pk__in=saved) if saved else ():
            rights = page.permissions_for_user(user)
            if rights.can_edit() or rights.can_publish():  # as Wagtail's "View draft" has it
                yield str(page.pk)
        return
    policy = ModelPermissionPolicy(model)
    if "new" in pks and policy.user_has_permission(user, "add"):
        yield "new"
    if saved and policy.user_has_permission(user, "change"):
        yield from map(str, model._default_manager.filter(pk__in=saved).values_list("pk", flat=True))
