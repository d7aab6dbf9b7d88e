"""Sessions that have ended: Django leaves their rows."""

from importlib import import_module

from django.conf import settings

from content.changes import turn
from content.jobs import UPKEEP, job


@job("Forget ended sessions", queue=UPKEEP)
def prune() -> None:
    """One query."""
    with turn():
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
