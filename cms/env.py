"""The only reader of the environment: every variable that Toolshelf knows, with its default and type.

`.env` beside `manage.py` is read first; a variable already set wins over it. `.env.example` explains each variable.
"""

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
# A developer's own settings must not decide what the tests find.
if os.environ.get("DJANGO_SETTINGS_MODULE") != "cms.settings.test":
    environ.Env.read_env(BASE_DIR / ".env")


def text(name: str, default: str = "") -> str:
    """An empty variable is as good as none: a copied `.env.example` contains some. A `$` in it is a `$`: secrets may
    begin with one.
    """
    return os.environ.get(name) or default


def texts(name: str) -> list[str]:
    """What stands between the commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def pairs(name: str) -> list[tuple[str, str]]:
    """What stands between the commas, at its last `=` in two: the first part may be any name of another system."""
    found = [part.rpartition("=")[::2] for part in texts(name)]
    if not all(left.strip() and right.strip() for left, right in found):
        raise ImproperlyConfigured(f"{name} is a list like this: one=another, a third=another.")
    return [(left.strip(), right.strip()) for left, right in found]


def flag(name: str) -> bool:
    """Off unless it is switched on. A slip of the pen must not leave off what was meant to be on."""
    value = text(name, "off").lower()
    if value not in ("on", "true", "yes", "1", "off", "false", "no", "0"):
        raise ImproperlyConfigured(f"{name} is on or off, not {value!r}.")
    return value in ("on", "true", "yes", "1")


VAR_DIR = Path(text("VAR_DIR", str(BASE_DIR / "var")))
PORT = int(text("PORT", "8000"))
FRONTEND_PORT = int(text("FRONTEND_PORT", "4321"))
WORKERS = int(text("WEB_CONCURRENCY", "2"))
THREADS = int(text("THREADS", "8"))

DATABASE_URL = text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}")
DATABASE_REPLICA_URL = text("DATABASE_REPLICA_URL")
CACHE_URL = text("CACHE_URL", "locmemcache://")
SECRET_KEY = text("SECRET_KEY")
SECRET_KEY_FALLBACKS = texts("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = texts("ALLOWED_HOSTS")
CMS_URL = text("CMS_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
FRONTEND_URL = text("FRONTEND_URL", f"http://127.0.0.1:{FRONTEND_PORT}").rstrip("/")
ADMIN_ORIGINS = texts("ADMIN_ORIGINS")
PROXY_COUNT = int(text("PROXY_COUNT", "0"))
EMAIL_URL = text("EMAIL_URL", "consolemail://")
MEDIA_ROOT = text("MEDIA_ROOT", str(VAR_DIR / "media"))
PRIVATE_MEDIA_ROOT = text("PRIVATE_MEDIA_ROOT", str(VAR_DIR / "private"))
MEDIA_URL = text("MEDIA_URL", "/media/").rstrip("/") + "/"
MEDIA_BUCKET = text("MEDIA_BUCKET")
PRIVATE_MEDIA_BUCKET = text("PRIVATE_MEDIA_BUCKET")
AWS_ENDPOINT_URL_S3 = text("AWS_ENDPOINT_URL_S3")
AWS_DEFAULT_REGION = text("AWS_DEFAULT_REGION", "us-east-1")
AWS_ACCESS_KEY_ID = text("AWS_ACCESS_KEY_ID")
AWS_SECRET_ACCESS_KEY = text("AWS_SECRET_ACCESS_KEY")
STATIC_ROOT = text("STATIC_ROOT", str(VAR_DIR / "static"))
SITE_NAME = text("SITE_NAME", "Toolshelf")
SETUP_PASSWORD = text("SETUP_PASSWORD")
CONTENT_LANGUAGES = texts("CONTENT_LANGUAGES") or ["en"]
SOURCE_CHECK_DAYS = int(text("SOURCE_CHECK_DAYS", "7"))
KEEP_VERSIONS_DAYS = int(text("KEEP_VERSIONS_DAYS", "90"))
KEEP_EVENTS_DAYS = int(text("KEEP_EVENTS_DAYS", "30"))
KEEP_PREVIEWS_HOURS = int(text("KEEP_PREVIEWS_HOURS", "24"))
MAX_QUERY_COST = int(text("MAX_QUERY_COST", "50000"))
MAX_QUERY_LENGTH = int(text("MAX_QUERY_LENGTH", "50000"))
MAX_QUERY_TOKENS = int(text("MAX_QUERY_TOKENS", "4000"))
MAX_QUERY_SECONDS = float(text("MAX_QUERY_SECONDS", "10"))
MAX_BODY_BYTES = int(text("MAX_BODY_BYTES", "100000"))
MAX_UPLOAD_MB = int(text("MAX_UPLOAD_MB", "20"))
MAX_ANSWER_LENGTH = int(text("MAX_ANSWER_LENGTH", "10000000"))
TRUSTED_DOCUMENTS_ONLY = flag("TRUSTED_DOCUMENTS_ONLY")
RESPONSE_CACHE_MB = int(text("RESPONSE_CACHE_MB", "32"))
SHARED_CACHE_SECONDS = int(text("SHARED_CACHE_SECONDS", "60"))
CACHE_TAG_HEADER = text("CACHE_TAG_HEADER")
PURGE_BACKEND = text("PURGE_BACKEND")
PURGE_URLS = texts("PURGE_URLS")
PURGE_TOKEN = text("PURGE_TOKEN")
METRICS_TOKEN = text("METRICS_TOKEN")
SENTRY_DSN = text("SENTRY_DSN")
OIDC_ISSUER = text("OIDC_ISSUER")
OIDC_CLIENT_ID = text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = text("OIDC_CLIENT_SECRET")
OIDC_NAME = text("OIDC_NAME", "single sign-on")
OIDC_SCOPES = text("OIDC_SCOPES", "openid profile email")
OIDC_GROUPS_CLAIM = text("OIDC_GROUPS_CLAIM", "groups")
OIDC_GROUPS = pairs("OIDC_GROUPS")
OIDC_TRUST_EMAIL = flag("OIDC_TRUST_EMAIL")
OIDC_ONLY = flag("OIDC_ONLY")
OTEL_EXPORTER_OTLP_ENDPOINT = text("OTEL_EXPORTER_OTLP_ENDPOINT")
OTEL_SERVICE_NAME = text("OTEL_SERVICE_NAME", "toolshelf")
