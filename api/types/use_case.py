"""What readers want to do."""

from api.documents.codecs import Weight
from api.documents.contract import column, document, field, previewed_on
from api.types.page import Node
from api.where_used import newest_page_with
from content.models.use_case import UseCase as UseCaseSnippet


@document(UseCaseSnippet)
class UseCase(Node):
    """A reader's situation: "An API that one person maintains"."""

    name: str = field("The situation in words.")
    slug: str = column("Unique among use cases.")
    description: str | None = field("Who is in this situation and what they need.", text=Weight.TEXT)


previewed_on(UseCaseSnippet)(newest_page_with)
