"""The words of a document, for whoever searches or quotes it."""

from typing import Any

from api.documents import registry
from api.documents.codecs import Passage, Weight, passages
from api.documents.models import Document


def own_text(row: Document) -> list[Passage]:
    """The public text that is a document's own: its title, then its fields in the order in which they are declared;
    only the title for a tombstone.

    Without a query if its content is loaded. What other documents decide about is left out, since they change and are
    taken away by their own right: facts inside sentences, the names of tools, links and pictures that show only while
    their targets do.
    """
    title = Passage(Weight.TITLE, row.title)
    if row.content is None:
        return [title]
    values: dict[str, Any] = {**row.content.data, **row.content.parts, **row.content.body}
    return [title, *passages(registry.documents[row.type], values, None)]
