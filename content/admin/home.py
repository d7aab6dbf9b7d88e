"""The first screen after signing in: what I began, what waits on whom, which facts are old, what comes, what came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, F, Model, Q, Value
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import LockedPagesPanel
from wagtail.models import DraftStateMixin, GroupApprovalTask, Page, Revision, WorkflowState
from wagtail.permissions import policy_registry
from wagtail.snippets.models import get_snippet_models

from content.freshness import staleness
from content.models.fact import Fact

LENGTH = 8
SEEING = {"add", "change", "publish", "lock", "unlock", "bulk_delete", "view"}


@dataclass(frozen=True)
class Entry:
    """A line of a panel. `note` says what else matters, as the end of a sentence."""

    title: str
    kind: str
    address: str
    at: datetime
    note: str = ""
    is_mine: bool = False


def drafted_models(user: Any) -> list[type[Model]]:
    """What has drafts and this user may see in the admin, pages first. No query of its own beyond the user's rights."""
    models: list[type[Model]] = [Page, *(model for model in get_snippet_models() if issubclass(model, DraftStateMixin))]
    return [model for model in models if policy_registry.get_by_type(model).user_has_any_permission(user, SEEING)]


def visible(model: type[Model], user: Any) -> Any:
    if model is Page:
        return policy_registry.get_by_type(Page).explorable_instances(user).filter(depth__gt=1)
    return model._default_manager.all()


def edit_address(model: type[Any], pk: Any) -> str:
    if issubclass(model, Page):
        return reverse("wagtailadmin_pages:edit", args=[pk])
    return reverse(model.snippet_viewset.get_url_name("edit"), args=[pk])


def entries(user: Any, at: str, *, newest_first: bool, mine: bool = False, note: str = "", **where: Any) -> list[Entry]:
    """Of everything with drafts that fits `where`, the first by the time in the field `at`; two queries for all models,
    and one more for each entry without a revision.
    """
    models = drafted_models(user)
    parts = []
    for number, model in enumerate(models):
        rows = visible(model, user).filter(**where, **{f"{at}__isnull": False})
        if mine:
            own = Q(latest_revision__user=user)
            rows = rows.filter(own | Q(owner=user) if model is Page else own)
        columns = {"key": F("pk"), "revision": F("latest_revision"), "moment": F(at), "model": Value(number)}
        parts.append(rows.order_by().annotate(**columns).values(*columns))
    if not parts:
        return []
    order = ("-moment" if newest_first else "moment", "model", "key")
    found = list(parts[0].union(*parts[1:], all=True).order_by(*order)[:LENGTH])
    revisions = Revision.objects.filter(pk__in=[row["revision"] for row in found if row["revision"]])
    named = {pk: (text, kind) for pk, text, kind in revisions.values_list("pk", "object_str", "content_type")}
    return [_entry(models[row["model"]], row, named.get(row["revision"]), note) for row in found]


def _entry(model: type[Model], row: dict[str, Any], named: tuple[str, int] | None, note: str) -> Entry:
    text, kind = named or (str(model._default_manager.get(pk=row["key"])), None)
    return Entry(text or "Untitled", _kind(kind, model), edit_address(model, row["key"]), row["moment"], note)


def _kind(content_type: int | None, model: type[Model]) -> str:
    known = ContentType.objects.get_for_id(content_type).model_class() if content_type else None
    return str((known or model)._meta.verbose_name)


class Panel(Component):
    """Base of the panels. `nothing` is said when there is nothing to list."""

    template_name = "content/home/panel.html"
    order = 0
    name = ""
    heading = ""
    help_text = ""
    nothing = ""
    is_ahead = False

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        return {"panel": self, "entries": self.entries(parent_context["request"])}

    def entries(self, request: HttpRequest) -> list[Entry]:
        raise NotImplementedError


class DraftsPanel(Panel):
    order = 20
    name = "my-drafts"
    heading = "My drafts"
    nothing = "You have no unpublished changes."

    def entries(self, request: HttpRequest) -> list[Entry]:
        at = "latest_revision__created_at"
        return entries(request.user, at, newest_first=True, mine=True, has_unpublished_changes=True)


