"""Navigation menus."""

from typing import Any, ClassVar

import strawberry
from wagtail.models import Page as WagtailPage

from api.documents.contract import document, part, previewed_on, served
from api.documents.read import Cohort
from api.types.page import Node, Page, home_of
from content.models import menu as menus


@strawberry.type(description="One entry of a menu.")
class MenuItem:
    label: str = strawberry.field(description="What the link says.")
    path: str = strawberry.field(description="Where it leads: a path in the front end, or a whole address.")
    children: list["MenuItem"] = strawberry.field(description="Entries below this one.")


@part
class MenuEntry:
    """One row of a menu as its editors wrote it."""

    label: strawberry.Private[str]
    address: strawberry.Private[str]
    is_below: strawberry.Private[bool]
    page: strawberry.Private[Page | None]


@document(menus.Menu)
class Menu(Node):
    """What the editors put into one place of a site in one language."""

    cohort: ClassVar[Cohort]
    site: ClassVar[str]
    slug: ClassVar[str]
    entries: strawberry.Private[list[MenuEntry]]

    @served(needs=["entries", "MenuEntry.page"])
    def items(self) -> list[MenuItem]:
        """Its entries in their order. One whose page may not be seen is left out with those below it."""
        found: list[MenuItem] = []
        above: MenuItem | None = None
        for entry in self.entries:
            page = entry.page
            path = page.path_from(self.site) if page else entry.address
            item = MenuItem(label=entry.label or (page.title if page else path), path=path, children=[])
            if not entry.is_below:
                above = item if path else None
                if above:
                    found.append(above)
            elif above and path:
                above.children.append(item)
        return found

    @staticmethod
    def columns(menu: menus.Menu) -> dict[str, Any]:
        return {"site": menu.site.hostname if menu.site_id else "", "slug": menu.place}


@previewed_on(menus.Menu)
def home_with(menu: menus.Menu) -> WagtailPage | None:
    """The front page of its site; None while no site is chosen."""
    return home_of(menu.site, menu.locale_id) if menu.site_id else None
