"""What the CMS stands on may be away: the database for a moment, room on the disk for longer."""

import errno
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")

RETRY_AFTER = "2"
"""Seconds after which it is worth asking again, for the header of that name."""
AWAY = OperationalError, InterfaceError
DISK_FULL = "53100"
"""PostgreSQL's code."""


def is_disk_full(error: BaseException | None) -> bool:
    cause: Any = getattr(error, "__cause__", None)
    if isinstance(error, AWAY):
        is_full_for_sqlite = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        return is_full_for_sqlite or getattr(cause, "sqlstate", None) == DISK_FULL
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def once_more(read: Callable[[], T]) -> T:
    """What only reads, and is read a second time if the database has cut the connection. A check before each request
    would cost each a statement.
    """
    try:
        return read()
    except AWAY:
        if not let_go_of_cut_connections():
            raise
        return read()


def let_go_of_cut_connections() -> bool:
    """Whether this thread's was one; then those that wait in the pool are looked through as well."""
    if connection.in_atomic_block or not getattr(connection.connection, "closed", False):
        return False
    connection.close()
    pool = getattr(connection, "pool", None)
    if pool is not None:
        pool.check()
    return True
