"""What somebody reads when the CMS fails: what that means for what was sent, and what to do."""

import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from content import outages


def failed(request: HttpRequest) -> HttpResponse:
    """Django asks it for the answer to every exception that nobody caught (`handler500`)."""
    error = sys.exc_info()[1]
    if outages.is_disk_full(error):
        return _told(
            507, "The disk is full", "What you sent was not saved. Keep it, and tell whoever operates this site."
        )
    if isinstance(error, outages.AWAY):
        outages.let_go_of_cut_connections()
        response = _told(
            503, "The database does not answer", "Look whether what you sent was saved, and try again in a few seconds."
        )
        response["Retry-After"] = outages.RETRY_AFTER
        return response
    return server_error(request)


def _told(status: int, what: str, advice: str) -> HttpResponse:
    context = {"what": what, "advice": advice, "site": settings.WAGTAIL_SITE_NAME}
    response = HttpResponse(render_to_string("cms/outage.html", context), status=status)
    response["Cache-Control"] = "no-store"
    return response
