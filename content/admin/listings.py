"""Every article, tool and comparison in one list each, whatever section or site it is in."""

from typing import Any

from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.forms import CheckboxSelectMultiple, RadioSelect
from django.utils.functional import cached_property
from django_filters import ChoiceFilter, DateFilter, ModelMultipleChoiceFilter
from wagtail import hooks
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.pages.listing import IndexView, PageFilterSet
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.admin.widgets import AdminDateInput
from wagtail.models import Page, Revision, WorkflowState

from content.models.article import ArticlePage
from content.models.category import Category
from content.models.comparison import ComparisonPage
from content.models.person import Person
from content.models.tool import Lifecycle, ToolPage
from content.models.topic import Topic


class Among:
    """Filters by a query of its own: a search can only be narrowed by fields that are in its index, and by ids."""

    def filter(self, pages: Any, value: Any) -> Any:
        if not value:
            return pages
        return pages.filter(pk__in=self.matching(pages.model, value).order_by().values("pk"))

    def matching(self, model: type[Page], value: Any) -> "QuerySet[Any]":
        return model._default_manager.filter(**{self.condition: value})

    @property
    def condition(self) -> str:
        lookup = getattr(self, "lookup_expr", "exact")
        return f"{self.field_name}__{lookup}"  # type: ignore[attr-defined]


class AmongFilter(Among, ModelMultipleChoiceFilter):
    """Any of the chosen ones."""

    def __init__(self, *, label: str, **kwargs: Any) -> None:
        super().__init__(label=label, widget=CheckboxSelectMultiple, **kwargs)

    @property
    def condition(self) -> str:
        return f"{self.field_name}__in"


class ChoiceAmongFilter(Among, ChoiceFilter):
    pass


class DateAmongFilter(Among, DateFilter):
    pass


STATUS = {
    "live": ("Published", Q(live=True, has_unpublished_changes=False)),
    "changed": ("Published, with a newer draft", Q(live=True, has_unpublished_changes=True)),
    "draft": ("Not published", Q(live=False, expired=False)),
    "expired": ("Expired", Q(live=False, expired=True)),
}


def _of_page(rows: "QuerySet[Any]") -> Exists:
    return Exists(rows.filter(base_content_type__model="page", object_id=Cast(OuterRef("pk"), CharField())))


class StatusFilter(Among, ChoiceFilter):
    """What an editor means by it, which Wagtail keeps in four places."""

    def __init__(self) -> None:
        choices = [(key, label) for key, (label, _) in STATUS.items()]
        choices += [("review", "In review"), ("scheduled", "Scheduled")]
        super().__init__(label="Status", choices=choices, empty_label="Any", widget=RadioSelect)

    def matching(self, model: type[Page], value: Any) -> "QuerySet[Any]":
        pages = model._default_manager.all()
        if value == "review":
            return pages.filter(_of_page(WorkflowState.objects.active()))
        if value == "scheduled":
            return pages.filter(_of_page(Revision.objects.filter(approved_go_live_at__isnull=False)))
        return pages.filter(STATUS[value][1])


class SectionFilterSet(PageFilterSet):
    status = StatusFilter()
    # An article has no pages below it.
    has_child_pages = None


def review_filter() -> DateAmongFilter:
    return DateAmongFilter(
        label="Review due by", field_name="review_due_on", lookup_expr="lte", widget=AdminDateInput()
    )


class ArticleFilterSet(SectionFilterSet):
    author = AmongFilter(
        label="Author",
        field_name="article_authors__person",
        queryset=lambda request: Person.objects.filter(authorships__isnull=False).distinct(),
    )
    topic = AmongFilter(label="Topic", field_name="article_topics__topic", queryset=Topic.objects.all())
    review_due_on = review_filter()


class ToolFilterSet(SectionFilterSet):
    category = AmongFilter(label="Category", field_name="categories", queryset=Category.objects.all())
    lifecycle = ChoiceAmongFilter(label="Lifecycle", choices=Lifecycle.choices, empty_label="Any", widget=RadioSelect)


