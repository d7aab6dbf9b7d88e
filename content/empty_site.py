"""The pages that a site begins with: its home page and, below it, an index of each section."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from wagtail.models import Locale, Page, Site

from content.changes import changes
from content.models.article import ArticleIndexPage
from content.models.comparison import ComparisonIndexPage
from content.models.home import HomePage
from content.models.tool import ToolIndexPage

SECTIONS: dict[str, type[Page]] = {
    "articles": ArticleIndexPage,
    "tools": ToolIndexPage,
    "comparisons": ComparisonIndexPage,
}
"""By their slugs, which are their paths in the front end."""

INTRO = "This site has just been set up. What is published in the CMS appears here."


def default_site() -> Site | None:
    """The default site, unless it still shows the page that Wagtail's first migration makes."""
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    return None if site is None or _is_welcome(site.root_page) else site


def home_without_site() -> HomePage | None:
    """The front page of a default site whose record is gone, or is no longer the default one."""
    host, port = _address()
    others = Site.objects.exclude(hostname=host, port=port).values("root_page")
    homes = HomePage.objects.filter(depth=2, locale=Locale.get_default())
    return homes.exclude(pk__in=others).order_by("path").first()


def create_default_site() -> list[Page]:
    """Publish the pages of a site without content and make it the default one; all of them or none."""
    with changes():
        root = Page.get_first_root_node()
        home = HomePage(title=settings.WAGTAIL_SITE_NAME, slug="start", intro=INTRO, live=False)
        root.add_child(instance=home)
        make_root_of_default_site(home)
        sections = [
            model(title=slug.capitalize(), slug=slug, show_in_menus=True, live=False)
            for slug, model in SECTIONS.items()
        ]
        for section in sections:
            home.add_child(instance=section)
        for page in [home, *sections]:
            # Through a revision, as the admin does: a page that is live without one loses `live` when an edit is
            # scheduled.
            page.save_revision().publish()
        return [home, *sections]


def make_root_of_default_site(home: HomePage) -> None:
    """Show this tree at FRONTEND_URL, in place of the welcome page that Wagtail's first migration makes."""
    host, port = _address()
    sites = Site.objects.filter(Q(is_default_site=True) | Q(hostname=host, port=port))
    site = sites.order_by("-is_default_site").first() or Site()
    welcome = site.root_page if site.pk else None
    site.is_default_site, site.hostname, site.port = True, host, port
    site.site_name = settings.WAGTAIL_SITE_NAME
    site.root_page = home
    site.save()
    if welcome and _is_welcome(welcome):
        welcome.delete()


def _address() -> tuple[str, int]:
    address = urlsplit(settings.FRONTEND_URL)
    return address.hostname or "localhost", address.port or (443 if address.scheme == "https" else 80)


def _is_welcome(page: Page) -> bool:
    """A page without a type of ours and with nothing below it."""
    return page.specific_class is Page and page.is_leaf()
