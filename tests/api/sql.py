"""How many statements an answer takes."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from api import caching


def queries(
    graphql: Callable[..., dict[str, Any]], query: str, variables: dict[str, Any] | None = None, *, token: str = ""
) -> int:
    """The number of statements for a query without errors."""
    caching.forget_all()
    with CaptureQueriesContext(connection) as captured:
        answer = graphql(query, variables, token=token)
    assert "errors" not in answer, answer["errors"]
    return len(captured)
