"""Choosing a fact: for a block, and for a place in a sentence."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.chooser import ChooseResultsView, ChooseView, SnippetChooserViewSet, SnippetChosenView

from content.models.base import with_status
from content.models.fact import Fact


class FactFilterForm(BaseFilterForm):
    """Finds facts of which tool, question and answer together contain every word."""

    q = forms.CharField(
        label="Search", required=False, widget=forms.TextInput(attrs={"placeholder": "Tool, question or answer"})
    )

    def filter(self, objects: QuerySet[Fact]) -> QuerySet[Fact]:
        self.search_query = self.cleaned_data["q"]
        self.is_searching = bool(self.search_query)
        for word in self.search_query.split()[:8]:
            parts = ("tool__title", "attribute__label", "value", "qualifier")
            found = Q()
            for part in parts:
                found |= Q(**{f"{part}__icontains": word})
            objects = objects.filter(found)
        return objects


class FactsToChoose:
    """Facts with their answers, in the order of tools."""

    filter_form_class = FactFilterForm

    def get_object_list(self) -> QuerySet[Fact]:
        facts = Fact.objects.select_related("tool", "attribute")
        return with_status(facts.order_by("tool__title", "attribute__label", "qualifier", "pk"))

    @property
    def columns(self) -> list[Any]:
        title, *others = super().columns  # type: ignore[misc]
        return [title, Column("display", label="Answer"), *others]


class FactChooseView(FactsToChoose, ChooseView):
    pass


class FactChooseResultsView(FactsToChoose, ChooseResultsView):
    pass


class FactChosenView(SnippetChosenView):
    def get_chosen_response_data(self, item: Fact) -> dict[str, Any]:
        return {**super().get_chosen_response_data(item), "display": item.display}


class FactChooserViewSet(SnippetChooserViewSet):
    choose_view_class = FactChooseView
    choose_results_view_class = FactChooseResultsView
    chosen_view_class = FactChosenView
