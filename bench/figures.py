"""What was measured, before it is written down."""

import statistics
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from bench.questions import Question


class Way(StrEnum):
    """How an answer comes about."""

    COLD = "cold"
    HIT = "hit"
    NOT_MODIFIED = "304"
    CONSTANT = "constant view"
    NGINX = "nginx"

    @property
    def status(self) -> int:
        return 304 if self is Way.NOT_MODIFIED else 200


@dataclass
class Server:
    port: int
    pid: int


@dataclass
class Measured:
    """One question, answered in one way."""

    server: Server
    requests: list[bytes]
    server_ms: list[float] = field(default_factory=list)
    """CPU per request, of each round."""
    database_ms: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    waited_ms: list[float] = field(default_factory=list)
    """Of each request."""
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def ms(self) -> float:
        """CPU of server and database per request."""
        return statistics.median(map(sum, zip(self.server_ms, self.database_ms, strict=True)))


@dataclass
class Size:
    """A database with so many articles, its servers, and what was measured on it."""

    articles: int
    questions: list[Question]
    cold: Server
    warm: Server
    measured: dict[tuple[str, Way], Measured] = field(default_factory=dict)
    statements: dict[tuple[str, Way], int] = field(default_factory=dict)
    bytes: dict[str, bytes] = field(default_factory=dict)
    """The first answer to each question."""
