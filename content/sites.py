"""Where pages are shown: which site a page belongs to, in which language, and at which path of the front end.

The default language of a site has paths as in the page tree; every other one stands below its code: "/de/artikel/".
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from wagtail.models import Page, Site

from content.remembered import once


@dataclass(frozen=True)
class SiteRoot:
    """The front page of one site in one language; `address` is where the site's front end is reached."""

    site: int
    host: str
    address: str
    locale: str
    url_path: str
    prefix: str

    def path_of(self, url_path: str) -> str:
        return f"{self.prefix}/{url_path[len(self.url_path) :]}"


def site_roots() -> list[SiteRoot]:
    """Of every site, the default one first, its own language first; two queries, once for all rows of a listing.

    A translated front page that is the root of a site of its own belongs to that site alone.
    """
    return once("site_roots", _site_roots)


def _site_roots() -> list[SiteRoot]:
    sites = list(Site.objects.select_related("root_page__locale").order_by("-is_default_site", "pk"))
    own = {site.root_page_id for site in sites}
    translated: dict[Any, list[Page]] = {}
    keys = [site.root_page.translation_key for site in sites] if settings.WAGTAIL_I18N_ENABLED else []
    rows = Page.objects.filter(translation_key__in=keys).exclude(pk__in=own).select_related("locale")
    for page in rows.order_by("locale__language_code"):
        translated.setdefault(page.translation_key, []).append(page)
    roots = []
    for site in sites:
        for page in [site.root_page, *translated.pop(site.root_page.translation_key, [])]:
            code = page.locale.language_code
            prefix = "" if page.pk == site.root_page_id else f"/{code}"
            address = settings.FRONTEND_URL if site.is_default_site else site.root_url
            roots.append(SiteRoot(site.pk, site.hostname, address, code, page.url_path, prefix))
    return roots


def root_of(url_path: str, roots: list[SiteRoot]) -> SiteRoot | None:
    """The innermost of these roots that a page lies below; None for a page outside every site."""
    found = [root for root in roots if url_path.startswith(root.url_path)]
    return max(found, key=lambda root: len(root.url_path), default=None)
