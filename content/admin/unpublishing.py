"""Unpublishing a whole section from the admin: everything below goes at once, before Wagtail's own loop, which then
finds nothing left to do.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from wagtail import hooks
from wagtail.models import Page

from content.unpublishing import unpublish_below

LAST = 1000
"""Another hook may still answer instead, and then nothing may have been unpublished."""


@hooks.register("before_unpublish_page", order=LAST)
def before_unpublish(request: HttpRequest, page: Page) -> None:
    if request.POST.get("include_descendants"):
        _unpublish_below([page, *_translations(page)], user=request.user)


@hooks.register("before_bulk_action", order=LAST)
def before_bulk_action(request: HttpRequest, action_type: str, objects: Iterable[Any], action: Any) -> None:
    if action_type == "unpublish" and request.POST.get("include_descendants"):
        _unpublish_below([each for each in objects if isinstance(each, Page)], user=request.user)


def _unpublish_below(pages: Iterable[Page], *, user: Any) -> None:
    """Where the right is missing at the top, it may be there further down: that is left to Wagtail."""
    for page in pages:
        if page.permissions_for_user(user).can_unpublish():
            unpublish_below(page, user=user)


def _translations(page: Page) -> Iterable[Page]:
    """What goes with the page by other hooks, as Wagtail's view asks them."""
    asked = hooks.get_hooks("construct_translated_pages_to_cascade_actions") if settings.WAGTAIL_I18N_ENABLED else []
    for hook in asked:
        for pages in (hook([page], "unpublish") or {}).values():
            yield from pages
