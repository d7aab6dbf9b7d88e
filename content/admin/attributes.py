"""Attributes and their groups in the library. Before a change that facts do not survive, the editor sees which ones."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.snippets.views.snippets import EditView, SnippetViewSet

from content.models.attribute import Attribute, AttributeGroup
from content.models.fact import Fact, first_stale_day

SHOWN = 200
"""So many facts are listed; the others are counted."""


@dataclass(frozen=True)
class Loss:
    """A fact that a change of its attribute would make invalid or stale."""

    fact: Fact
    why: str


def losses(attribute: Attribute) -> list[Loss]:
    """The facts that this unsaved change of an attribute would make invalid or stale and that are neither today; four
    queries at most, whatever their number.
    """
    before = Attribute.objects.get(pk=attribute.pk)
    decisive = ("data_type", "choices", "may_be_future", "source_required", "ttl_days", "unit")
    if all(getattr(before, name) == getattr(attribute, name) for name in decisive):
        return []
    facts = Fact.objects.filter(attribute=attribute.pk).select_related("tool", "value_tool")
    found = []
    for fact in facts.prefetch_related("fact_sources", "verifications").order_by("tool__title", "qualifier", "pk"):
        fact.attribute = before
        why = _why(fact, before, attribute)
        if why:
            found.append(Loss(fact, why))
    return found


def _why(fact: Fact, before: Attribute, after: Attribute) -> str:
    problem = fact.problem_under(after)
    if problem and problem != fact.problem_under(before):
        return problem
    if fact.value and before.unit != after.unit:
        return f"Will read “{f'{fact.value} {after.unit}'.rstrip()}”."
    today = timezone.localdate()
    days = [first_stale_day(fact.verified_on, each.ttl_days) for each in (before, after)]
    was_stale, will_be = (day is not None and day <= today for day in days)
    return f"Becomes stale: last looked up on {fact.verified_on}." if will_be and not was_stale else ""


class AttributeEditView(EditView):
    """Saves a change at once, unless facts would suffer: then it shows them first."""

    def form_valid(self, form: Any) -> HttpResponse:
        self.form = form
        answer = self.request.POST.get("losses")
        if answer == "back":
            return self.render_to_response(self.get_context_data(form=form))
        found = [] if answer == "accepted" else losses(form.instance)
        if not found:
            return super().form_valid(form)
        fields = [
            (name, value)
            for name, values in self.request.POST.lists()
            for value in values
            if name not in ("csrfmiddlewaretoken", "losses")
        ]
        context = {
            **self.get_context_data(form=form),
            "losses": found[:SHOWN],
            "count": len(found),
            "more": len(found) - SHOWN if len(found) > SHOWN else 0,
            "fields": fields,
        }
        return TemplateResponse(self.request, "content/attributes/losses.html", context)


class AttributeViewSet(SnippetViewSet):
    model = Attribute
    edit_view_class = AttributeEditView
    icon = "list-ul"
    menu_label = "Attributes"
    list_display = [
        "label",
        Column("group", sort_key="group__sort_order"),
        Column("get_data_type_display", label="Type of value", sort_key="data_type"),
        "unit",
        Column("ttl_days", label="Days until stale", sort_key="ttl_days"),
        BooleanColumn("source_required", label="Needs a source"),
        BooleanColumn("is_filter", label="Filter"),
    ]
    list_filter = ["group", "data_type", "source_required", "is_filter"]
    list_per_page = 50


class AttributeGroupViewSet(SnippetViewSet):
    model = AttributeGroup
    icon = "list-ol"
    menu_label = "Attribute groups"
    list_display = ["label", "sort_order"]
    list_per_page = 50
