"""The typed values of facts: for each data type, what an editor may enter and the one text under which it is kept."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone

from content.money import Money


class DataType(models.TextChoices):
    BOOLEAN = "boolean", "Yes or no"
    CHOICE = "choice", "One of a list"
    NUMBER = "number", "Number"
    MONEY = "money", "Amount of money"
    TEXT = "text", "Text"
    DATE = "date", "Date"
    VERSION = "version", "Version"
    URL = "url", "Web address"
    TOOL = "tool", "Another tool"


ORDERED = (DataType.NUMBER, DataType.MONEY, DataType.DATE, DataType.VERSION)
"""The types of which one value can be better than another."""

MEASURED = (DataType.NUMBER, DataType.MONEY)
"""The types that may have a unit: "MB", "per month"."""


def canonical_value(value: str, *, data_type: str, choices: list[str], may_be_future: bool = True) -> str:
    """The text under which this value is kept, so that equal values are equal texts. Of a tool it is the name.

    Raises ValidationError with a message for the editor.
    """
    value = " ".join(value.split())
    if data_type == DataType.CHOICE:
        return _parse_choice(value, choices)
    kept = PARSERS[DataType(data_type)](value)
    if data_type == DataType.DATE and not may_be_future and date.fromisoformat(kept) > timezone.localdate():
        raise ValidationError("This day is still to come. Enter a day up to today.", code="future")
    return kept


def canonical_version(value: str) -> str:
    """The text under which a version is kept; nothing for nothing. Raises ValidationError."""
    value = " ".join(value.split())
    return _parse_version(value) if value else ""


def version_key(version: str) -> tuple[list[int], int, str]:
    """What orders canonical versions: 2.9 before 2.10, and 2.10rc1 before 2.10."""
    numbers, suffix = re.fullmatch(r"([0-9.]*)(.*)", version).groups()  # type: ignore[union-attr]
    release = [int(each) for each in numbers.split(".") if each]
    while release and release[-1] == 0:
        release.pop()
    suffix = suffix.lower().lstrip("-.+")
    is_early = re.match(r"(a|b|c|rc|alpha|beta|dev|pre|m)[^a-z]*$", suffix) is not None
    return release, -1 if is_early else 1 if suffix else 0, suffix


def _parse_boolean(value: str) -> str:
    if value:
        raise ValidationError(
            "Leave this empty: a yes-or-no attribute is answered by the state alone.", code="no_value"
        )
    return ""


def _parse_choice(value: str, choices: list[str]) -> str:
    by_folded = {choice.casefold(): choice for choice in choices}
    if value.casefold() not in by_folded:
        raise ValidationError(f"Choose one of: {', '.join(choices)}.", code="choice")
    return by_folded[value.casefold()]


def _parse_number(value: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not -30 < number.adjusted() < 30:
        raise ValidationError("Enter a number with a point before its decimals: 12 or 3.5.", code="number")
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _parse_money(value: str) -> str:
    try:
        return str(Money.parse(value))
    except ValueError:
        raise ValidationError(
            "Enter the currency by its three letters and an amount: EUR 12.50 or USD 0.", code="money"
        ) from None


def _parse_text(value: str) -> str:
    return value


def _parse_date(value: str) -> str:
    try:
        # strptime alone takes "2026-1-5" too, which would not sort as text.
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValueError
        return datetime.strptime(value, "%Y-%m-%d").date().isoformat()
    except ValueError:
        raise ValidationError("Enter a date as year-month-day: 2026-01-31.", code="date") from None


def _parse_version(value: str) -> str:
    if not re.fullmatch(r"v?[0-9]+(\.[0-9]+)*([-.+]?[A-Za-z][0-9A-Za-z.+-]*)?", value):
        raise ValidationError("Enter a version number alone: 5.2, 3.11 or 2.0.0rc1.", code="version")
    return value.removeprefix("v")


def _parse_url(value: str) -> str:
    URLValidator(
        schemes=["http", "https"], message="Enter a full web address that begins with https:// or http://.", code="url"
    )(value)
    return value


PARSERS: dict[DataType, Callable[[str], str]] = {
    DataType.BOOLEAN: _parse_boolean,
    DataType.NUMBER: _parse_number,
    DataType.MONEY: _parse_money,
    DataType.TEXT: _parse_text,
    DataType.TOOL: _parse_text,
    DataType.DATE: _parse_date,
    DataType.VERSION: _parse_version,
    DataType.URL: _parse_url,
}
