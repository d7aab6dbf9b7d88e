"""Choosers whose rows ask for nothing one by one."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from wagtail import hooks
from wagtail.snippets.views.chooser import ChooseResultsView, ChooseView, SnippetChooserViewSet


class Listed:
    """The rows that the listing has, with what it loads along."""

    def get_object_list(self) -> QuerySet[Any]:
        model: Any = self.model_class  # type: ignore[attr-defined]
        rows: QuerySet[Any] = model.snippet_viewset.get_queryset(self.request)  # type: ignore[attr-defined]
        return rows


class ListedChooseView(Listed, ChooseView):
    pass


class ListedChooseResultsView(Listed, ChooseResultsView):
    pass


class ListedChooserViewSet(SnippetChooserViewSet):
    """For snippets whose listing has a queryset of its own."""

    choose_view_class = ListedChooseView
    choose_results_view_class = ListedChooseResultsView


@hooks.register("construct_page_chooser_queryset")
def pages_with_status(pages: Any, request: HttpRequest) -> Any:
    return pages.prefetch_related("locale").prefetch_workflow_states().annotate_approved_schedule()


@hooks.register("construct_document_chooser_queryset")
def documents_with_collection(documents: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    return documents.select_related("collection")
