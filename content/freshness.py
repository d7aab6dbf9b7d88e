"""Which published facts nobody has looked up for too long."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.utils import timezone

from content.models.fact import Attribute, Fact


@dataclass(frozen=True)
class Staleness:
    """How many facts are stale, how many were never looked up, and the longest stale ones with `last_verified_on`."""

    stale: int = 0
    never: int = 0
    oldest: list[Any] = field(default_factory=list)


def facts_with_last_verification() -> "models.QuerySet[Fact]":
    """Published facts whose answer can become stale, each with the day of its newest verification."""
    return Fact.objects.filter(live=True, attribute__ttl_days__isnull=False).annotate(
        last_verified_on=models.Max("verifications__verified_on")
    )


def staleness(today: date | None = None, *, length: int = 5) -> Staleness:
    """As of a day; three queries however many facts there are."""
    today = today or timezone.localdate()
    lives = Attribute.objects.filter(ttl_days__isnull=False).order_by().values_list("ttl_days", flat=True).distinct()
    too_old = reduce(
        or_,
        (models.Q(attribute__ttl_days=days, last_verified_on__lte=today - timedelta(days=days)) for days in lives),
        models.Q(pk__in=[]),
    )
    facts = facts_with_last_verification()
    # Counted in SQL; the annotation of a filter must stand before both.
    counts = facts.aggregate(
        stale=models.Count("pk", filter=too_old), never=models.Count("pk", filter=models.Q(last_verified_on=None))
    )
    oldest = facts.filter(too_old).select_related("tool", "attribute").order_by("last_verified_on", "pk")[:length]
    return Staleness(stale=counts["stale"], never=counts["never"], oldest=list(oldest))
