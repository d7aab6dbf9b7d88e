"""Every key that can have a document, in batches."""

from collections.abc import Iterator

from wagtail.models import Page

from api.documents import contract
from api.documents.models import PUBLISHED, Document
from api.documents.publishing import BATCH


def all_keys() -> Iterator[str]:
    """The key of every object that may be public, then of every published document whose object is gone; read in
    batches.
    """
    for kind, models in contract.kinds().items():
        for model in [Page] if kind == "page" else models:
            for pk in model._default_manager.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000):
                yield f"{kind}:{pk}"
    rows = Document.objects.filter(layer=PUBLISHED, valid_to=None, tombstone=False).order_by("key")
    for key in rows.values_list("key", flat=True).iterator(chunk_size=2000):
        if not _exists(key):
            yield key


def count_keys() -> int:
    """About how many keys `all_keys` gives; one query per model."""
    return sum(model._default_manager.count() for kind, models in contract.kinds().items() for model in models)


def _exists(key: str) -> bool:
    kind, _, pk = key.partition(":")
    return any(model._default_manager.filter(pk=pk).exists() for model in contract.kinds().get(kind, []))


def batches() -> Iterator[list[str]]:
    batch: list[str] = []
    for key in all_keys():
        batch.append(key)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
