"""What snippets with a name and an address have in common."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify
from wagtail.admin.panels import FieldPanel, PublishingPanel, TitleFieldPanel
from wagtail.admin.widgets import SlugInput
from wagtail.models import Locale, TranslatableMixin
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
        others = self._with_same_addresses().exclude(pk=self.pk)
        taken = set(others.filter(slug__startswith=base).values_list("slug", flat=True))
        self.slug = next(slug for slug in _numbered(base, len(taken) + 1) if slug not in taken)

    def _with_same_addresses(self) -> models.QuerySet[Any]:
        """Those among which the slug is unique."""
        return type(self)._default_manager.all()


class TranslatedNamed(TranslatableMixin, Named):
    """A snippet with a name and an address, written anew in each language; its slug is unique in its language."""

    slug = models.SlugField(
        max_length=120,
        blank=True,
        help_text="The last part of its address in the front end. Made from the name when left empty.",
    )

    search_fields = [*Named.search_fields, index.FilterField("locale")]

    class Meta(Named.Meta):
        abstract = True
        unique_together = [*TranslatableMixin.Meta.unique_together, ("locale", "slug")]

    def clean(self) -> None:
        super().clean()
        # Django checks unique_together among the fields of the form, and the language is none.
        if self.slug and self._with_same_addresses().exclude(pk=self.pk).filter(slug=self.slug).exists():
            kind = str(self._meta.verbose_name)
            raise ValidationError({"slug": f"Another {kind} in this language has this slug. Choose another one."})

    def _with_same_addresses(self) -> models.QuerySet[Any]:
        locale = self.locale_id or Locale.get_default().pk
        return super()._with_same_addresses().filter(locale=locale)


def _numbered(base: str, last: int) -> list[str]:
    return [base, *(f"{base}-{number}" for number in range(2, last + 1))]


# The dates of publication have their place beside the form, wherever the panel is named.
NAME_PANELS = [TitleFieldPanel("name", targets=["slug"]), FieldPanel("slug", widget=SlugInput), PublishingPanel()]
