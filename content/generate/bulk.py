"""Writing many objects at once as if each had been saved, published through a revision, and indexed for search.

Django's signals are not sent: the caller touches what it made.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import CharField, F, OuterRef, Subquery
from django.db.models.functions import Cast
from modelcluster.models import get_all_child_m2m_relations, get_all_child_relations
from wagtail.models import Locale, Page, Revision, TranslatableMixin
from wagtail.search import index
from wagtail.search.backends import get_search_backends


def insert_pages(parent: Page, pages: Sequence[Page], published: Sequence[datetime]) -> None:
    """Publish pages of one type as the last ones below `parent`, with the rows inside them; about 12 queries."""
    _place(parent, pages)
    content_type = ContentType.objects.get_for_model(type(pages[0]))
    for page, at in zip(pages, published, strict=True):
        page.content_type, page.locale_id, page.draft_title = content_type, parent.locale_id, page.title
        _date(page, at)
    # A table per level of inheritance, which bulk_create refuses to fill.
    shared = [each for each in Page._meta.concrete_fields if not each.primary_key]
    rows = Page.objects.bulk_create(
        [Page(**{each.attname: getattr(page, each.attname) for each in shared}) for page in pages]
    )
    for page, row in zip(pages, rows, strict=True):
        page.pk = page.id = row.pk
    model: Any = type(pages[0])
    model._base_manager._insert(pages, fields=model._meta.local_concrete_fields, using=rows[0]._state.db)
    Page.objects.filter(pk=parent.pk).update(numchild=F("numchild") + len(pages))
    _finish(pages, Page, published)


def insert(instances: Sequence[Any], published: Sequence[datetime]) -> None:
    """Publish snippets of one model, with the rows inside them; about 6 queries."""
    model = type(instances[0])
    locale = Locale.get_default() if issubclass(model, TranslatableMixin) else None
    for instance, at in zip(instances, published, strict=True):
        _date(instance, at)
        if locale:
            instance.locale = locale
    model._default_manager.bulk_create(instances)
    _finish(instances, model, published)


def _place(parent: Page, pages: Sequence[Page]) -> None:
    last = Page.objects.child_of(parent).order_by("-path").values_list("path", flat=True).first()
    begin = Page._str2int(last[-Page.steplen :]) if last else 0
    for number, page in enumerate(pages, start=begin + 1):
        page.depth, page.path = parent.depth + 1, Page._get_path(parent.path, parent.depth + 1, number)
        page.url_path = f"{parent.url_path}{page.slug}/"


def _date(instance: Any, at: datetime) -> None:
    instance.live, instance.has_unpublished_changes = True, False
    instance.first_published_at = instance.last_published_at = at
    if hasattr(instance, "latest_revision_created_at"):
        instance.latest_revision_created_at = at


def _finish(instances: Sequence[Any], base: type[models.Model], published: Sequence[datetime]) -> None:
    for relation in get_all_child_relations(type(instances[0])):
        _insert_children(instances, relation)
    for field in get_all_child_m2m_relations(type(instances[0])):
        _insert_choices(instances, field)
    _insert_revisions(instances, base, published)
    if issubclass(type(instances[0]), index.Indexed):
        for backend in get_search_backends(with_auto_update=True):
            backend.add_bulk(type(instances[0]), list(instances))


def _insert_children(instances: Sequence[Any], relation: Any) -> None:
    rows = []
    for instance in instances:
        for order, row in enumerate(getattr(instance, relation.get_accessor_name()).all()):
            setattr(row, relation.field.name, instance)
            if hasattr(row, "sort_order"):
                row.sort_order = order
            rows.append(row)
    relation.related_model._default_manager.bulk_create(rows)


def _insert_choices(instances: Sequence[Any], field: Any) -> None:
    through, here, there = field.remote_field.through, field.m2m_field_name(), field.m2m_reverse_field_name()
    rows = [
        through(**{f"{here}_id": instance.pk, f"{there}_id": target.pk})
        for instance in instances
        for target in getattr(instance, field.name).all()
    ]
    through._default_manager.bulk_create(rows)


def _insert_revisions(instances: Sequence[Any], base: type[models.Model], published: Sequence[datetime]) -> None:
    specific = ContentType.objects.get_for_model(type(instances[0]), for_concrete_model=False)
    general = ContentType.objects.get_for_model(base, for_concrete_model=False)
    Revision.objects.bulk_create(
        Revision(
            content_type=specific,
            base_content_type=general,
            object_id=str(instance.pk),
            created_at=at,
            object_str=str(instance),
            content=instance.serializable_data(),
        )
        for instance, at in zip(instances, published, strict=True)
    )
    of_each = Revision.objects.filter(base_content_type=general, object_id=Cast(OuterRef("pk"), CharField()))
    newest = Subquery(of_each.order_by("-pk").values("pk")[:1])
    rows = base._default_manager.filter(pk__in=[instance.pk for instance in instances])
    rows.update(latest_revision_id=newest, live_revision_id=newest)
