"""What files say beside a model's own fields, by model."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date

from content.interchange.nodes import Node, Problem
from content.interchange.references import References
from content.models.fact import Fact, Verification


class VerifiedOn:
    """The day on which a fact's published value was last looked up.

    Verifications are only ever added: an import adds one if the file's day is later than what is known, and only when
    it publishes.
    """

    name = "verified_on"

    def dump(self, fact: Fact, references: References) -> Any:
        return getattr(fact, "_verified_on", None) or fact.verified_on

    def load(self, fact: Any, node: Node, references: References) -> None:
        if node.value is None:
            return
        try:
            day = parse_date(node.text())
        except ValueError:
            day = None
        if day is None:
            raise Problem("Enter a date as year-month-day: 2026-01-31.", node.line)
        if day > timezone.localdate():
            raise Problem("Nobody can have looked it up on a day that is still to come.", node.line)
        known = fact.verified_on
        if known is None or day > known:
            fact._verified_on = day

    def published(self, fact: Any, row: Fact) -> None:
        """Called with the fact as imported and as it now is in the database."""
        day: date | None = getattr(fact, "_verified_on", None)
        if day is None:
            return
        source = next(iter(row.sources), None)
        verification = Verification(fact=row, verified_on=day, source=source)
        try:
            verification.save()
        except ValidationError as error:
            raise Problem(" ".join(error.messages)) from None


EXTRAS: dict[Any, list[VerifiedOn]] = {Fact: [VerifiedOn()]}


def extras_of(model: Any) -> list[VerifiedOn]:
    return EXTRAS.get(model, [])
