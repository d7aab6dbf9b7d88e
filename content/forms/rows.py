"""Rows of inline panels, as the forms of pages and snippets check them.

A draft may be unfinished: most checks wait until it is published.
"""

from collections.abc import Iterator
from typing import Any

from django.forms import BaseModelForm


def rows(form: Any, relation: str) -> Iterator["BaseModelForm[Any]"]:
    """The filled-in rows of one inline panel, without those that the editor removed."""
    formset = form.formsets.get(relation)
    if formset is None:
        return
    formset.is_valid()
    for row in formset.forms:
        if hasattr(row, "cleaned_data") and row.cleaned_data and not row.cleaned_data.get("DELETE"):
            yield row


def refuse_repeated(form: Any, relation: str, *fields: str, message: str) -> None:
    """Put the message at each row that says the same as one above it."""
    seen = set()
    for row in rows(form, relation):
        values = tuple(row.cleaned_data.get(field) for field in fields)
        if None not in values and values[0] != "" and values in seen:
            row.add_error(fields[0], message)
        seen.add(values)
