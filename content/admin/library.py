"""The menu "Library": what pages are made from, in one place."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from wagtail.admin.ui.tables import LiveStatusTagColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from content.admin.attributes import AttributeGroupViewSet, AttributeViewSet
from content.admin.choosers import ListedChooserViewSet
from content.admin.facts import FactViewSet, SourceViewSet
from content.models.base import with_status
from content.models.category import Category
from content.models.disclosure import Disclosure
from content.models.organization import Organization
from content.models.person import Person
from content.models.topic import Topic
from content.models.use_case import UseCase


class NamedViewSet(SnippetViewSet):
    """People, topics and whatever else has a name and an address."""

    list_display: list[Any] = ["name", "slug", LiveStatusTagColumn()]
    list_filter = ["live"]
    ordering = ["name"]
    chooser_viewset_class = ListedChooserViewSet

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_status(self.model.objects.all())


class PersonViewSet(NamedViewSet):
    model = Person
    icon = "user"
    menu_label = "People"


class TopicViewSet(NamedViewSet):
    model = Topic
    icon = "tag"
    menu_label = "Topics"


class CategoryViewSet(NamedViewSet):
    """Listed as the tree they are, until an editor orders them otherwise."""

    model = Category
    icon = "folder-open-inverse"
    menu_label = "Categories"
    list_display: list[Any] = ["in_tree", "slug", LiveStatusTagColumn()]
    ordering = ["position"]
    list_per_page = 100


class OrganizationViewSet(NamedViewSet):
    model = Organization
    icon = "group"
    menu_label = "Organizations"


class UseCaseViewSet(NamedViewSet):
    model = UseCase
    icon = "crosshairs"
    menu_label = "Use cases"


class DisclosureViewSet(NamedViewSet):
    model = Disclosure
    icon = "info-circle"
    menu_label = "Disclosures"
    list_display = ["name", LiveStatusTagColumn()]


@register_snippet
class Library(SnippetViewSetGroup):
    """What pages are made from, in one place of the menu."""

    items = (
        FactViewSet,
        AttributeViewSet,
        AttributeGroupViewSet,
        SourceViewSet,
        PersonViewSet,
        TopicViewSet,
        CategoryViewSet,
        OrganizationViewSet,
        UseCaseViewSet,
        DisclosureViewSet,
    )
    menu_icon = "shelf"
    menu_label = "Library"
    menu_name = "library"
    menu_order = 150
