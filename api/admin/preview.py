"""While an editor is open its preview goes on, and the panel says so when the front end does not answer."""

from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from wagtail import hooks
from wagtail.admin.staticfiles import versioned_static

from api.admin.content_checks import front_ends
from api.preview.responding import renew


@require_POST
def renew_preview(request: HttpRequest) -> JsonResponse:
    """`expiresAt` of the preview that the panel at `address` shows; null if it has ended and must be opened anew."""
    ends = renew(request.user, request.POST.get("address", ""))
    return JsonResponse({"expiresAt": ends and ends.isoformat()})


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    return [path("preview/renew/", renew_preview, name="renew_preview")]


@hooks.register("insert_editor_js")
def beside_the_panel() -> SafeString:
    return format_html(
        '<script src="{}" data-address="{}" data-front-ends="{}" defer></script>',
        versioned_static("api/preview.js"),
        reverse("renew_preview"),
        " ".join(front_ends()),
    )
