"""Who refers to an object, a page of the list at a time.

Wagtail's own list loads every object that refers to it, one by one, to show the first twenty.
"""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from wagtail.models import ReferenceIndex
from wagtail.models.reference_index import ReferenceGroups, ReferenceIndexQuerySet

Group = tuple[Any, list[ReferenceIndex]]


class UsageList(ReferenceGroups):
    """As Wagtail's `ReferenceGroups`: pairs of an object and its references. A slice of it costs two queries and a few
    for each kind of object in it, whatever its length.
    """

    def __getitem__(self, wanted: Any) -> Any:
        if not isinstance(wanted, slice) or not isinstance(self.qs, QuerySet):
            return super().__getitem__(wanted)
        keys = self.qs.order_by("base_content_type", "object_id").values_list("base_content_type", "object_id")
        return self._groups(list(keys.distinct()[wanted]))

    def __iter__(self) -> Any:
        return iter(self[:]) if isinstance(self.qs, QuerySet) else super().__iter__()

    def _groups(self, keys: list[tuple[int, str]]) -> list[Group]:
        pks: dict[int, list[str]] = {}
        for kind, pk in keys:
            pks.setdefault(kind, []).append(pk)
        wanted = Q(pk__in=[])
        objects: dict[tuple[int, str], Any] = {}
        for kind, of_kind in pks.items():
            wanted |= Q(base_content_type=kind, object_id__in=of_kind)
            model: Any = ContentType.objects.get_for_id(kind).model_class()
            objects |= {(kind, str(each.pk)): each for each in _rows(model).filter(pk__in=of_kind)}
        references: dict[tuple[int, str], list[ReferenceIndex]] = {}
        for each in self.qs.filter(wanted):
            references.setdefault((each.base_content_type_id, each.object_id), []).append(each)
        # The index is written in the background: what was deleted just now may still be in it.
        return [(objects[key], references[key]) for key in keys if key in objects and key in references]


def _rows(model: Any) -> QuerySet[Any]:
    """A snippet is loaded as for its listing, with what its name is made of."""
    viewset = getattr(model, "snippet_viewset", None)
    rows: QuerySet[Any] | None = viewset.get_queryset(None) if viewset else None
    return model._base_manager.all() if rows is None else rows


def use() -> None:
    """Put it in place of Wagtail's, which every list of usage and every page before deletion asks for."""
    ReferenceIndexQuerySet.group_by_source_object = lambda references: UsageList(references)
