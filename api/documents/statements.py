"""Statements in SQL that every request runs."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection

from api.documents import database


def rows(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a statement that is asked again and again with other parameters.

    PostgreSQL takes longer to plan such a statement than to run it, so each connection keeps the plan, from the time on
    that `prepare_threshold` in the settings says. For that the parameters must not stand in the text, where Django's
    cursors put them.
    """
    with _cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _cursor() -> Any:
    read = database.connection()
    if read.vendor != "postgresql":
        return read.cursor()
    read.ensure_connection()
    return read._prepare_cursor(_preparing()(read.connection))


@cache
def _preparing() -> Any:
    from django.db.backends.postgresql.base import ServerBindingCursor

    class Preparing(ServerBindingCursor):
        """Remembers its statement, as Django's other cursors do, for those who log SQL."""

        def _convert_query(self, *given: Any) -> Any:
            self._query = super()._convert_query(*given)  # type: ignore[misc]
            return self._query

    return Preparing


def among(column: str, values: Sequence[str]) -> tuple[str, list[Any]]:
    """The condition that a column has one of these values, and its parameters. On PostgreSQL its text is the same for
    any number of them but one.
    """
    if len(values) == 1:
        return f"{column} = %s", [*values]
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)", [list(values)]
    return f"{column} IN ({', '.join(['%s'] * len(values))})", [*values]
