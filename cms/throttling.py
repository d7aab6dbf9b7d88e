"""How often somebody may try to sign in, or have a mail sent that lets them choose a new password.

django-axes counts failures in the database, for all processes; a lock ends by itself after AXES_COOLOFF_TIME.
"""

import ipaddress
import unicodedata
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from wagtail.admin.forms.auth import PasswordResetForm

IP_FACTOR = 5
"""One network may fail so many times as often as one network with one name: people share networks."""
MAIL_EVERY = 600
"""Seconds between two mails to the same user."""


class Handler(AxesDatabaseHandler):
    """Counts the failures of a name from a network, and those of a network with whatever names."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        of_name, of_network = (
            sum(attempt.failures_since_start for attempt in attempts)
            for attempts in self.get_user_attempts(request, credentials)
        )
        return max(of_name, of_network // IP_FACTOR)


def username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """One name for all spellings that look the same."""
    given = str((credentials or request.POST).get("username") or "")
    return unicodedata.normalize("NFKC", given).casefold().strip()[:255]


def client_network(request: HttpRequest) -> str:
    """The address of the browser, as the outermost of our own proxies saw it; what the browser itself says of it does
    not count. With IPv6 one customer has as many addresses as they like, but one network of 64 bits.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.PROXY_COUNT:
        told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(told) >= settings.PROXY_COUNT:
            address = told[-settings.PROXY_COUNT].strip()
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return request.META.get("REMOTE_ADDR") or "0.0.0.0"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False).network_address)
    return str(found)


class ThrottledPasswordResetForm(PasswordResetForm):
    """Answers always the same, so that nobody learns who has an account."""

    def get_users(self, email: str) -> list[Any]:
        return [user for user in super().get_users(email) if _is_due(user)]


def _is_due(user: Any) -> bool:
    try:
        return bool(cache.add(f"password-reset/{user.pk}", 1, MAIL_EVERY))
    except Exception:  # every backend has exceptions of its own; a cache that is away keeps nobody out
        return True
