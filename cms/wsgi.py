"""The WSGI application that gunicorn serves; production settings unless told otherwise."""

import logging
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.wsgi import get_wsgi_application

from cms.checks import refuse_unsafe_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")

_logger = logging.getLogger("request")
_django = get_wsgi_application()
refuse_unsafe_settings()
_MESSAGE = b'{"errors": [{"message": "Send UTF-8.", "extensions": {"code": "BAD_USER_INPUT"}}]}'


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, but for requests that it cannot even look at: it decodes the address by the charset of the Content-Type,
    and `charset=hex` is no encoding of texts. Whatever fails later it answers itself.
    """
    try:
        return _django(environ, start_response)
    except (LookupError, ValueError, SuspiciousOperation):
        _logger.info("A request was refused unread.", extra={"fields": {"status": 400}})
        headers = [("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "private, no-store")]
        start_response("400 Bad Request", [*headers, ("Content-Length", str(len(_MESSAGE)))])
        return [_MESSAGE]
