"""What snippets with a name and an address have in common."""

from typing import Any

from django.db import models
from django.utils.text import slugify
from wagtail.admin.panels import FieldPanel, TitleFieldPanel
from wagtail.admin.widgets import SlugInput
from wagtail.search import index

from content.models.base import BaseSnippet


class Named(BaseSnippet, index.Indexed):
    """A snippet with a name and an address made from it."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(
        max_length=120,
        unique=True,
        blank=True,
        help_text="The last part of its address in the front end. Made from the name when left empty.",
    )

    search_fields = [index.SearchField("name", boost=2), index.AutocompleteField("name"), index.FilterField("live")]

    class Meta:
        abstract = True
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self._fill_slug()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._fill_slug()
        super().save(*args, **kwargs)

    def _fill_slug(self) -> None:
        """Make the slug from the name, with a number behind it when another one has it already."""
        if self.slug:
            return
        base = slugify(self.name)[:110] or self._meta.model_name or "item"
        taken = set(
            type(self)._default_manager.exclude(pk=self.pk).filter(slug__startswith=base).values_list("slug", flat=True)
        )
        self.slug = next(slug for slug in _numbered(base, len(taken) + 1) if slug not in taken)


def _numbered(base: str, last: int) -> list[str]:
    return [base, *(f"{base}-{number}" for number in range(2, last + 1))]


NAME_PANELS = [TitleFieldPanel("name", targets=["slug"]), FieldPanel("slug", widget=SlugInput)]
