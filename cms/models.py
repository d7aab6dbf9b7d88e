"""What the project itself has to remember, beside content and documents."""

from datetime import timedelta

from django.db import models
from django.utils import timezone


class Heartbeat(models.Model):
    """When a background process last said that it is alive; `/readyz` and operators read it."""

    name = models.CharField(max_length=50, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"

    @classmethod
    def beat(cls, name: str) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": timezone.now()})

    @classmethod
    def silence(cls, name: str) -> timedelta | None:
        """How long ago it was last heard of; None if never."""
        at = cls.objects.filter(pk=name).values_list("at", flat=True).first()
        return timezone.now() - at if at else None
