"""What a request to /graphql was, for the log and the metrics: never its query, its variables or its token."""

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

KEY = "toolshelf.graphql"
_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,99}")


@dataclass(slots=True)
class Observed:
    """`document_id` is that of a document found by it; `error` the code of the first error."""

    operation: str | None = None
    document_id: str | None = None
    is_trusted: bool = False
    """Whether a release brought the document: names in others are anybody's."""
    cost: int | None = None
    cache: str = "bypass"
    perspective: str = "public"
    error: str | None = None

    def fields(self, status: int) -> dict[str, Any]:
        """What there is, as the log names it."""
        fields = {
            "operation": self.operation,
            "document_id": self.document_id,
            "cost": self.cost,
            "cache": self.cache_result(status),
            "perspective": self.perspective,
            "error": self.error,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def cache_result(self, status: int) -> str:
        return "304" if status == 304 else self.cache


def begin(request: HttpRequest) -> Observed:
    found = request.META[KEY] = Observed()
    return found


def of(request: HttpRequest) -> Observed | None:
    return request.META.get(KEY)


def safe_name(name: str | None) -> str | None:
    """The name of an operation, if it is one."""
    return name if name and _NAME.fullmatch(name) else None
