"""Public files, for `make up`: elsewhere a web server sends them, with the same headers (docs/images.md)."""

from pathlib import PurePosixPath

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe
from django.views.static import serve

from content.admin.files import INERT
from content.storage import PICTURES, own_folder


@require_safe
def public_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture to be shown, anything else to be saved; nothing of it runs. What has a name of its own may be kept for
    ever, anything else has to be asked for again.
    """
    response = serve(request, name, document_root=settings.MEDIA_ROOT)
    path = PurePosixPath(name)
    kind = PICTURES.get(path.suffix.lower())
    if "Content-Type" in response:
        response["Content-Type"] = kind or "application/octet-stream"
    if kind is None:
        response["Content-Disposition"] = content_disposition_header(True, path.name) or "attachment"
    for header, value in INERT.items():
        response[header] = value
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = "public, max-age=31536000, immutable" if own_folder(name) else "public, no-cache"
    return response
