"""Navigation menus: what the editors put into a place of the front end, in their order."""

from django.db import models
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, PublishingPanel
from wagtail.models import Locale, TranslatableMixin

from content.forms.menu import MenuForm
from content.models.base import BaseSnippet, Child
from content.models.link import Link


class MenuPlace(models.TextChoices):
    MAIN = "main", "Main menu"
    FOOTER = "footer", "Footer"


class Menu(TranslatableMixin, BaseSnippet, ClusterableModel):
    """One per site, language and place. Without a published main menu the pages marked to be in menus are shown."""

    site = models.ForeignKey("wagtailcore.Site", on_delete=models.CASCADE, related_name="menus")
    place = models.CharField(max_length=10, choices=MenuPlace, default=MenuPlace.MAIN)

    base_form_class = MenuForm
    panels = [
        FieldRowPanel(["place", "site"]),
        PublishingPanel(),
        InlinePanel(
            "entries",
            label="Entry",
            heading="Entries",
            help_text="An entry whose page is not published is left out, together with the entries below it.",
            panels=[FieldRowPanel([FieldPanel("page"), "address"]), FieldRowPanel(["label", "is_below"])],
        ),
    ]

    class Meta(TranslatableMixin.Meta):
        ordering = ["site__hostname", "locale__language_code", "-place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["site", "locale", "place"], name="one_menu_per_site_language_and_place")
        ]

    def __str__(self) -> str:
        where = (self.site.site_name or self.site.hostname) if self.site_id else "a site"
        return f"{MenuPlace(self.place).label} of {where} ({self.language})"

    @property
    def language(self) -> str:
        return str(self.locale if self.locale_id else Locale.get_default())


class MenuEntry(Link, Child):
    menu = ParentalKey(Menu, on_delete=models.CASCADE, related_name="entries")
    label = models.CharField(
        max_length=80, blank=True, help_text="Needed with an address. Without one: the page's title."
    )
    is_below = models.BooleanField(
        "below the entry above", default=False, help_text="Puts it into the submenu of the entry above it."
    )

    class Meta(Child.Meta):
        verbose_name_plural = "menu entries"
