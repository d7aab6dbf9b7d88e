"""From an id to the document that may be executed."""

import hashlib
import re
import time
from functools import lru_cache

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS

from api.errors import BadUserInput, DocumentNotTrusted
from api.trusted.models import TrustedDocument

PREFIX = "sha256:"
SECONDS = 5
"""So long at most a process answers a document after it was retired. A new one is answered at once."""
_ID = re.compile(PREFIX + "[0-9a-f]{64}")


def id_of(text: str) -> str:
    """The id of a document: two that differ in a space have different ones."""
    return PREFIX + hashlib.sha256(text.encode()).hexdigest()


def document(query: str | None, document_id: str | None) -> str:
    """The text of what a request asks to execute. Costs one query of SQL for an id, and for everything while
    TRUSTED_DOCUMENTS_ONLY is on; none for what this process has looked up in the last seconds.

    Raises BadUserInput for an id that is none, or not that of the query; DocumentNotTrusted for what is in no release.
    """
    if document_id is not None:
        if not _ID.fullmatch(document_id):
            raise BadUserInput(f"`documentId` has to be `{PREFIX}` and 64 hexadecimal digits in lower case.")
        if query is not None and id_of(query) != document_id:
            raise BadUserInput("`documentId` is not the SHA-256 of `query`: send one of them, or the two that match.")
    if query is None or settings.TRUSTED_DOCUMENTS_ONLY:
        return _trusted(document_id or id_of(query or ""), int(time.monotonic() / SECONDS))
    return query


@lru_cache(maxsize=500)
def _trusted(document_id: str, moment: int) -> str:
    """`moment` ends the life of what is remembered; an exception is not remembered at all."""
    digest = document_id.removeprefix(PREFIX)
    # Of the primary: a front end may ask before a replica knows its release.
    found = TrustedDocument.objects.using(DEFAULT_DB_ALIAS).filter(pk=digest).values_list("text", flat=True).first()
    if found is None:
        raise DocumentNotTrusted(
            f"{document_id} is no trusted document. Its front end's manifest has to be given to "
            "`manage.py trust_documents`, once for each release; old releases are retired."
        )
    return found
