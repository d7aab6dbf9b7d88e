"""For work on one machine: no secrets needed, SQLite under `var/`, GraphiQL and introspection on."""

from urllib.parse import urlsplit

from cms import env

from .base import *  # noqa: F403

env.VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = True
SECRET_KEY = env.SECRET_KEY or "development-only-never-in-production"
ALLOWED_HOSTS = env.ALLOWED_HOSTS or ["127.0.0.1", "localhost", "[::1]"]
# The admin is opened under either name of this machine.
_port = urlsplit(env.CMS_URL).port or 80
ADMIN_ORIGINS = env.ADMIN_ORIGINS or [f"http://{host}:{_port}" for host in ("127.0.0.1", "localhost")]
# A developer's machine asks nobody's server unless it is told to.
SOURCE_CHECK_DAYS = int(env.text("SOURCE_CHECK_DAYS", "0"))
