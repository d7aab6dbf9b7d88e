"""The report of facts that somebody has to look up again, and the queue in which that is done."""

from typing import Any

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.admin.widgets.button import HeaderButton
from wagtail.log_actions import log
from wagtail.permission_policies import ModelPermissionPolicy

from content.changes import changes
from content.forms.answer import AnswerForm
from content.freshness import due_facts, is_stale, is_unverified, with_freshness
from content.models.attribute import Attribute, AttributeGroup
from content.models.base import with_status
from content.models.fact import Fact, Verification
from content.models.tool import ToolPage

POLICY = ModelPermissionPolicy(Fact)
MAX_SKIPPED = 200
LIVE = Fact.objects.filter(live=True).order_by()


def may_verify(user: Any) -> bool:
    """A verification is seen by readers at once, so it takes the right to publish facts."""
    return bool(POLICY.user_has_permission(user, "publish"))


class StaleFactFilterSet(WagtailFilterSet):
    why = django_filters.ChoiceFilter(
        label="Why",
        choices=[("stale", "Verified too long ago"), ("never", "Never looked up")],
        method="filter_why",
        empty_label="Either",
    )
    attribute = django_filters.ModelChoiceFilter(queryset=Attribute.objects.order_by("label"), label="Attribute")
    attribute__group = django_filters.ModelChoiceFilter(queryset=AttributeGroup.objects.all(), label="Group")
    tool = django_filters.ModelChoiceFilter(
        label="Tool", queryset=ToolPage.objects.filter(pk__in=LIVE.values("tool")).only("title").order_by("title")
    )
    stale_before = django_filters.DateFilter(
        field_name="stale_since", lookup_expr="lt", label="Stale before", help_text="The longest overdue"
    )

    class Meta:
        model = Fact
        fields = ["why", "attribute", "attribute__group", "tool", "stale_before"]

    def filter_why(self, facts: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return facts.filter(is_stale() if value == "stale" else is_unverified())


class StaleFactsReport(ReportView):
    """Filtered, it leads into the queue of just these facts."""

    page_title = "Stale facts"
    header_icon = "time"
    index_url_name = "content_stale_facts"
    index_results_url_name = "content_stale_facts_results"
    filterset_class = StaleFactFilterSet
    model = Fact
    permission_policy = POLICY
    any_permission_required = ["add", "change", "publish"]
    verbose_name_plural = "stale facts"
    no_results_message = "Every published fact has been looked up in time."
    columns = [
        TitleColumn("tool", label="Tool", get_url=lambda fact: reverse("content_verify_fact", args=[fact.pk])),
        Column("attribute", label="Attribute"),
        Column("qualifier", label="Qualifier"),
        Column("display", label="Answer"),
        DateColumn("last_verified", label="Looked up"),
        DateColumn("stale_since", label="Stale since"),
        Column("in_the_way", label="Good to know", accessor=lambda fact: "; ".join(circumstances(fact))),
    ]
    export_filename = "stale-facts"
    list_export = [
        "tool.title",
        "attribute.group",
        "attribute.label",
        "qualifier",
        "display",
        "last_verified",
        "stale_since",
        "source_addresses",
    ]
    export_headings = {
        "tool.title": "Tool",
        "attribute.group": "Group",
        "attribute.label": "Attribute",
        "display": "Answer",
        "last_verified": "Looked up",
        "stale_since": "Stale since",
        "source_addresses": "Sources",
    }

    def get_base_queryset(self) -> QuerySet[Any]:
        return with_circumstances(due_facts())

    def to_row_dict(self, item: Any) -> Any:
        item.source_addresses = " ".join(source.url for source in item.sources)
        return super().to_row_dict(item)

    @property
    def header_buttons(self) -> list[HeaderButton]:
        if not may_verify(self.request.user):
            return []
        query = self.request.GET.copy()
        for name in ("p", "export", "ordering", "_w_filter_fragment"):
            query.pop(name, None)
        address = f"{reverse('content_verify_next')}?{query.urlencode()}"
        return [HeaderButton("Verify one by one", address, icon_name="circle-check")]


def with_circumstances(facts: QuerySet[Any]) -> QuerySet[Any]:
    """Load with facts what a row of the report or the queue tells of them; a constant number of queries."""
    facts = facts.select_related("tool__locked_by", "attribute__group", "locked_by")
    return with_status(facts).prefetch_related("fact_sources__source", "verifications")


def circumstances(fact: Fact) -> list[str]:
    """What an editor has to know before confirming or correcting, in sentences without a full stop. Nothing of it
    keeps anybody from confirming: a verification speaks of what is published.
    """
    found = []
    if fact.locked:
        found.append(f"This fact is locked{_by(fact.locked_by)}: it can be confirmed, not corrected")
    if fact.has_unpublished_changes:
        found.append("It has a draft that is not published: what you confirm is the published answer")
    if fact.current_workflow_state:
        found.append("Its draft is in review")
    if fact.tool.locked:
        found.append(f"The tool's page is locked{_by(fact.tool.locked_by)}, its facts are not")
    return found


def _by(user: Any) -> str:
    return f" by {user.get_full_name() or user.get_username()}" if user else ""


# The queue ------------------------------------------------------------------------------------------------------------


def queue_of(query: QueryDict) -> QuerySet[Any]:
    """The due facts that the report's filters in a query string leave, without those that were skipped."""
    facts = StaleFactFilterSet(query, queryset=due_facts())
    found: QuerySet[Any] = facts.qs if facts.is_valid() else due_facts()
    return found.exclude(pk__in=skipped(query))


def skipped(query: QueryDict) -> list[int]:
    return [int(pk) for pk in query.getlist("skip")[:MAX_SKIPPED] if pk.isascii() and pk.isdigit() and len(pk) < 19]


def verify_next(request: HttpRequest) -> HttpResponse:
    """Leads to the first fact of the queue; to the report when nothing is left."""
    if not may_verify(request.user):
        raise PermissionDenied
    first = queue_of(request.GET).values_list("pk", flat=True).first()
    if first is None:
        messages.success(request, "Nothing is left to look up." if not skipped(request.GET) else "That was the last.")
        query = request.GET.copy()
        query.pop("skip", None)
        return redirect(f"{reverse('content_stale_facts')}?{query.urlencode()}")
    return redirect(f"{reverse('content_verify_fact', args=[first])}?{request.GET.urlencode()}")


def verify_fact(request: HttpRequest, pk: int) -> HttpResponse:
    """One fact with its sources: open one, say that it still says so, or what it says now; the next one follows."""
    if not may_verify(request.user):
        raise PermissionDenied
    fact = get_object_or_404(with_circumstances(with_freshness(Fact.objects.filter(live=True))), pk=pk)
    next_url = f"{reverse('content_verify_next')}?{request.GET.urlencode()}"
    may_correct = not fact.locked and bool(POLICY.user_has_permission(request.user, "change"))
    # A draft is somebody's work: it is finished or dropped where it can be seen.
    form = correction(fact, request) if may_correct and not fact.has_unpublished_changes else None
    if request.method == "POST":
        if request.POST.get("digest") != fact.value_digest:
            messages.error(request, "Somebody has changed this fact meanwhile. Look at the new answer.")
        elif "correct" not in request.POST:
            confirm(fact, request)
            messages.success(request, f"Confirmed: {fact}.")
            return redirect(next_url)
        elif form is not None and form.is_valid():
            with changes():
                confirm(form.publish(user=request.user), request)
            messages.success(request, f"Corrected: {fact}.")
            return redirect(next_url)
    skip = request.GET.copy()
    skip.appendlist("skip", str(fact.pk))
    context = {
        "fact": fact,
        "form": form,
        "may_correct": may_correct,
        "circumstances": circumstances(fact),
        "left": queue_of(request.GET).count(),
        "skip_url": f"{reverse('content_verify_next')}?{skip.urlencode()}",
        "edit_url": reverse("wagtailsnippets_content_fact:edit", args=[fact.pk]),
        "report_url": reverse("content_stale_facts"),
    }
    return render(request, "content/freshness/verify.html", context)


def correction(fact: Fact, request: HttpRequest) -> AnswerForm:
    """The form with the published answer in it, over an instance of its own."""
    data = request.POST if "correct" in request.POST else None
    return AnswerForm(data, instance=Fact.objects.select_related("tool", "attribute").get(pk=fact.pk))


def confirm(fact: Fact, request: HttpRequest) -> None:
    """Add a verification of the answer by this user, of today, by the source whose button was pressed if it has it."""
    source = next((each for each in fact.sources if str(each.pk) == request.POST.get("source")), None)
    with changes():
        Verification.objects.create(fact=fact, user_id=request.user.pk, source=source)
        log(instance=fact, action="content.verify", user=request.user)


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    return [
        path("reports/stale-facts/", StaleFactsReport.as_view(), name="content_stale_facts"),
        path(
            "reports/stale-facts/results/",
            StaleFactsReport.as_view(results_only=True),
            name="content_stale_facts_results",
        ),
        path("facts/verify/", verify_next, name="content_verify_next"),
        path("facts/verify/<int:pk>/", verify_fact, name="content_verify_fact"),
    ]


class StaleFactsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(POLICY.user_has_any_permission(request.user, {"add", "change", "publish"}))


@hooks.register("register_reports_menu_item")
def menu_item() -> MenuItem:
    return StaleFactsMenuItem(
        "Stale facts", reverse("content_stale_facts"), name="stale-facts", icon_name="time", order=100
    )


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    actions.register_action("content.verify", "Verify", "Looked it up and found it right")
