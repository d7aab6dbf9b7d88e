"""The rows of the store. They are immutable: a new version of a document closes its current row and inserts another."""

from django.db import models
from django.db.models import F, Func, Q, Value

PUBLISHED = 0
SHOWN = Q(valid_to=None, tombstone=False)
"""What lists are made of. The fewer indexes a row is in, the sooner a section of 10,000 pages has moved."""


class Content(models.Model):
    """What a version says. Versions that differ only in their place share one, so that a section of 10,000 pages moves
    without copying a word.
    """

    data = models.JSONField(default=dict, help_text="Short fields, in every list.")
    parts = models.JSONField(default=dict, help_text="Rows of the object: facts, verdicts, corrections.")
    body = models.JSONField(default=dict, help_text="Streams of blocks.")
    targets = models.JSONField(default=dict, help_text="Keys of other documents, by the field that refers to them.")

    def __str__(self) -> str:
        return f"content {self.pk}"


class Document(models.Model):
    """One version of the public form of one object, in one layer.

    Layer 0 is what is published; any other layer belongs to one preview and holds only what differs there. A tombstone
    says that the object is not there: in layer 0 it was taken away, in another layer it is hidden.
    """

    key = models.CharField(max_length=100)
    type = models.CharField(max_length=40)
    layer = models.BigIntegerField(default=PUBLISHED)
    generation = models.BigIntegerField(
        help_text="The change that brought this version; the cursor of the change feed."
    )
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(
        null=True, help_text="Not visible from this moment on, whether or not the scheduler has run."
    )
    tombstone = models.BooleanField(default=False)

    site = models.CharField(
        max_length=255, blank=True, help_text="Host name of the site; empty for what belongs to every site."
    )
    locale = models.CharField(max_length=20, blank=True)
    path = models.CharField(max_length=1000, blank=True)
    parent = models.GeneratedField(
        expression=Func(
            Func("path", Value("/"), function="RTRIM"),
            Func("path", Value("/"), Value(""), function="REPLACE"),
            function="RTRIM",
        ),
        output_field=models.CharField(max_length=1000),
        db_persist=True,
        help_text='Path of the page right above: the path without its last part; "" for the home page.',
    )
    slug = models.CharField(max_length=255, blank=True)
    title = models.CharField(max_length=255, blank=True)
    sort_title = models.CharField(max_length=255, blank=True, help_text="Title without case and accents, to order by.")
    published_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    # No constraint in the database: it would check every row of a section that moves. All of this can be rebuilt.
    content = models.ForeignKey(
        Content,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        related_name="documents",
        help_text="Of a tombstone: what comes back if nobody touches the object, None if it has to be built anew.",
    )
    digest = models.CharField(
        max_length=64, help_text="Of every public value but the place: equal digests at one place are the same version."
    )
    contract = models.CharField(max_length=16, help_text="The declared types this row was built with.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "layer"], condition=Q(valid_to=None), name="document_one_current_per_layer"
            ),
        ]
        indexes = [
            models.Index(fields=["key", "layer", "valid_to"], condition=~Q(valid_to=None), name="document_history"),
            models.Index("type", F("published_at").desc(), F("key").desc(), condition=SHOWN, name="document_newest"),
            models.Index(fields=["type", "sort_title", "key"], condition=SHOWN, name="document_by_title"),
            models.Index(fields=["type", "slug"], condition=SHOWN, name="document_by_slug"),
            models.Index(fields=["path"], name="document_by_path"),
            models.Index(fields=["parent", "sort_title", "key"], condition=SHOWN, name="document_by_parent"),
            models.Index(fields=["layer", "key"], condition=Q(layer__gt=0), name="document_in_layers"),
            models.Index(fields=["generation", "id"], condition=Q(valid_to=None), name="document_by_generation"),
            models.Index(fields=["expires_at"], condition=SHOWN & ~Q(expires_at=None), name="document_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.key} in layer {self.layer}"


class Reference(models.Model):
    """A field points at a key: for filters, reverse lookups and where-used."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="references")
    field = models.CharField(max_length=80, help_text='Type and field, as in "Article.topics".')
    target_key = models.CharField(max_length=100)

    class Meta:
        indexes = [models.Index(fields=["target_key", "field"], name="reference_by_target")]

    def __str__(self) -> str:
        return f"{self.field} → {self.target_key}"


class Generation(models.Model):
    """One row: the number of the last change that altered anything public, when it was, and what every request needs to
    know (`api.documents.state`).
    """

    value = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    sites = models.JSONField(
        default=list, help_text="Host name, address and locales of every site, the default site first."
    )
    expiries = models.JSONField(
        default=list, help_text="The next moments at which something public stops being visible, the soonest first."
    )

    def __str__(self) -> str:
        return str(self.value)


class Event(models.Model):
    """The outbox: one row per generation, for purges and webhooks, written in the same transaction as what it tells."""

    generation = models.BigIntegerField(primary_key=True)
    created_at = models.DateTimeField()
    keys = models.JSONField(help_text="Keys of the documents that changed, were added or taken away.")
    sites_changed = models.BooleanField(
        default=False,
        help_text="Whether sites came or went, or have other addresses or languages.",
    )

    def __str__(self) -> str:
        return f"generation {self.generation}: {len(self.keys)} documents"


class Purged(models.Model):
    """How much a cache in front of the API has been told of what has changed."""

    address = models.CharField(max_length=500, unique=True)
    generation = models.BigIntegerField(help_text="The last change that it was told.")
    repeated = models.BigIntegerField(help_text="The last change that it was told a second time.")

    def __str__(self) -> str:
        return f"{self.address}: generation {self.generation}"
