"""Corrections: what was wrong on a page, dated, for readers."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from content.models.base import Child

CORRECTION_PANELS: dict[str, Any] = {
    "label": "Correction",
    "heading": "Corrections",
    "help_text": "What was wrong and what is right, shown with its date at the end of the page.",
    "panels": ["on", "text"],
}


class Correction(Child):
    """A dated note on what was wrong on a page; the abstract base of each page type's own."""

    on = models.DateField("corrected on", help_text="The day on which readers got the right text.")
    text = models.TextField(help_text="Say what was wrong and what is right. Readers see this.")

    class Meta(Child.Meta):
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.on and self.on > timezone.localdate():
            raise ValidationError({"on": "A correction cannot be dated in the future."})
