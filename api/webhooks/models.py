"""Who is told of changes, the secrets that prove who tells, and everything that was told."""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from content import outgoing

WAITING, DELIVERED, GIVEN_UP = "waiting", "delivered", "given up"


class Webhook(models.Model):
    """An address that is told of every change to what is public."""

    description = models.CharField(max_length=120, help_text="Who is told, and what for.")
    url = models.URLField(
        "address",
        max_length=500,
        validators=[URLValidator(schemes=list(outgoing.PORTS))],
        help_text="On the public internet, with https and its usual port. Redirects are not followed.",
    )
    types = models.JSONField(
        "only for", default=list, blank=True, help_text="Types of which it hears; with none chosen, of all."
    )
    is_enabled = models.BooleanField("switched on", default=True)
    switched_off_because = models.CharField(max_length=200, blank=True, editable=False)
    rests_until = models.DateTimeField(
        null=True,
        editable=False,
        help_text="It was slow to fail: nothing is sent to it until then, so that others have their turn.",
    )

    class Meta:
        ordering = ["description"]

    def __str__(self) -> str:
        return self.description

    def save(self, *args: object, **kwargs: object) -> None:
        if self.is_enabled:
            self.switched_off_because = ""
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def clean(self) -> None:
        if not self.url:
            return
        try:
            outgoing.check(self.url)
        except outgoing.Refused as refused:
            raise ValidationError({"url": f"This address cannot be told: {refused}."}) from None

    def touched_keys(self) -> set[str]:
        """None: nothing of it is public."""
        return set()


class Secret(models.Model):
    """What signs a webhook's messages. It is stored as it is, since it has to sign; nothing but the message of whoever
    made it ever shows it.
    """

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="secrets")
    value = models.CharField(max_length=100)
    made_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, help_text="There is a newer one: this one signs until then.")

    def __str__(self) -> str:
        return f"secret of {self.made_at:%Y-%m-%d %H:%M}"

    def touched_keys(self) -> set[str]:
        return set()

    @classmethod
    def signing(cls) -> QuerySet["Secret"]:
        """The newest first."""
        return cls.objects.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now())).order_by("-pk")


class Delivery(models.Model):
    """The outbox and the log: one message to one webhook, written in the transaction of what it tells."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    generation = models.BigIntegerField(null=True, help_text="The change that it tells of; none for a test.")
    body = models.TextField(help_text="The same in every attempt.")
    created_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, default=WAITING)
    attempts = models.PositiveIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True, help_text="When the last attempt was begun.")
    status = models.PositiveIntegerField(null=True, help_text="Of the last answer; none if there was no answer.")
    ms = models.PositiveIntegerField(null=True, help_text="That the last attempt took.")
    answer = models.TextField(blank=True, help_text="How the last answer begins.")
    problem = models.CharField(max_length=200, blank=True, help_text="Why the last attempt failed.")

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["-created_at"], name="delivery_newest")]

    def __str__(self) -> str:
        return self.message_id

    def touched_keys(self) -> set[str]:
        return set()

    @property
    def message_id(self) -> str:
        """By which a receiver knows a message that comes twice."""
        return f"msg_{self.pk.hex}"
