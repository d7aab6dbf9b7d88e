"""Pages that have to be looked at again."""

from django.db import models
from django.utils import timezone


class Reviewed(models.Model):
    """A page with a day on which it has to be read again. The day is for editors only."""

    review_due_on = models.DateField(
        "review due on",
        null=True,
        blank=True,
        db_index=True,
        help_text="By when somebody has to check that all of this still holds. Readers do not see it.",
    )

    class Meta:
        abstract = True

    @property
    def is_review_due(self) -> bool:
        return self.review_due_on is not None and self.review_due_on <= timezone.localdate()
