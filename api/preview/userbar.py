"""Wagtail's user bar for a preview: its checks run in the front end's page and report to the editor's panel."""

from typing import Any
from urllib.parse import urljoin, urlsplit

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.userbar import ContentCheckerItem, apply_userbar_hooks

from api.preview.models import PreviewGrant

STYLES = ("wagtailadmin/css/core.css",)
SCRIPTS = ("wagtailadmin/js/vendor.js", "wagtailadmin/js/userbar.js")


class AdminRequest(HttpRequest):
    """What a user bar wants to know of a request: the address of the admin, and who uses it.

    The real request comes from the front end's server, which may know the CMS by another address.
    """

    in_preview_panel = True

    def __init__(self, origin: str, user: Any) -> None:
        super().__init__()
        parts = urlsplit(origin)
        self.origin_scheme = parts.scheme
        self.META["HTTP_HOST"] = parts.netloc
        self.user = user

    def _get_scheme(self) -> str:
        return self.origin_scheme


def userbar_for(grant: PreviewGrant) -> str | None:
    """The user bar as HTML, its addresses those of the admin that the preview was opened from; None for a user without
    access to the admin. Up to three queries.

    Not by Wagtail's `Userbar`: that one makes a profile for a user who has none, and reading must not write.
    """
    user = grant.user
    # Who was given a link does not edit; and the user is the one who has shared it.
    if grant.status == PreviewGrant.Status.SHARED:
        return None
    if not user.has_perm("wagtailadmin.access_admin"):
        return None
    request = AdminRequest(grant.origin, user)
    profile = getattr(user, "wagtail_userprofile", None)
    with translation.override(profile.get_preferred_language() if profile else None):
        items: list[Any] = [ContentCheckerItem()]
        apply_userbar_hooks(request, items, None)
        context = {
            "request": request,
            "origin": grant.origin,
            "styles": [urljoin(grant.origin, versioned_static(path)) for path in STYLES],
            "scripts": [urljoin(grant.origin, versioned_static(path)) for path in SCRIPTS],
        }
        rendered = [item.render_html(context) for item in items]
        return render_to_string("api/preview/userbar.html", {**context, "items": rendered})
