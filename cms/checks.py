"""System checks: settings with which Toolshelf would be unsafe in production, or not do what they seem to say.

`manage.py check` tells all; `cms.wsgi` does not serve as long as one of them is an error.
"""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.http.request import validate_host

from cms import env
from content.storage import RELEASED, RESTRICTED, new_folder

if TYPE_CHECKING:
    from content.buckets import Bucket

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
def metrics_token_cannot_be_guessed() -> Iterator[CheckMessage]:
    token = settings.METRICS_TOKEN
    if token and (len(token) < 32 or len(set(token)) < 8):
        yield Error(
            "METRICS_TOKEN can be guessed: whoever does reads /metrics.",
            hint="Take 32 random characters at least, made as SECRET_KEY is, or none: then there is no /metrics.",
            id="toolshelf.E017",
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
def single_sign_on_is_whole() -> Iterator[CheckMessage]:
    names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    missing = [name for name in names if not getattr(settings, name)]
    if 0 < len(missing) < len(names):
        hint = "Take what your provider gave you for this CMS, or leave all three empty (docs/single-sign-on.md)."
        yield Error(f"{' and '.join(missing)}: single sign-on lacks it.", hint=hint, id="toolshelf.E018")
    if settings.OIDC_ONLY and missing:
        yield Error(
            "OIDC_ONLY lets nobody sign in by a password, and there is no single sign-on.",
            hint="Set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or leave OIDC_ONLY off.",
            id="toolshelf.E019",
        )
    if settings.OIDC_ISSUER and find_spec("authlib") is None:
        hint = "uv sync --extra oidc; the container has it."
        yield Error("OIDC_ISSUER is set, but the package authlib is not installed.", hint=hint, id="toolshelf.E020")


@in_production
def provider_is_asked_by_https() -> Iterator[CheckMessage]:
    if settings.OIDC_ISSUER and not settings.OIDC_ISSUER.startswith("https://"):
        yield Error(
            "OIDC_ISSUER is not https: whoever is on the way says who signs in.",
            hint="OpenID Connect asks for https.",
            id="toolshelf.E021",
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


@always
def buckets_are_whole() -> Iterator[CheckMessage]:
    public, private = settings.MEDIA_BUCKET, settings.PRIVATE_MEDIA_BUCKET
    if bool(public) != bool(private) or (public and public == private):
        yield Error(
            "MEDIA_BUCKET and PRIVATE_MEDIA_BUCKET are not two buckets: everybody reads the first, nobody the second.",
            hint="Name both, or none to keep files in folders (docs/scale.md).",
            id="toolshelf.E012",
        )
    elif public and not urlsplit(settings.MEDIA_URL).netloc:
        yield Error(
            f"MEDIA_URL is {settings.MEDIA_URL!r}, where the files of MEDIA_BUCKET are not.",
            hint="Write the address under which everybody reads them: https://media.example.com/",
            id="toolshelf.E013",
        )


@always
def buckets_answer() -> Iterator[CheckMessage]:
    for name, bucket in _buckets():
        try:
            bucket.ask()
        except PermissionError as error:
            yield Error(
                f"{name} cannot be used. {error}",
                hint="Look at its name, AWS_ENDPOINT_URL_S3, AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, "
                "AWS_SECRET_ACCESS_KEY, and what this key may do (docs/scale.md).",
                id="toolshelf.E014",
            )
        except OSError as error:
            # It may be back in a minute, and the API needs none of its files.
            yield Warning(
                f"{name} does not answer. {error}",
                hint="Is AWS_ENDPOINT_URL_S3 right? Without it nothing is uploaded, and files of images are not shown.",
                id="toolshelf.W005",
            )
        finally:
            bucket.client.close()


@register(Tags.security, deploy=True)
def files_are_read_by_whom_they_should(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Puts a small file into each bucket, for a moment. What is wrong with the settings is told by the others."""
    return [] if any(buckets_answer()) else list(_misread())


def _misread() -> Iterator[CheckMessage]:
    for name, bucket in _buckets():
        is_public = name == "MEDIA_BUCKET"
        file = bucket.save(f"{new_folder(RELEASED if is_public else RESTRICTED)}check.txt", ContentFile(b"check"))
        try:
            if not is_public and bucket.is_read_by_everybody(file):
                yield Error(
                    f"Everybody can read what is in {name}, where files of restricted collections are.",
                    hint="Take its policy or its public address away (docs/scale.md).",
                    id="toolshelf.E015",
                )
            elif is_public and (trouble := _unread(bucket.url(file))):
                yield Warning(
                    f"A file that was put into {name} cannot be read at {bucket.url(file)}: {trouble}.",
                    hint="Give everybody the right to read its files (docs/scale.md), and look at MEDIA_URL.",
                    id="toolshelf.W006",
                )
        finally:
            bucket.delete(file)
            bucket.client.close()


def _unread(address: str) -> str:
    try:
        status = urllib3.request("GET", address, timeout=10, retries=False).status
    except urllib3.exceptions.HTTPError as error:
        return str(error)
    return "" if status == 200 else f"the answer is {status}"


def _buckets() -> "Iterator[tuple[str, Bucket]]":
    """Of their own for the check: their connections must not be those of a process that is forked from this one."""
    for name, alias in (("MEDIA_BUCKET", "public"), ("PRIVATE_MEDIA_BUCKET", "private")):
        if settings.MEDIA_BUCKET and settings.PRIVATE_MEDIA_BUCKET:
            bucket: Any = storages.create_storage(settings.STORAGES[alias])
            yield name, bucket


SENSIBLE: dict[str, tuple[float, float]] = {
    "MAX_QUERY_COST": (1_000, 5_000_000),
    "MAX_QUERY_LENGTH": (5_000, 1_000_000),
    "MAX_QUERY_TOKENS": (500, 100_000),
    "MAX_QUERY_SECONDS": (1, 120),
    "MAX_BODY_BYTES": (10_000, 10_000_000),
    "MAX_ANSWER_LENGTH": (100_000, 200_000_000),
    "MAX_UPLOAD_MB": (1, 500),
}
"""Below the first the front end's own queries are refused; above the second the limit protects nobody."""


@always
def limits_are_sensible() -> Iterator[CheckMessage]:
    for name, (least, most) in SENSIBLE.items():
        value = getattr(settings, name)
        if not least <= value <= most:
            yield Error(
                f"{name} is {value:g}: {'less than pages need' if value < least else 'more than protects the server'}.",
                hint=f"Take something from {least:,} to {most:,}; .env.example explains it.",
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
