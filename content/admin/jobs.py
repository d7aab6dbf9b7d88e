"""The report of jobs, with a button for what failed, and a word to administrators when no worker does them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import django_filters
from django.contrib import messages
from django.contrib.auth.models import Permission
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.reports import ReportView
from wagtail.admin.widgets.button import HeaderButton
from wagtail.permission_policies import ModelPermissionPolicy

from content import jobs
from content.models.job import Job
from content.models.worker import SILENT_AFTER, Worker

POLICY = ModelPermissionPolicy(Job)
SEEING = ["view", "change"]
STATES = {jobs.FAILED: "Given up", jobs.WAITING: "Waiting", jobs.RUNNING: "Running", jobs.DONE: "Done"}
LENGTH = 200


def may_try_again(user: Any) -> bool:
    return bool(POLICY.user_has_permission(user, "change"))


def kinds() -> list[tuple[str, str]]:
    return sorted(((path, policy.title) for path, policy in jobs.policies.items()), key=lambda kind: kind[1])


class JobFilterSet(WagtailFilterSet):
    status = django_filters.ChoiceFilter(
        label="State", choices=list(STATES.items()), empty_label="All that are not done"
    )
    task_path = django_filters.ChoiceFilter(label="Kind", choices=kinds)

    class Meta:
        model = Job
        fields = ["status", "task_path"]

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("status") else rows.exclude(status=jobs.DONE)


def title(row: jobs.Row) -> str:
    return jobs.policy_of(row.task_path).title


def about(row: jobs.Row) -> str:
    """What the job was told: keys, mostly."""
    return " ".join(str(value) for value in row.args_kwargs.get("args", []))[:LENGTH]


def state(row: jobs.Row) -> str:
    return "Waiting for another attempt" if row.status == jobs.WAITING and row.worker_ids else STATES[row.status]


def attempts(row: jobs.Row) -> str:
    return f"{len(row.worker_ids)} of {jobs.policy_of(row.task_path).attempts}"


def next_attempt(row: jobs.Row) -> str:
    """ "9 minutes from now": Wagtail's own column of dates knows no future."""
    is_later = row.status == jobs.WAITING and row.run_after != get_date_max()
    return naturaltime(row.run_after) if is_later else ""


def error(row: jobs.Row) -> str:
    """The last of what was raised, without the story of how it came to it."""
    lines = row.traceback.strip().splitlines()
    return lines[-1][:LENGTH] if lines else ""


class AgainColumn(Column):
    """A button where something failed, for whoever may press it."""

    cell_template_name = "content/jobs/again.html"

    def get_cell_context_data(self, instance: jobs.Row, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        request = parent_context["request"]
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        # What waits for another attempt has its error.
        has_failed = instance.status in (jobs.FAILED, jobs.WAITING) and instance.exception_class_path
        return {**context, "request": request, "is_shown": has_failed and may_try_again(request.user)}


class JobsReport(ReportView):
    """What is to be done, is being done and was given up; the youngest first."""

    page_title = "Jobs"
    header_icon = "cogs"
    model = Job
    filterset_class = JobFilterSet
    permission_policy = POLICY
    any_permission_required = SEEING
    index_url_name = "content_jobs"
    index_results_url_name = "content_jobs_results"
    no_results_message = "Nothing waits to be done, and nothing has failed."
    default_ordering = "-enqueued_at"
    columns = [
        Column("title", label="Job", accessor=title),
        Column("about", label="About", accessor=about),
        Column("state", label="State", accessor=state),
        Column("attempts", label="Attempts", accessor=attempts),
        DateColumn("enqueued_at", label="Enqueued", sort_key="enqueued_at"),
        Column("next_attempt", label="Next attempt", accessor=next_attempt),
        Column("error", label="Last error", accessor=error),
        AgainColumn("again", label=""),
    ]
    list_export = ["id", "task_path", "status", "enqueued_at", "started_at", "finished_at", "exception_class_path"]
    export_filename = "jobs"

    def get_base_queryset(self) -> QuerySet[Any]:
        return Job.objects.order_by()

    @property
    def header_buttons(self) -> list[HeaderButton]:
        if not may_try_again(self.request.user):
            return []
        return [HeaderButton("Try again by kind", reverse("content_jobs_again"), icon_name="rotate")]


def again(request: HttpRequest) -> HttpResponse:
    """What failed, by kind, each with a button; and what the buttons here and in the report do."""
    if not may_try_again(request.user):
        raise PermissionDenied
    if request.method == "POST":
        count = jobs.try_again(_chosen(request.POST))
        if count:
            messages.success(request, f"{count} job{'s are' if count > 1 else ' is'} tried again.")
        else:
            messages.warning(request, "Nothing is left to try again: somebody was quicker, or it has been done.")
        return HttpResponseRedirect(reverse("content_jobs"))
    counted = jobs.unhappy().values("task_path").annotate(count=Count("pk")).order_by("task_path")
    failed = [{**kind, "title": jobs.policy_of(kind["task_path"]).title} for kind in counted]
    return render(request, "content/jobs/by_kind.html", {"kinds": failed})


def _chosen(form: QueryDict) -> QuerySet[Any]:
    if "kind" in form:
        return DBTaskResult.objects.filter(task_path=form["kind"])
    try:
        return DBTaskResult.objects.filter(pk=UUID(form.get("job", "")))
    except ValueError:
        return DBTaskResult.objects.none()


# Nobody is at work ----------------------------------------------------------------------------------------------------


class NoWorkerPanel(Component):
    template_name = "content/jobs/no_worker.html"
    order = 0

    def __init__(self, heard_at: datetime | None) -> None:
        self.heard_at = heard_at

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        return {"heard_at": self.heard_at}


# After the panels of content/admin/home.py, which begin a new list.
@hooks.register("construct_homepage_panels", order=100)
def no_worker(request: HttpRequest, panels: list[Any]) -> None:
    """For whoever sees jobs; one query."""
    if POLICY.user_has_any_permission(request.user, SEEING):
        silence = Worker.silence()
        if silence is None or silence > SILENT_AFTER:
            panels.append(NoWorkerPanel(timezone.now() - silence if silence else None))


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    return [
        path("reports/jobs/", JobsReport.as_view(), name="content_jobs"),
        path("reports/jobs/results/", JobsReport.as_view(results_only=True), name="content_jobs_results"),
        path("reports/jobs/again/", again, name="content_jobs_again"),
    ]


@hooks.register("register_permissions")
def permissions() -> QuerySet[Permission]:
    """An administrator may let others see jobs, or try them again."""
    return Permission.objects.filter(content_type__app_label="content", codename__in=["view_job", "change_job"])


class JobsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(POLICY.user_has_any_permission(request.user, SEEING))


@hooks.register("register_reports_menu_item")
def menu_item() -> MenuItem:
    return JobsMenuItem("Jobs", reverse("content_jobs"), name="jobs", icon_name="cogs", order=900)
