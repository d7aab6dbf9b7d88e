"""What kind of tool something is: a tree, from the general to the special."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.admin import display
from django.core.exceptions import ValidationError
from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from content.changes import page_keys
from content.forms.category import CategoryForm, indented
from content.models.named import NAME_PANELS, TranslatedNamed


class Category(TranslatedNamed):
    """What kind of tool something is. `position` and `depth` say where it stands in the whole tree, so that one query
    reads the tree in its order; `save` and `delete` keep them right.
    """

    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text="The wider category that this one belongs to. Leave empty for one at the top.",
    )
    sort_order = models.IntegerField(
        "order", default=0, help_text="Lower numbers come first; equal ones are ordered by name."
    )
    position = models.IntegerField(default=0, editable=False, db_index=True)
    depth = models.IntegerField(default=0, editable=False)

    base_form_class = CategoryForm
    panels = [*NAME_PANELS, FieldPanel("parent", widget=forms.Select), "sort_order"]

    class Meta(TranslatedNamed.Meta):
        verbose_name_plural = "categories"
        ordering = ["position", "pk"]

    def clean(self) -> None:
        super().clean()
        if not self.parent_id:
            return
        if self.pk and self.pk in Tree().lineage(self.parent_id):
            raise ValidationError({"parent": "A category cannot stand below itself. Choose another one."})
        if self.parent and self.locale_id and self.parent.locale_id != self.locale_id:
            raise ValidationError({"parent": "Choose a category in the same language."})

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        arrange()
        self.refresh_from_db(fields=["position", "depth"])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        arrange()
        return deleted

    def touched_keys(self) -> set[str]:
        """Itself alone: what its name and address are, others read from it."""
        return {f"category:{self.pk}"}

    def touched_by_moving(self) -> set[str]:
        """None, unless it is to stand below another one; then one query more."""
        before = Category.objects.filter(pk=self.pk).values_list("parent", flat=True).first()
        return set() if before == self.parent_id else self.touched_by_deleting()

    def touched_by_deleting(self) -> set[str]:
        """All below it, and their tools: where it stands decides under which categories these are found."""
        pks = [self.pk, *Tree().below(self.pk)]
        return {f"category:{pk}" for pk in pks} | page_keys(Page.objects.filter(toolpage__categories__in=pks))

    @display(description="Name", ordering="name")
    def in_tree(self) -> str:
        return indented(self)

    def lineage(self) -> list[int]:
        """Primary keys of this category and of those above it, the nearest first; one query."""
        above = Tree().lineage(self.parent_id) if self.parent_id else []
        return [self.pk, *above] if self.pk else above


class Tree:
    """All categories as they are in the database; one query."""

    def __init__(self) -> None:
        rows = Category.objects.order_by("locale_id", "sort_order", "name", "pk").values_list("pk", "parent_id")
        self.parents: dict[int, int | None] = dict(rows)
        self.children: dict[int | None, list[int]] = {}
        for pk, parent in self.parents.items():
            self.children.setdefault(parent, []).append(pk)

    def lineage(self, pk: int | None) -> list[int]:
        """This one and all above it, the nearest first. It ends where two moves at once have made a circle."""
        found: list[int] = []
        while pk is not None and pk not in found:
            found.append(pk)
            pk = self.parents.get(pk)
        return found

    def below(self, pk: int | None) -> list[int]:
        """All below this one."""
        return [each for each, _ in self._walk(self.children.get(pk, []) if pk else [], 0, {pk})]

    def in_order(self) -> list[tuple[int, int]]:
        """Every category with its depth, parents before their children. What stands in a circle comes last."""
        seen: set[int | None] = set()
        found = self._walk(self.children.get(None, []), 0, seen)
        return found + [(pk, 0) for pk in self.parents if pk not in seen]

    def _walk(self, pks: Iterable[int], depth: int, seen: set[int | None]) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for pk in pks:
            if pk not in seen:
                seen.add(pk)
                found += [(pk, depth), *self._walk(self.children.get(pk, []), depth + 1, seen)]
        return found


def arrange() -> None:
    """Write where every category stands; two queries, and one more per batch of those that stand elsewhere now."""
    places = {pk: (position, depth) for position, (pk, depth) in enumerate(Tree().in_order())}
    moved = []
    for category in Category.objects.only("pk", "position", "depth"):
        place = places.get(category.pk)
        if place and place != (category.position, category.depth):
            category.position, category.depth = place
            moved.append(category)
    Category.objects.bulk_update(moved, ["position", "depth"], batch_size=200)
