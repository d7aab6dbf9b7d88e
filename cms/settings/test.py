"""For pytest: quick password hashing, files in memory, and the development defaults otherwise."""

from .development import *  # noqa: F403
from .development import MIDDLEWARE as DEVELOPMENT_MIDDLEWARE
from .development import STORAGES, TASKS

DEBUG = False
# At once, unless a test says otherwise.
TASKS = {"default": {**TASKS["default"], "BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | dict.fromkeys(("public", "private"), {"BACKEND": "django.core.files.storage.InMemoryStorage"})
# WhiteNoise warns of the folder of collected static files, which no test needs.
MIDDLEWARE = [each for each in DEVELOPMENT_MIDDLEWARE if not each.startswith("whitenoise.")]
