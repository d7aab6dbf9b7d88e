"""What the feed of changes says of a document; webhooks say no more than it."""

from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from api.documents.models import Document


class Changed(NamedTuple):
    key: str
    type: str
    path: str | None
    is_gone: bool
    generation: int
    row: int


def changed(rows: QuerySet[Document], limit: int) -> list[Changed]:
    """The first of these current rows, in the order of generations. What has expired counts as taken away."""
    now = timezone.now()
    fields = ("key", "type", "path", "tombstone", "expires_at", "generation", "pk")
    return [
        Changed(
            key, type_name, path or None, tombstone or (expires_at is not None and expires_at <= now), generation, pk
        )
        for key, type_name, path, tombstone, expires_at, generation, pk in rows.order_by(
            "generation", "pk"
        ).values_list(*fields)[:limit]
    ]
