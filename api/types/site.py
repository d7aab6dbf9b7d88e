"""What a whole site has in common."""

from typing import ClassVar

import strawberry
from wagtail.models import Page as WagtailPage
from wagtail.models import Site as WagtailSite

from api.documents.contract import derived, document, served, stored
from api.documents.read import Cohort
from api.types.page import Node, Page
from content.changes import key_of


@strawberry.type(description="One entry of a menu.")
class MenuItem:
    label: str = strawberry.field(description="What the link says.")
    path: str = strawberry.field(description="Where it leads, in the front end.")
    children: list["MenuItem"] = strawberry.field(description="Entries below this one.")


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
    def sections(site: WagtailSite) -> strawberry.Private[list[Page]]:
        pages = WagtailPage.objects.child_of(site.root_page).filter(show_in_menus=True).order_by("path")
        return stored([key_of(page) for page in pages])

    @served()
    def url(self) -> str:
        """Where its front end is reached, without a slash at the end."""
        found = self.cohort.reader.site(self.host)
        return found.url if found else ""

    @served()
    def locales(self) -> list[str]:
        """The languages it is published in, the default one first."""
        found = self.cohort.reader.site(self.host)
        return found.locales if found else []

    @served(needs=["sections"])
    def navigation(self) -> list[MenuItem]:
        """The main menu: the pages marked to be shown in menus, in the order of the page tree."""
        return [MenuItem(label=page.title, path=page.path, children=[]) for page in self.sections]

    @served()
    def announcement(self) -> str | None:
        """A message for every page of the site."""
        return None
