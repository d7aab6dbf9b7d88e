"""Production's settings, but for one address more: that of a view that does nothing."""

from cms.settings.production import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
