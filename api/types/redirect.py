"""Paths that are not pages: where they lead now."""

from typing import Any, ClassVar

import strawberry
from wagtail.contrib.redirects.models import Redirect as WagtailRedirect

from api.documents.contract import derived, document, served, stored
from api.documents.read import Cohort
from api.types.page import Page
from content.changes import key_of


@document(WagtailRedirect)
class Redirect:
    """The path leads elsewhere."""

    cohort: ClassVar[Cohort]

    @derived
    @staticmethod
    def permanent(redirect: WagtailRedirect) -> bool:
        """Whether to answer with 301 or 308 instead of 302 or 307."""
        return redirect.is_permanent

    @derived
    @staticmethod
    def link(redirect: WagtailRedirect) -> strawberry.Private[str]:
        return redirect.redirect_link

    @derived
    @staticmethod
    def target(redirect: WagtailRedirect) -> strawberry.Private[Page | None]:
        return stored(key_of(redirect.redirect_page) if redirect.redirect_page_id else None)

    @served(needs=["target"])
    def to(self) -> str:
        """A path in the front end, or a whole address."""
        return self.target.path if self.target else self.link

    @staticmethod
    def columns(redirect: WagtailRedirect) -> dict[str, Any]:
        return {"site": redirect.site.hostname if redirect.site else "", "path": f"{redirect.old_path.rstrip('/')}/"}

    @classmethod
    def moved(cls, page: Page) -> "Redirect":
        """The answer for a path under which a page was public before it moved."""
        redirect: Redirect = object.__new__(cls)
        redirect.__dict__.update(cohort=page.cohort, permanent=True, link="", target=page)
        return redirect


@strawberry.type(description="A path that was public once. What it was and why it went are not told.")
class Gone:
    path: str = strawberry.field(description="The path that was asked for.")
