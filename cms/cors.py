"""Which browsers may send a bearer token from another origin: those that show one of our own front ends."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

ALLOWED = "Access-Control-Allow-Headers"


class BearerOriginMiddleware:
    """Around django-cors-headers, which has one list of headers for all origins: adds `authorization` for ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if ALLOWED in response and request.headers.get("Origin") in settings.BEARER_ORIGINS:
            response[ALLOWED] = f"{response[ALLOWED]}, authorization"
        return response
