"""Which database is read: the primary, or for the public a replica of it, if DATABASE_REPLICA_URL names one.

Editors, previews and whatever is written use the primary. What is published and its generation come from one and the
same server, so an answer of a replica that lags is an old answer, never a mixed one.
"""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from content.outages import AWAY

REPLICA = "replica"
REST = 5.0
"""Seconds for which a replica that failed is not asked."""

logger = logging.getLogger("api")
T = TypeVar("T")
_alias: ContextVar[str] = ContextVar("alias", default=DEFAULT_DB_ALIAS)
_rests_until = 0.0


def connection() -> Any:
    """To the database that is read here."""
    return connections[_alias.get()]


def has_replica() -> bool:
    return REPLICA in settings.DATABASES


def is_in_place_of_replica() -> bool:
    """Whether readers are answered here by the primary, since the replica is away: it may come back without what they
    have seen.
    """
    return has_replica() and _alias.get() == DEFAULT_DB_ALIAS


def for_readers(compute: Callable[[], T]) -> T:
    """What it gives when it reads from the replica; from the primary if there is none, or none that answers."""
    global _rests_until
    if not has_replica() or time.monotonic() < _rests_until:
        return compute()
    mark = _alias.set(REPLICA)
    try:
        return compute()
    except AWAY as error:
        logger.warning("The replica failed, so the primary is asked for %s s: %s", REST, error)
        _rests_until = time.monotonic() + REST
    finally:
        _alias.reset(mark)
    return compute()


class Router:
    """Django's, for what is read by the ORM."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return _alias.get()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, alias: str, app_label: str, **hints: Any) -> bool:
        return alias == DEFAULT_DB_ALIAS