class ComparisonFilterSet(SectionFilterSet):
    topic = AmongFilter(label="Topic", field_name="comparison_topics__topic", queryset=Topic.objects.all())
    review_due_on = review_filter()


def _names(rows: Any) -> str:
    return ", ".join(str(row) for row in rows)


def authors(page: Any) -> str:
    return _names(row.person for row in page.article_authors.all())


def topics(page: Any) -> str:
    rows = page.article_topics if isinstance(page, ArticlePage) else page.comparison_topics
    return _names(row.topic for row in rows.all())


def categories(page: Any) -> str:
    return _names(page.categories.all())


def started_by(page: Page) -> str:
    return page.owner.get_username() if page.owner else ""


class SectionIndexView(IndexView):
    """Loads what its columns show in as many queries as there are columns."""

    shown: tuple[str, ...] = ()

    @cached_property
    def show_locale_labels(self) -> bool:
        return len(settings.WAGTAIL_CONTENT_LANGUAGES) > 1

    def annotate_queryset(self, pages: Any) -> Any:
        return super().annotate_queryset(pages).prefetch_related("owner", *self.shown)


class ArticleIndexView(SectionIndexView):
    shown = ("article_authors__person", "article_topics__topic")


class ToolIndexView(SectionIndexView):
    shown = ("categories",)


class ComparisonIndexView(SectionIndexView):
    shown = ("comparison_topics__topic",)


TITLE, UPDATED, STATUS_COLUMN = (
    next(column for column in IndexView.base_columns if column.name == name)
    for name in ("title", "latest_revision_created_at", "status")
)
BULK = IndexView.base_columns[0]
REVIEW_DUE = Column("review_due_on", label="Review due", sort_key="review_due_on")


def _columns(*own: Column) -> list[Any]:
    return [BULK, TITLE, STATUS_COLUMN, *own, UPDATED]


class SectionViewSet(PageListingViewSet):
    """Base of the three lists."""

    add_to_admin_menu = True
    list_per_page = 50
    list_export = ["title", "full_url", "status_string", "first_published_at", "latest_revision_created_at"]
    export_headings = {
        "full_url": "Address",
        "status_string": "Status",
        "first_published_at": "First published",
        "latest_revision_created_at": "Updated",
    }


class ArticleListing(SectionViewSet):
    model = ArticlePage
    index_view_class = ArticleIndexView
    name = "articles"
    icon = "doc-full-inverse"
    menu_label = "Articles"
    menu_order = 110
    columns = _columns(
        Column("authors", label="Author", accessor=authors),
        Column("topics", label="Topics", accessor=topics),
        REVIEW_DUE,
    )
    filterset_class = ArticleFilterSet


class ToolListing(SectionViewSet):
    model = ToolPage
    index_view_class = ToolIndexView
    name = "tools"
    icon = "wrench"
    menu_label = "Tools"
    menu_order = 120
    columns = _columns(
        Column("owner", label="Started by", accessor=started_by),
        Column("categories", label="Categories", accessor=categories),
        Column("get_lifecycle_display", label="Lifecycle", sort_key="lifecycle"),
    )
    filterset_class = ToolFilterSet


class ComparisonListing(SectionViewSet):
    model = ComparisonPage
    index_view_class = ComparisonIndexView
    name = "comparisons"
    icon = "scales"
    menu_label = "Comparisons"
    menu_order = 130
    columns = _columns(
        Column("owner", label="Started by", accessor=started_by),
        Column("topics", label="Topics", accessor=topics),
        REVIEW_DUE,
    )
    filterset_class = ComparisonFilterSet


@hooks.register("register_admin_viewset")
def listings() -> list[Any]:
    return [ArticleListing("articles"), ToolListing("tools"), ComparisonListing("comparisons")]
