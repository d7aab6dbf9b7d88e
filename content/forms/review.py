"""The day of the next review, as editing forms check it."""

from typing import Any

from django.utils import timezone


def refuse_past_review(form: Any) -> None:
    """A day that is set must be to come. One that has passed meanwhile hinders nobody from mending a mistake."""
    day = form.cleaned_data.get("review_due_on")
    if day and day < timezone.localdate() and "review_due_on" in form.changed_data:
        form.add_error("review_due_on", "This day has passed. Choose one to come, or leave the field empty.")
