"""What readers must know about interests behind a text."""

from api.documents.contract import document, field, previewed_on
from api.types.page import Node
from api.where_used import newest_page_with
from content.models.disclosure import Disclosure as DisclosureSnippet


@document(DisclosureSnippet)
class Disclosure(Node):
    """A note on interests behind a page. Show it before the text it is about."""

    text: str = field("The note, as whole sentences.")


previewed_on(DisclosureSnippet)(newest_page_with)
