"""The public form of every editor block, in the order of `content/blocks.py`."""

from enum import Enum
from typing import TYPE_CHECKING, Any

import strawberry
from django.utils.text import slugify

from api.documents.contract import block, derived, field, interface, part, stored
from api.rich_text import RichText, plain
from content import blocks

if TYPE_CHECKING:
    from api.types.image import Image
    from api.types.tool import Tool


@interface
class Block:
    """One block of a page's body. Ask for `__typename` and spread a fragment for each type that you show."""

    id: strawberry.ID = field("Stays the same while the block is edited and moved.")


@block(blocks.HeadingBlock)
class HeadingBlock(Block):
    """The heading of a section."""

    text: str = field("The heading itself.")
    level: int = field("2, 3 or 4, as in h2, h3 and h4.")

    @derived
    @staticmethod
    def anchor(value: Any) -> str:
        """For the id attribute, so that readers can link to the section."""
        return slugify(value.text) or "section"


@block(blocks.RichTextBlock)
class RichTextBlock(Block):
    """Paragraphs, lists and quotations."""

    content: RichText = field("The text.")


@block(blocks.CodeBlock)
class CodeBlock(Block):
    """A listing."""

    language: str = field('The language for highlighting, as in "python".')
    file_name: str | None = field("The file it belongs to.")
    code: str = field("The listing with all its spaces and lines.")


@block(blocks.ImageBlock)
class ImageBlock(Block):
    """A picture in the text."""

    image: "Image | None" = field("The picture; null when it is not public any more.")
    caption: str | None = field("What to notice in it.")
    credit: str | None = field("Who made it; where it is null, the image's own credit holds.")


@part
class TableRow:
    """One row of a table."""

    cells: list[RichText] = field("As many as the table has columns.")


@block(blocks.TableBlock)
class TableBlock(Block):
    """Rows and columns of short texts."""

    caption: str | None = field("What the table shows.")
    row_header: bool = field("Whether the first cell of each row names the row.")

    @derived
    @staticmethod
    def columns(value: Any) -> list[str]:
        """The headings of the columns; empty texts where a column has none."""
        return [column["heading"] for column in value.table.columns] if value.table else []

    @derived
    @staticmethod
    def rows(value: Any) -> list[TableRow]:
        """The rows below the headings."""
        return stored([_Row(row) for row in value.table.rows] if value.table else [])


class _Row:
    """A row of a typed table; what is not rich text is made so."""

    def __init__(self, row: Any) -> None:
        self.cells = [cell.value if hasattr(cell.value, "source") else plain(str(cell.value or "")) for cell in row]


@strawberry.enum(description="What kind of note a callout is. WARNING is for what can cost a reader data or money.")
class CalloutTone(Enum):
    NOTE = "note"
    TIP = "tip"
    WARNING = "warning"
    IMPORTANT = "important"


@block(blocks.CalloutBlock)
class CalloutBlock(Block):
    """A short note beside the text."""

    tone: CalloutTone = field("What kind of note it is.")
    heading: str | None = field("Its heading.")
    content: RichText = field("The note.")


@block(blocks.ToolCardBlock)
class ToolCardBlock(Block):
    """A tool in short, always as it is published."""

    tool: "Tool | None" = field("The tool; null when it is not public any more.")
    note: str | None = field("Why it stands here.")
