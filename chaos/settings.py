"""Production's settings with the migrations of this package, which stand for those of the next release."""

from cms.settings.production import *  # noqa: F403
from cms.settings.production import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "chaos"]
