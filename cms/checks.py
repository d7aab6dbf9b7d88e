"""System checks: settings with which Toolshelf would be unsafe in production, or not do what they seem to say.

`manage.py check` tells all; `cms.wsgi` does not serve as long as one of them is an error.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from cms import env

Check = Callable[[], Iterator[CheckMessage]]

_checks: list[Check] = []


def always(check: Check) -> Check:
    _checks.append(check)
    return check


def in_production(check: Check) -> Check:
    """Development is none of these: it answers on this machine only."""

    def guarded() -> Iterator[CheckMessage]:
        if settings.IS_PRODUCTION:
            yield from check()

    _checks.append(guarded)
    return check


@register(Tags.security)
def settings_are_safe(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    return [message for check in _checks for message in check()]


def refuse_unsafe_settings() -> None:
    """For servers, which run no checks by themselves."""
    errors = [message for message in settings_are_safe() if message.is_serious()]
    if errors:
        raise ImproperlyConfigured("\n".join(["Toolshelf does not serve with these settings.", *map(str, errors)]))


@in_production
def secret_key_cannot_be_guessed() -> Iterator[CheckMessage]:
    key = settings.SECRET_KEY
    if len(key) < 50 or len(set(key)) < 10 or key.startswith("django-insecure-"):
        yield Error(
            "SECRET_KEY can be guessed: whoever does signs in as anybody.",
            hint='Make one: python -c "import secrets; print(secrets.token_urlsafe(50))"',
            id="toolshelf.E001",
        )


@in_production
def debugging_is_off() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        hint = "Take DEBUG out of your settings; cms/settings/development.py is for that."
        yield Error("DEBUG shows settings and source code to everybody.", hint=hint, id="toolshelf.E002")


@in_production
def hosts_are_named() -> Iterator[CheckMessage]:
    if any(host.strip(".") in ("", "*") for host in settings.ALLOWED_HOSTS):
        yield Error(
            "ALLOWED_HOSTS allows every host: links in mails would lead where a sender of requests wants.",
            hint="List the names under which the CMS is reached.",
            id="toolshelf.E003",
        )


@always
def addresses_are_origins() -> Iterator[CheckMessage]:
    for name, address in _addresses():
        if not _is_origin(address):
            yield Error(
                f"{name} is {address!r}, which is not the address of a server.",
                hint="Write scheme and host, and a port if it is not the usual one: https://cms.example.com",
                id="toolshelf.E004",
            )


@in_production
def admin_answers_under_its_addresses() -> Iterator[CheckMessage]:
    for name, address in _addresses():
        host = urlsplit(address).hostname or ""
        if name != "FRONTEND_URL" and not validate_host(host, settings.ALLOWED_HOSTS):
            hint = f"Add {host} to ALLOWED_HOSTS, or correct {name}."
            yield Error(f"{name} has a host that ALLOWED_HOSTS lacks.", hint=hint, id="toolshelf.E005")


@in_production
def front_end_has_an_origin_of_its_own() -> Iterator[CheckMessage]:
    """What runs in the front end must not reach the admin, which frames it."""
    cms, front_end = urlsplit(settings.CMS_URL), urlsplit(settings.FRONTEND_URL)
    hint = "Give the front end a host name of its own."
    if cms.netloc == front_end.netloc:
        yield Error("CMS_URL and FRONTEND_URL are the same origin.", hint=hint, id="toolshelf.E006")
    elif cms.hostname == front_end.hostname:
        words = "CMS_URL and FRONTEND_URL differ by their ports only: the front end receives the admin's cookies."
        yield Warning(words, hint=hint, id="toolshelf.W001")


@in_production
def addresses_are_encrypted() -> Iterator[CheckMessage]:
    for name, address in _addresses():
        if address.startswith("http://"):
            yield Warning(
                f"{name} is not https: passwords and sessions can be read on the way.",
                hint="Good enough for a trial on a network of your own.",
                id="toolshelf.W002",
            )


@in_production
def encryption_ends_at_a_proxy() -> Iterator[CheckMessage]:
    """gunicorn speaks no TLS here, so every request would be redirected to where it came from."""
    if settings.CMS_URL.startswith("https://") and not settings.PROXY_COUNT:
        yield Error(
            "CMS_URL is https, but PROXY_COUNT says that no proxy stands before the CMS.",
            hint="Count the proxies of your own that a request passes: usually PROXY_COUNT=1.",
            id="toolshelf.E011",
        )


@in_production
def database_serves_many() -> Iterator[CheckMessage]:
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Warning(
            "SQLite lets one process write at a time, on one machine.",
            hint="Good enough for a trial. Use PostgreSQL for more than one editor, and for more than one host.",
            id="toolshelf.W003",
        )


@always
def replica_is_one() -> Iterator[CheckMessage]:
    databases = settings.DATABASES
    if "replica" not in databases:
        return
    if databases["default"]["ENGINE"].endswith("sqlite3") or databases["replica"]["ENGINE"].endswith("sqlite3"):
        yield Error(
            "DATABASE_REPLICA_URL is for PostgreSQL.",
            hint="Leave it empty, or name a streaming replica of the database in DATABASE_URL (docs/scale.md).",
            id="toolshelf.E016",
        )


@always
def served_folders_are_apart() -> Iterator[CheckMessage]:
    """`content.E001` is about private files."""
    media, static = Path(settings.MEDIA_ROOT).resolve(), Path(settings.STATIC_ROOT).resolve()
    if media.is_relative_to(static) or static.is_relative_to(media):
        yield Error(
            "MEDIA_ROOT is inside STATIC_ROOT, or the other way round: uploads would be served as files of the admin.",
            hint="Name two folders beside each other.",
            id="toolshelf.E007",
        )


@always
def purging_is_whole() -> Iterator[CheckMessage]:
    """`api.E007` is about a PURGE_BACKEND that lacks something."""
    if settings.PURGE_BACKEND:
        return
    for name in ("PURGE_URLS", "PURGE_TOKEN", "CACHE_TAG_HEADER"):
        if getattr(settings, name):
            yield Warning(
                f"{name} is set, but without PURGE_BACKEND no cache is told what has changed.",
                hint="Set PURGE_BACKEND (docs/caching.md), or leave the other empty.",
                id="toolshelf.W004",
            )


SENSIBLE: dict[str, tuple[float, float]] = {
    "MAX_QUERY_COST": (1_000, 5_000_000),
    "MAX_QUERY_LENGTH": (5_000, 1_000_000),
    "MAX_QUERY_TOKENS": (500, 100_000),
    "MAX_QUERY_SECONDS": (1, 120),
    "MAX_BODY_BYTES": (10_000, 10_000_000),
    "MAX_ANSWER_LENGTH": (100_000, 200_000_000),
    "MAX_UPLOAD_BYTES": (2**20, 500 * 2**20),
}
"""Below the first the front end's own queries are refused; above the second the limit protects nobody."""


