"""How fresh published facts are: who looked them up last, since when they are stale, and which are next.

The same rule as `Fact.verified_on` and `Fact.stale_on`, said in SQL, so that a report can filter and order by it: a
verification counts as long as its digest is that of the published answer.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, DateField, F, Func, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from content.models.fact import Fact, FactState, Verification


class DaysAfter(Func):
    """A date and a number of days; null when either is null."""

    output_field = DateField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="date(%(expressions)s || ' days')", arg_joiner=", '+' || ")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" + ")


def with_freshness(facts: QuerySet[Fact]) -> QuerySet[Any]:
    """Facts with `last_verified` and `stale_since`, the first day on which they are stale; null where there is none."""
    newest = (
        Verification.objects.filter(fact=OuterRef("pk"), digest=OuterRef("published_digest"))
        .order_by()
        .values("fact")
        .annotate(newest=Max("verified_on"))
        .values("newest")
    )
    verified = facts.annotate(last_verified=Subquery(newest))
    return verified.annotate(stale_since=DaysAfter(F("last_verified"), F("attribute__ttl_days")))


def is_stale(day: date | None = None) -> Q:
    """Verified once, but too long ago on this day (today)."""
    return Q(stale_since__lte=day or timezone.localdate())


def is_unverified() -> Q:
    """Its present answer was never looked up. Nobody can look up that nobody knows."""
    return Q(last_verified=None) & ~Q(state=FactState.UNKNOWN)


def due_facts() -> QuerySet[Any]:
    """Published facts that somebody has to look up: those stale for longest first, those never looked up last."""
    due = with_freshness(Fact.objects.filter(live=True)).filter(is_stale() | is_unverified())
    return due.order_by(F("stale_since").asc(nulls_last=True), "tool__title", "attribute__label", "pk")


@dataclass(frozen=True)
class Staleness:
    """How many facts are stale, how many were never looked up, and those stale for longest."""

    stale: int
    never: int
    oldest: list[Any]


def staleness(*, length: int = 5) -> Staleness:
    """As of today; two queries however many facts there are."""
    due = due_facts()
    counts = due.order_by().aggregate(stale=Count("pk", filter=is_stale()), never=Count("pk", filter=is_unverified()))
    oldest = due.filter(is_stale()).select_related("tool", "attribute")[:length]
    return Staleness(stale=counts["stale"], never=counts["never"], oldest=list(oldest))
