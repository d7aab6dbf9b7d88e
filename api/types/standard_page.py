"""Pages about the site itself."""

from typing import TYPE_CHECKING

from api.documents.codecs import Weight
from api.documents.contract import document, field
from api.types.page import Page
from content.models.standard_page import StandardPage as StandardPageSource

if TYPE_CHECKING:
    from api.blocks import Block


@document(StandardPageSource)
class StandardPage(Page):
    """A page about the site itself: About, Imprint, How we test."""

    intro: str = field("One or two sentences under the title; may be empty.", text=Weight.HEADING)
    body: list["Block"] = field("The blocks of the page in their order.")
