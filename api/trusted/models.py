"""Which documents are trusted, and since which release of a front end."""

from django.db import models


class TrustedDocument(models.Model):
    """A GraphQL document under the SHA-256 of its text. Rows are immutable; one without a release is deleted."""

    digest = models.CharField(max_length=64, primary_key=True)
    text = models.TextField()

    def __str__(self) -> str:
        return f"sha256:{self.digest}"


class FrontendRelease(models.Model):
    """The documents of one manifest. The id is the number that operators see, and never used again."""

    digest = models.CharField(max_length=64, unique=True, help_text="Of the ids of its documents.")
    label = models.CharField(max_length=100, blank=True)
    trusted_at = models.DateTimeField(help_text="When its manifest was last given: the newest one is in use.")
    documents = models.ManyToManyField(TrustedDocument, related_name="releases")

    class Meta:
        ordering = ["-trusted_at", "-id"]

    def __str__(self) -> str:
        return f"release {self.pk} {self.label}".rstrip()
