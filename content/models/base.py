"""What pages have in common, what snippets have in common, and the rows inside either."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.functional import cached_property
from wagtail.admin.panels import MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.models import (
    DraftStateMixin,
    Locale,
    LockableMixin,
    Orderable,
    Page,
    Revision,
    RevisionMixin,
    Site,
    TranslatableMixin,
    WorkflowMixin,
    WorkflowState,
)

from content.fields import web_address
from content.preview import HeadlessPreviewMixin
from content.remembered import once
from content.sites import root_of, site_roots


class InWorkflow:
    """What goes through a workflow; the rows of a list share the tasks that they wait in."""

    current_workflow_task_state: Any

    @property
    def current_workflow_task(self) -> Any:
        state = self.current_workflow_task_state
        return state and once(("task", state.task_id), lambda: state.task.specific)


class BasePage(HeadlessPreviewMixin, InWorkflow, Page):
    """Every page of ours. `url` and `full_url` are the front end's absolute address; Django itself serves no page."""

    social_image = models.ForeignKey(
        "content.CustomImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="social image",
        help_text="Shown when the page is shared, best at 1200 × 630 pixels. Without one it is the page's own image.",
    )
    canonical_address = models.URLField(
        max_length=500,
        blank=True,
        validators=[web_address],
        help_text=(
            "Only if the same text stands elsewhere and that page should be the one that is found: its whole address, "
            "on another site or on this one. Otherwise leave it empty."
        ),
    )
    noindex = models.BooleanField(
        "hide from search engines",
        default=False,
        help_text="Asks search engines to leave the page out. Readers with the address still see it.",
    )

    promote_panels = [
        MultiFieldPanel(
            ["slug", "seo_title", "search_description", "canonical_address", "noindex"], heading="Search engines"
        ),
        MultiFieldPanel(["social_image"], heading="Social networks"),
        MultiFieldPanel(["show_in_menus"], heading="Main menu"),
    ]

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        # Written down, its own address would stay behind when the page moves.
        if self.canonical_address and self.canonical_address.rstrip("/") == (self.full_url or "").rstrip("/"):
            raise ValidationError({"canonical_address": "This is the page's own address already. Leave it empty."})

    def get_url_parts(self, request: HttpRequest | None = None) -> tuple[int, str, str] | None:
        """Site, the front end's address of that site, and the path below it; None outside every site's tree."""
        root = root_of(self.url_path, site_roots())
        return (root.site, root.address, root.path_of(self.url_path)) if root else None

    def get_url(self, request: HttpRequest | None = None, current_site: Site | None = None) -> str | None:
        return self.get_full_url(request)

    url = property(get_url)

    def get_parent(self, update: bool = False) -> Page | None:
        """The page above; in a list of pages below one and the same, one query for all."""
        if update or hasattr(self, "_cached_parent_obj"):
            return super().get_parent(update)
        path = self.path[: -self.steplen]
        self._cached_parent_obj = once(("parent", path), lambda: super(BasePage, self).get_parent())
        return self._cached_parent_obj


class BaseSnippet(
    HeadlessPreviewMixin, InWorkflow, WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, models.Model
):
    """A snippet that is written, reviewed, previewed and published like a page."""

    class Meta:
        abstract = True

    @cached_property
    def scheduled_revision(self) -> Revision | None:
        # `with_status` has loaded it for a whole listing.
        loaded: list[Revision] | None = getattr(self, "_scheduled_revisions", None)
        return super().scheduled_revision if loaded is None else next(iter(loaded), None)


def with_status(snippets: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Load with these snippets what their status is told from; two queries in place of two for each. Those that can be
    translated also say whether there is a language left.
    """
    if issubclass(snippets.model, TranslatableMixin):
        same = snippets.model._default_manager.filter(translation_key=OuterRef(OuterRef("translation_key")))
        left = Locale.objects.exclude(pk__in=same.values("locale"))
        snippets = snippets.select_related("locale").annotate(has_untranslated_locale=Exists(left))
    return snippets.prefetch_related(
        models.Prefetch(
            "_revisions",
            queryset=Revision.objects.filter(approved_go_live_at__isnull=False),
            to_attr="_scheduled_revisions",
        ),
        models.Prefetch(
            "_workflow_states",
            queryset=WorkflowState.objects.active().select_related("current_task_state__task"),
            to_attr="_current_workflow_states",
        ),
    )


class Child(Orderable):
    """A row that editors order inside its parent. Rows with the same position keep the order in which they were made.

    No unique constraints on such rows: they are saved one by one, so two rows that exchange their values would collide
    on the way. The parent's form refuses repetitions (`content.forms`).
    """

    class Meta(Orderable.Meta):
        abstract = True
        ordering = ["sort_order", "pk"]


def page_tabs(*tabs: tuple[str, list[Any]]) -> TabbedInterface:
    """The editing screen of a page type: its own tabs, then "Promote" and "Settings"."""
    return TabbedInterface(
        [
            *(ObjectList(panels, heading=heading) for heading, panels in tabs),
            ObjectList(BasePage.promote_panels, heading="Promote"),
            ObjectList(BasePage.settings_panels, heading="Settings"),
        ]
    )
