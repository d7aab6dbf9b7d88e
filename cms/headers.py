"""What answers tell browsers they may do with them: the content security policy, and permissions.

In the settings everything is forbidden, as for the API; the admin and the page to try queries on are allowed what they
need.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from csp.constants import HEADER, NONE, SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from wagtail.models import Site

ADMIN = "/admin/"
ADMIN_DIRECTIVES = {
    "default-src": [NONE],
    "script-src": [SELF],
    # The editor of formatted text brings styles of its own.
    "style-src": [SELF, UNSAFE_INLINE],
    # Pictures that are about to be uploaded are blobs, some icons data.
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF],
    "media-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [SELF],
}
CROSS_ORIGIN = ("/graphql", settings.STATIC_URL)
"""What pages of other origins load: answers of the API, and in previews the files of the user bar."""

UNUSED = "camera", "display-capture", "geolocation", "microphone", "midi", "payment", "publickey-credentials-get", "usb"


class PolicyMiddleware(CSPMiddleware):
    """Costs a query for each page of the admin: it frames the front ends of all sites, and nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self.of_settings = build_policy()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_usual = response.status_code < 400 and not getattr(response, "_csp_exempt", False)
        if request.path.startswith(ADMIN) or not is_usual:
            answer: HttpResponseBase = super().process_response(request, response)
            return answer
        # To build it anew for each answer of the API would cost a tenth of a kept one.
        response.headers.setdefault(HEADER, self.of_settings)
        return response

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith(ADMIN) and not report_only:
            is_page = response.get("Content-Type", "").startswith("text/html")
            frames = [SELF, *(front_ends() if is_page else [])]
            pictures = [*ADMIN_DIRECTIVES["img-src"], *media_origins()]
            parts.config = ADMIN_DIRECTIVES | {"frame-src": frames, "img-src": pictures}
        return parts


def media_origins() -> list[str]:
    """Where public files are, if that is not the CMS."""
    address = urlsplit(settings.MEDIA_URL)
    return [f"{address.scheme}://{address.netloc}"] if address.netloc else []


def front_ends() -> list[str]:
    """Their origins; the address of the default site's is in the settings."""
    others = [site.root_url for site in Site.objects.filter(is_default_site=False)]
    return sorted({settings.FRONTEND_URL, *others})


class PermissionsMiddleware:
    """Headers that no library of ours sends."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", ", ".join(f"{name}=()" for name in UNUSED))
        reach = "cross-origin" if request.path.startswith(CROSS_ORIGIN) else "same-origin"
        response.headers.setdefault("Cross-Origin-Resource-Policy", reach)
        return response
