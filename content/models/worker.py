"""The processes that do jobs: who is alive, and whose jobs somebody else has to take up."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

SILENT_AFTER = timedelta(minutes=1)
"""A worker does its round every few seconds."""


class Worker(models.Model):
    """A `manage.py worker`, from its start. Its row outlives it for a day."""

    id = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField(help_text="When it was last heard of.")
    round_at = models.DateTimeField(null=True, help_text="When it last did everything that is done every few seconds.")

    def __str__(self) -> str:
        return self.id

    def touched_keys(self) -> set[str]:
        """None: nothing of it is public."""
        return set()

    @classmethod
    def silence(cls) -> timedelta | None:
        """For how long no worker has done its round; None if none ever has. One query."""
        last: models.Aggregate = models.Max("round_at")
        at = cls.objects.aggregate(at=last)["at"]
        return timezone.now() - at if at else None