@always
def limits_are_sensible() -> Iterator[CheckMessage]:
    for name, (least, most) in SENSIBLE.items():
        value = getattr(settings, name)
        if not least <= value <= most:
            yield Error(
                f"{name} is {value:g}: {'less than pages need' if value < least else 'more than protects the server'}.",
                hint=f"Take something from {least:,} to {most:,}; docs/api-limits.md explains it.",
                id="toolshelf.E008",
            )


@always
def numbers_count_something() -> Iterator[CheckMessage]:
    for name, least in (
        ("SOURCE_CHECK_DAYS", 0),
        ("KEEP_VERSIONS_DAYS", 0),
        ("KEEP_EVENTS_DAYS", 0),
        ("KEEP_PREVIEWS_HOURS", 1),
        ("PROXY_COUNT", 0),
    ):
        if getattr(settings, name) < least:
            hint = ".env.example says what it means."
            yield Error(f"{name} is less than {least}.", hint=hint, id="toolshelf.E009")
    for name, value in (("WEB_CONCURRENCY", env.WORKERS), ("THREADS", env.THREADS)):
        if not 1 <= value <= 256:
            hint = "As many processes as there are cores, with 8 threads each."
            yield Error(f"{name} is {value}.", hint=hint, id="toolshelf.E010")


def _addresses() -> list[tuple[str, str]]:
    return [
        ("CMS_URL", settings.CMS_URL),
        ("FRONTEND_URL", settings.FRONTEND_URL),
        *(("ADMIN_ORIGINS", origin) for origin in settings.ADMIN_ORIGINS if origin != settings.CMS_URL),
    ]


def _is_origin(address: str) -> bool:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  raises for what is no port
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and not (parts.path or parts.query or parts.fragment)
    )
