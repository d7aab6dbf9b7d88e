"""How much a request may bring: Django writes uploads to disk before any form looks at them."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FORM = 1_000_000
"""Bytes beside the file: the other fields of its form."""


class UploadLimitMiddleware:
    """After authentication and before anything reads the body: whoever is not signed in uploads nothing. The API has
    limits of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length > FORM and not request.path.startswith("/graphql"):
            most = settings.MAX_UPLOAD_BYTES + FORM if request.user.is_authenticated else FORM
            if length > most:
                return HttpResponse("This is too large.", status=413, content_type="text/plain")
        return self.get_response(request)
