"""Unpublishing everything below a page at once.

Wagtail does it page by page, with some thirty queries for each: a section of 10,000 pages took minutes, and on SQLite
nobody could publish meanwhile.
"""

from typing import Any

from django.db import connection, models
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone
from wagtail.log_actions import get_active_log_context
from wagtail.models import Page, PageLogEntry, Revision, WorkflowState
from wagtail.signals import page_unpublished, unpublished

from content.changes import changes, page_keys, section_key, touch

GONE: dict[str, Any] = {"live": False, "has_unpublished_changes": True, "live_revision": None}


def unpublish_below(page: Page, *, user: Any) -> int:
    """Unpublish every page below this one that Wagtail would let the user unpublish, and return how many that were.

    The caller has checked that the user may unpublish `page`: rights are inherited, so only locks are asked for. Each
    page gets its log entry, and its signals if anybody listens to them; `post_save` is not sent, since nothing but
    `live` changes. Aliases elsewhere follow, without an entry. A constant number of queries, beside some for each page
    that is locked for somebody.
    """
    with changes():
        going = page.get_descendants().filter(live=True).order_by()
        locked = [each.pk for each in _perhaps_locked(going) if not each.permissions_for_user(user).can_unpublish()]
        going = going.exclude(pk__in=locked)
        told = _told(going)
        _log(going, user)
        count = _take_away(going)
        touch({section_key(page.pk)})
        gone = page.get_descendants().filter(live=False).order_by()
        while keys := page_keys(aliases := Page.objects.filter(alias_of__in=gone.values("pk"), live=True)):
            told += _told(aliases)
            _take_away(aliases)
            touch(keys)
            gone = Page.objects.filter(alias_of__in=gone.values("pk"), live=False)
        for each in Page.objects.filter(pk__in=told).specific().iterator(chunk_size=200):
            page_unpublished.send(sender=type(each), instance=each)
            unpublished.send(sender=type(each), instance=each)
    return count


def _told(pages: QuerySet[Page]) -> list[int]:
    """The pages whose signals somebody may listen to."""
    return list(pages.values_list("pk", flat=True)) if page_unpublished.receivers or unpublished.receivers else []


def _take_away(pages: QuerySet[Page]) -> int:
    return Page.objects.filter(pk__in=pages.values("pk")).update(**GONE)


def _perhaps_locked(pages: QuerySet[Page]) -> QuerySet[Page]:
    """Those that are locked by hand, scheduled, or in a workflow: the others are locked for nobody."""
    scheduled = Revision.page_revisions.filter(approved_go_live_at__isnull=False).values("object_id")
    reviewed = WorkflowState.objects.active().values("object_id")
    pages = pages.annotate(key=Cast("pk", CharField()))
    return pages.filter(Q(locked=True) | Q(key__in=scheduled) | Q(key__in=reviewed))


def _log(pages: QuerySet[Page], user: Any) -> None:
    context = get_active_log_context()
    _insert_for_each(
        pages,
        PageLogEntry,
        page=models.F("pk"),
        content_type=models.F("content_type"),
        label=Coalesce(NullIf("draft_title", Value("")), "title"),
        action=Value("wagtail.unpublish"),
        data=Value({}, models.JSONField()),
        timestamp=Value(timezone.now(), models.DateTimeField()),
        uuid=Value(context.uuid, models.UUIDField()),
        user=Value(getattr(user, "pk", None) or getattr(context.user, "pk", None), models.IntegerField()),
        content_changed=Value(False, models.BooleanField()),
        deleted=Value(False, models.BooleanField()),
    )


def _insert_for_each(rows: QuerySet[Any], model: type[models.Model], **values: Any) -> None:
    """Insert one `model` for each of these rows, its values computed from the row; one query."""
    names = {f"value_of_{name}": name for name in values}
    selected = rows.annotate(**{alias: values[name] for alias, name in names.items()}).values_list(*names)
    sql, parameters = selected.query.sql_with_params()
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(str(model._meta.get_field(name).column)) for name in names.values())  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quoted(model._meta.db_table)} ({columns}) {sql}", parameters)
