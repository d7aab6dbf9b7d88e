"""What a whole site has in common."""

from typing import TYPE_CHECKING, Any, ClassVar

import strawberry
from wagtail.models import Page as WagtailPage
from wagtail.models import Site as WagtailSite

from api.documents import tags
from api.documents.contract import derived, document, field, part, served, stored
from api.documents.read import Cohort
from api.types.announcement import Announcement, Severity
from api.types.menu import Menu, MenuItem
from api.types.page import Node, Page
from content.changes import key_of
from content.models import site_settings
from content.models.menu import MenuPlace
from content.sites import site_roots

if TYPE_CHECKING:
    from api.types.image import Image


@part
class SocialProfile:
    """Where the publication is found elsewhere."""

    name: str = field("What the place is called.")
    url: str = field("The address.")


FURNITURE = ("Menu", "Announcement")
MENU = ("Menu.entries", "MenuEntry.page")


@document(WagtailSite)
class Site(Node):
    """One site of this installation, with its own tree of pages and its own front end."""

    cohort: ClassVar[Cohort]

    @derived
    @staticmethod
    def name(site: WagtailSite) -> str:
        """The name of the publication."""
        return site.site_name or site.hostname

    @derived
    @staticmethod
    def host(site: WagtailSite) -> str:
        """The host name, which the argument `site` of other fields takes."""
        return site.hostname

    @derived
    @staticmethod
    def publisher(site: WagtailSite) -> str | None:
        """Who publishes the site."""
        return settings_of(site).publisher

    @derived
    @staticmethod
    def corrections_email(site: WagtailSite) -> str | None:
        """Where readers tell of mistakes."""
        return settings_of(site).corrections_email

    @derived
    @staticmethod
    def footer_text(site: WagtailSite) -> str | None:
        """A few words for the foot of every page, without formatting."""
        return settings_of(site).footer_text

    @derived
    @staticmethod
    def social_image(site: WagtailSite) -> "Image | None":
        """Shown when a page is shared that has no image of its own; `seo.image` has it already."""
        return settings_of(site).social_image

    @derived
    @staticmethod
    def profiles(site: WagtailSite) -> list[SocialProfile]:
        """Where the publication is found elsewhere, in the editors' order."""
        settings = settings_of(site)
        return stored(settings.profiles if settings.pk else [])

    @derived
    @staticmethod
    def sections(site: WagtailSite) -> strawberry.Private[list[Page]]:
        fronts = [root.url_path for root in site_roots() if root.site == site.pk]
        pages: list[WagtailPage] = []
        for front in WagtailPage.objects.filter(url_path__in=fronts).order_by("path"):
            pages += WagtailPage.objects.child_of(front).filter(show_in_menus=True).order_by("path")
        return stored([key_of(page) for page in pages])

    @served()
    def url(self) -> str:
        """Where its front end is reached, without a slash at the end."""
        found = self.cohort.reader.site(self.host)
        return found.url if found else ""

    @served()
    def locales(self) -> list[str]:
        """The languages it is published in, its own one first."""
        found = self.cohort.reader.site(self.host)
        return found.locales if found else []

    @served()
    def locale(self) -> str:
        """The language in which menus and announcement are given."""
        return self.language

    @served(needs=["sections", "host", *MENU])
    def navigation(self) -> list[MenuItem]:
        """The main menu, as its editors wrote it; without one the pages marked to be shown in menus, in the order of
        the page tree.
        """
        menu = self.menus.get(MenuPlace.MAIN)
        if menu:
            return menu.items()
        here = [page for page in self.sections if page.locale == self.language]
        return [MenuItem(label=page.title, path=page.path, children=[]) for page in here]

    @served(needs=["host", *MENU])
    def footer(self) -> list[MenuItem]:
        """The menu at the foot of every page; empty when there is none."""
        menu = self.menus.get(MenuPlace.FOOTER)
        return menu.items() if menu else []

    @served(needs=["host", "Announcement.page"])
    def announcement(self) -> str | None:
        """A message for every page of the site."""
        return self.top_announcement.text if self.top_announcement else None

    @served(needs=["host", "Announcement.page"])
    def announcement_details(self) -> Announcement | None:
        """The same message with what else is known of it. Of several the most severe one, of equal ones the newest."""
        return self.top_announcement

    @staticmethod
    def columns(site: WagtailSite) -> dict[str, Any]:
        return {"site": site.hostname}

    # What else lies beside the pages, read once per site and language

    @property
    def language(self) -> str:
        asked: str | None = self.__dict__.get("asked_locale")
        found = self.cohort.reader.site(self.host)
        if asked is None or found is None or asked not in found.locales:
            return found.locale if found else ""
        return asked

    def in_language(self, locale: str | None) -> "Site":
        """The same site, whose menus and announcement are in a language that it is published in, or else its own."""
        other: Site = object.__new__(Site)
        other.__dict__.update(self.__dict__, asked_locale=locale)
        return other

    @property
    def menus(self) -> dict[str, Menu]:
        return {each.slug: each for each in self._furniture() if isinstance(each, Menu)}

    @property
    def top_announcement(self) -> Announcement | None:
        found = [each for each in self._furniture() if isinstance(each, Announcement)]
        return max(found, key=lambda each: (RANK[each.severity], each.published_at, each.id), default=None)

    def _furniture(self) -> list[Menu | Announcement]:
        """Menus and announcements of this site and language; one query."""
        known = self.__dict__.get("furniture")
        if known is None:
            reader = self.cohort.reader
            reader.depends_on.update(map(tags.list_of, FURNITURE))
            rows = reader.rows().filter(type__in=FURNITURE, site__in=("", self.host), locale=self.language)
            known = self.__dict__["furniture"] = reader.take(rows.order_by("key"), FURNITURE)
        found: list[Menu | Announcement] = known
        return found


RANK = {severity: rank for rank, severity in enumerate(Severity)}


def settings_of(site: WagtailSite) -> site_settings.PublicationSettings:
    """The settings of a site, empty ones if nobody has saved any; one query per site and build."""
    if not hasattr(site, "_publication_settings"):
        found = site_settings.PublicationSettings.objects.filter(site=site.pk).first()
        site._publication_settings = found or site_settings.PublicationSettings()
    found_once: site_settings.PublicationSettings = site._publication_settings
    return found_once
