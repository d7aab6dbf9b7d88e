"""Messages on every page of a site."""

from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

import strawberry
from wagtail.models import Page as WagtailPage
from wagtail.models import Site as WagtailSite

from api.documents.contract import document, field, previewed_on, served
from api.documents.read import Cohort
from api.types.page import Node, Page, home_of
from content.models import announcement as announcements


@strawberry.enum(description="How much a message matters.")
class Severity(Enum):
    INFO = "info"
    WARNING = "warning"
    URGENT = "urgent"


@document(announcements.Announcement)
class Announcement(Node):
    """A message for every page of a site, until it expires."""

    text: str = field("What it says, without formatting.")
    severity: Severity = field("How much it matters.")

    cohort: ClassVar[Cohort]
    site: ClassVar[str]
    published_at: ClassVar[datetime]
    address: strawberry.Private[str]
    page: strawberry.Private[Page | None]

    @served(needs=["page"])
    def link(self) -> str | None:
        """Where there is more about it: a path in the front end, or a whole address."""
        return (self.page.path_from(self.site) if self.page else self.address) or None

    @staticmethod
    def columns(announcement: announcements.Announcement) -> dict[str, Any]:
        return {"site": announcement.site.hostname if announcement.site else ""}


@previewed_on(announcements.Announcement)
def home_with(announcement: announcements.Announcement) -> WagtailPage | None:
    """The front page of its site, or of the default one."""
    site = announcement.site or WagtailSite.objects.filter(is_default_site=True).first()
    return home_of(site, announcement.locale_id) if site else None
