"""Who may see which preview layer, until when; and the drafts that are shared by a link."""

from django.conf import settings
from django.db import models


class PreviewGrant(models.Model):
    """One editor looks at one draft: a layer of its own and the hash of the token that opens it.

    The row's id is the number of the layer. The token is derived from the secret key and `nonce` and never stored.
    """

    class Status(models.TextChoices):
        UNSAVED = "unsaved"
        SAVED = "saved"
        SHARED = "shared"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(
        max_length=150,
        help_text='What the editor has open: "content.articlepage:12", or its type and "new".',
    )
    address = models.CharField(
        max_length=500,
        db_default="",
        help_text="Where in the admin it was asked for: what is typed, saved drafts and older ones have their own.",
    )
    object_key = models.CharField(max_length=100, help_text="The document to show.")
    nonce = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True)
    session_hash = models.CharField(
        max_length=128, help_text="Changes with the owner's password, which ends the grant."
    )
    origin = models.CharField(max_length=255, help_text="The admin's address that the editor uses.")
    status = models.CharField(max_length=10, choices=Status)
    updated_at = models.DateTimeField(help_text="When what is shown was typed or saved.")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "address"],
                condition=~models.Q(address=""),
                name="preview_one_grant_per_user_and_address",
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_key} for {self.user}"


class ShareLink(models.Model):
    """A draft that somebody may look at without an account: what its grant opens.

    Its layer holds a copy that was made when it was shared or updated; one that follows the draft is renewed with every
    saving.
    """

    grant = models.OneToOneField(PreviewGrant, on_delete=models.CASCADE, related_name="share")
    title = models.CharField(max_length=255, help_text="Of the draft, when it was shared.")
    recipient = models.CharField("for whom", max_length=120, blank=True, help_text="Only editors see it.")
    follows = models.BooleanField("follow the draft", default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.title}, shared by {self.grant.user}"
