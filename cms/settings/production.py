"""For the real thing: HTTPS only, hashed static files, and no start without its secrets."""

from django.core.exceptions import ImproperlyConfigured

from cms import env, logs

from .base import *  # noqa: F403
from .base import STORAGES

_required = ["SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS", "CMS_URL", "FRONTEND_URL"]
_missing = [name for name in _required if not env.text(name)]
if _missing:
    raise ImproperlyConfigured(f"Set {', '.join(_missing)} in the environment; .env.example explains each.")

IS_PRODUCTION = True
DEBUG = False
LOGGING = logs.config(is_json=True)
CSRF_TRUSTED_ORIGINS = [env.CMS_URL]
SECURE_SSL_REDIRECT = env.CMS_URL.startswith("https://")
# Probes, and front ends that ask beside the CMS. Whoever sends a token has sent it by then: a redirect saves nothing.
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^graphql/?$"]
# Without a proxy anybody could send this header.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.PROXY_COUNT else None
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = SECURE_SSL_REDIRECT
CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
CSRF_COOKIE_HTTPONLY = True
if SECURE_SSL_REDIRECT:
    # Browsers take cookies of these names from this host only, not from others of its domain.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
