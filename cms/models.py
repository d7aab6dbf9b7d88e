"""What the project itself keeps of its users."""

from django.conf import settings
from django.db import models


class Identity(models.Model):
    """Who a user is for an OpenID Connect provider. Only issuer and subject never change and are never given to anybody
    else; names and mail addresses may be (OpenID Connect Core 1.0, 5.7).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="one_user_of_a_subject")]

    def __str__(self) -> str:
        return f"{self.subject} of {self.issuer}"
