"""What a request has to know before it reads anything: one row, read by one statement."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.dateparse import parse_datetime

from api.documents import statements

KNOWN_EXPIRIES = 50
"""So many of the next moments are known at which something stops being visible."""
READ = "SELECT value, CAST(changed_at AS text), sites, expiries FROM api_generation WHERE id = 1"


@dataclass(frozen=True)
class Site:
    """A site as requests need it; its address is where its front end is reached."""

    id: int
    host: str
    url: str
    locale: str
    locales: list[str]


@dataclass(frozen=True)
class State:
    """Of everything that is published: which change was the last, which sites there are, and what will expire.

    Attributes: `generation`; `id`, which no other state of this or any other database has, not even the one of the same
    generation after a backup was restored; `sites`, the default one first; `expiries`, the soonest first.
    """

    generation: int = 0
    id: str = ""
    sites: tuple[Site, ...] = ()
    expiries: tuple[datetime, ...] = ()

    @classmethod
    def read(cls) -> "State":
        """The state as it is now; one query, without the ORM, which would take several times as long as the database
        does.
        """
        found = statements.rows(READ)
        return _state(*found[0]) if found else cls()

    def ends(self, now: datetime) -> datetime | None:
        """The moment at which the next thing stops being visible, None if nothing will; `now` if that is not known."""
        soonest = next((each for each in self.expiries if each > now), None)
        return now if soonest is None and len(self.expiries) == KNOWN_EXPIRIES else soonest


@lru_cache(maxsize=8)
def _state(value: int, changed_at: str, sites: str, expiries: str) -> State:
    moments: list[Any] = [parse_datetime(each) for each in json.loads(expiries)]
    return State(int(value), f"{value} {changed_at}", tuple(Site(**each) for each in json.loads(sites)), tuple(moments))