class WaitingPanel(Panel):
    """Everything in review, whoever it waits on, the longest waiting first; five queries."""

    order = 10
    name = "waiting"
    heading = "Waiting for somebody"
    help_text = (
        "Pages are checked for their facts and then read by an editor, whose approval publishes them. "
        "Facts need no review: a fact checker publishes them."
    )
    nothing = "Nothing is in review."

    def entries(self, request: HttpRequest) -> list[Entry]:
        states = list(
            self._seen_by(request.user)
            .select_related("current_task_state__revision", "requested_by")
            .defer("current_task_state__revision__content")
            .order_by("current_task_state__started_at", "pk")[:LENGTH]
        )
        task_ids = {state.current_task_state.task_id for state in states}
        tasks = {task.pk: task for task in GroupApprovalTask.objects.filter(pk__in=task_ids).prefetch_related("groups")}
        own_groups = set(request.user.groups.all())
        return [
            self._entry(state, tasks.get(state.current_task_state.task_id), own_groups, request) for state in states
        ]

    def _seen_by(self, user: Any) -> Any:
        """Titles of drafts are told to those only who may see them anyway."""
        seen = Q(pk__in=[])
        for model in drafted_models(user):
            kind = Q(base_content_type=ContentType.objects.get_for_model(model))
            if model is Page and not user.is_superuser:
                kind &= Q(object_id__in=visible(Page, user).order_by().values(key=Cast("pk", CharField())))
            seen |= kind
        return WorkflowState.objects.active().filter(seen, current_task_state__isnull=False)

    def _entry(
        self, state: WorkflowState, task: GroupApprovalTask | None, own_groups: set[Group], request: HttpRequest
    ) -> Entry:
        model: Any = ContentType.objects.get_for_id(state.content_type_id).model_class()
        task_state = state.current_task_state
        author = state.requested_by.get_username() if state.requested_by else "somebody"
        if state.status == WorkflowState.STATUS_NEEDS_CHANGES:
            at, mine, note = task_state.finished_at, state.requested_by == request.user, f"changes asked of {author}"
        else:
            groups = set(task.groups.all()) if task else set()
            names = " or ".join(sorted(group.name for group in groups)) or "nobody"
            at, mine = task_state.started_at, bool(groups & own_groups)
            note = f"{task or 'review'} by {names}, sent by {author}"
        title = task_state.revision.object_str or "Untitled"
        return Entry(title, str(model._meta.verbose_name), edit_address(model, state.object_id), at, note, mine)


class StalePanel(Panel):
    template_name = "content/home/stale.html"
    order = 30
    name = "stale-facts"
    heading = "Facts to look up again"
    nothing = "Every fact was looked up in time."

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        return {"panel": self, "staleness": staleness()}


class ScheduledPanel(Panel):
    order = 40
    name = "scheduled"
    heading = "Scheduled"
    nothing = "Nothing is waiting for its day."
    is_ahead = True

    def entries(self, request: HttpRequest) -> list[Entry]:
        user = request.user
        # The day that counts is the one that was approved, not the one an editor has typed since.
        coming = self._going_live(user)
        leaving = entries(
            user, "expire_at", newest_first=False, note="will be unpublished", live=True, expire_at__gt=timezone.now()
        )
        return sorted([*coming, *leaving], key=lambda entry: entry.at)[:LENGTH]

    def _going_live(self, user: Any) -> list[Entry]:
        kinds = {ContentType.objects.get_for_model(model).pk: model for model in drafted_models(user)}
        rows = Revision.objects.filter(approved_go_live_at__isnull=False, base_content_type__in=kinds)
        if not user.is_superuser and Page in kinds.values():
            pages = visible(Page, user).order_by().values(key=Cast("pk", CharField()))
            page_kind = ContentType.objects.get_for_model(Page)
            rows = rows.filter(~Q(base_content_type=page_kind) | Q(object_id__in=pages))
        columns = rows.order_by("approved_go_live_at", "pk").values_list(
            "base_content_type", "object_id", "object_str", "content_type", "approved_go_live_at"
        )
        return [
            Entry(title, _kind(kind, kinds[base]), edit_address(kinds[base], pk), at, "will be published")
            for base, pk, title, kind, at in columns[:LENGTH]
        ]


class PublishedPanel(Panel):
    order = 50
    name = "last-published"
    heading = "Last published"
    nothing = "Nothing is published yet."

    def entries(self, request: HttpRequest) -> list[Entry]:
        return entries(request.user, "last_published_at", newest_first=True, live=True)


@hooks.register("construct_homepage_panels")
def home_panels(request: HttpRequest, panels: list[Any]) -> None:
    """In place of Wagtail's own, which ask more the more there is; the pages that I have locked stay."""
    panels[:] = [panel for panel in panels if isinstance(panel, LockedPagesPanel)]
    if not drafted_models(request.user):
        return
    panels += [WaitingPanel(), DraftsPanel(), ScheduledPanel(), PublishedPanel()]
    if policy_registry.get_by_type(Fact).user_has_any_permission(request.user, SEEING):
        panels.append(StalePanel())
