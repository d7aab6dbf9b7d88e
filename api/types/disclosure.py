"""What readers must know about interests behind a text."""

from api.documents.contract import document, field
from api.types.page import Node
from content.models.disclosure import Disclosure as DisclosureSnippet


@document(DisclosureSnippet)
class Disclosure(Node):
    """A note on interests behind a page. Show it before the text it is about."""

    text: str = field("The note, as whole sentences.")
