"""The words of a document, for whoever searches or quotes it."""

from typing import Any

from api.documents import registry
from api.documents.build import Built
from api.documents.codecs import Passage, Weight, passages


def own_text(built: Built) -> list[Passage]:
    """The public text that is a document's own: its title, then its fields in the order in which they are declared.

    Without a query. What other documents decide about is left out, since they change and are taken away by their own
    right: facts inside sentences, the names of tools, links and pictures that show only while their targets do.
    """
    values: dict[str, Any] = {name: value for group in built.groups.values() for name, value in group.items()}
    title = Passage(Weight.TITLE, built.columns["title"])
    return [title, *passages(registry.documents[built.type], values, None)]
