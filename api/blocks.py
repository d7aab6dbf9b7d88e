"""The public form of every editor block, in the order of `content/blocks.py`."""

from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

import strawberry

from api.documents.codecs import Weight
from api.documents.contract import block, derived, field, interface, part, served, stored
from api.documents.read import Cohort
from api.rich_text import RichText, plain
from api.types.tool import shelf, tools_on
from content import blocks
from content.anchors import anchors
from content.body_part import line_numbers, web_address
from content.embeds import provider_of

if TYPE_CHECKING:
    from api.types.comparison import Comparison
    from api.types.fact import Fact
    from api.types.image import Image
    from api.types.page import Node, Page
    from api.types.tool import Tool


@interface
class Block:
    """One block of a page's body. Ask for `__typename` and spread a fragment for each type that you show."""

    id: strawberry.ID = field("Stays the same while the block is edited and moved.")

    cohort: ClassVar[Cohort]
    owner: ClassVar["Page"]


def href_of(link: Any) -> str | None:
    """Where a struct with a page and an address leads: the page's path or the address; None while neither is public."""
    page: Page | None = link.page
    address: str | None = link.url
    return page.path if page else address


# Text ----------------------------------------------------------------------------------------------------------------


@block(blocks.LeadBlock)
class LeadBlock(Block):
    """The opening paragraph."""

    text: str = field("The paragraph, without formatting.", text=Weight.TEXT)


@block(blocks.HeadingBlock)
class HeadingBlock(Block):
    """The heading of a section."""

    text: str = field("The heading itself.", text=Weight.HEADING)
    level: int = field("2, 3 or 4, as in h2, h3 and h4.")

    @derived
    @staticmethod
    def anchor(value: Any) -> str:
        """For the id attribute, so that readers can link to the section; unique among the headings of one body."""
        headings = [each for each in value.siblings if isinstance(each.block, blocks.HeadingBlock)]
        found = zip(headings, anchors(each.value for each in headings), strict=True)
        return next(anchor for each, anchor in found if each.value is value.value)


@block(blocks.RichTextBlock)
class RichTextBlock(Block):
    """Paragraphs, lists and quotations."""

    content: RichText = field("The text.")


@block(blocks.QuoteBlock)
class QuoteBlock(Block):
    """Somebody's words."""

    text: str = field("What was said, without quotation marks.", text=Weight.TEXT)
    attribution: str | None = field("Who said it.", text=Weight.TEXT)

    @derived
    @staticmethod
    def source_url(value: Any) -> str | None:
        """The page on which it can be read."""
        return web_address(value.source_url)


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
    heading: str | None = field("Its heading.", text=Weight.HEADING)
    content: RichText = field("The note.")


@block(blocks.VerdictBlock)
class VerdictBlock(Block):
    """What the text comes to."""

    statement: str = field("The judgement in one sentence.", text=Weight.HEADING)
    tool: "Tool | None" = field("The tool to take; null when none is named or it is not public any more.")
    reasoning: RichText | None = field("The reasons.")


# Lists and steps ------------------------------------------------------------------------------------------------------


@part
class Step:
    """One step of a learning path or a procedure."""

    title: str = field("What to do.", text=Weight.HEADING)
    content: RichText | None = field("How to do it.")
    tool: "Tool | None" = field("The tool it uses; null when none is named or it is not public any more.")
    page: strawberry.Private["Page | None"]

    @derived
    @staticmethod
    def url(value: Any) -> strawberry.Private[str | None]:
        return web_address(value.url)

    @served(needs=["page", "url"])
    def href(self) -> str | None:
        """Where to go on: a path of the front end, or a whole address."""
        return href_of(self)


@block(blocks.StepsBlock)
class StepsBlock(Block):
    """A learning path or a procedure."""

    heading: str | None = field("Its heading.", text=Weight.HEADING)
    steps: list[Step] = field("The steps in their order.")


@block(blocks.ChecklistBlock)
class ChecklistBlock(Block):
    """Points to go through one by one."""

    heading: str | None = field("Its heading.", text=Weight.HEADING)
    points: list[str] = field("The points, without formatting.", text=Weight.TEXT)


@block(blocks.ProsConsBlock)
class ProsConsBlock(Block):
    """What speaks for something and what against it."""

    heading: str | None = field("Its heading.", text=Weight.HEADING)
    pros: list[str] = field("What speaks for it.", text=Weight.TEXT)
    cons: list[str] = field("What speaks against it.", text=Weight.TEXT)


@part
class Question:
    """A question and its answer."""

    question: str = field("As a reader would ask it.", text=Weight.HEADING)
    answer: RichText = field("The answer.")


@block(blocks.QuestionsBlock)
class QuestionsBlock(Block):
    """Questions that readers ask, with short answers."""

    heading: str | None = field("Their heading.", text=Weight.HEADING)
    questions: list[Question] = field("The questions in their order.")


# Media and code -------------------------------------------------------------------------------------------------------


def alt_of(picture: Any) -> str:
    """The text in place of a picture: none for one that decorates, else its own, else the one kept with the image."""
    if picture.decorative or picture.image is None:
        return ""
    own: str | None = picture.own_alt
    return own or str(picture.image.alt)


@block(blocks.ImageBlock)
class ImageBlock(Block):
    """A picture in the text."""

    image: "Image | None" = field("The picture; null when it is not public any more.")
    caption: str | None = field("What to notice in it.", text=Weight.TEXT)
    credit: str | None = field("Who made it; where it is null, the image's own credit holds.")
    decorative: strawberry.Private[bool]

    @derived
    @staticmethod
    def own_alt(value: Any) -> strawberry.Private[str | None]:
        return stored(value.alt)

    @served(needs=["image", "decorative", "own_alt"])
    def alt(self) -> str:
        """The text for those who do not see the picture, in place of the image's own; empty when it only decorates."""
        return alt_of(self)


@part
class GalleryImage:
    """One picture of a gallery."""

    image: "Image" = field("The picture.")
    caption: str | None = field("What to notice in it.", text=Weight.TEXT)
    credit: str | None = field("Who made it; where it is null, the image's own credit holds.")
    decorative: strawberry.Private[bool]

    @derived
    @staticmethod
    def own_alt(value: Any) -> strawberry.Private[str | None]:
        return stored(value.alt)

    @served(needs=["image", "decorative", "own_alt"])
    def alt(self) -> str:
        """The text for those who do not see the picture, in place of the image's own; empty when it only decorates."""
        return alt_of(self)


@block(blocks.GalleryBlock)
class GalleryBlock(Block):
    """Pictures that belong together."""

    caption: str | None = field("What they show together.", text=Weight.TEXT)
    images: list[GalleryImage] = field("The pictures that are public, in their order.")


@block(blocks.CodeBlock)
class CodeBlock(Block):
    """A listing."""

    language: str = field('The language for highlighting, as in "python".')
    file_name: str | None = field("The file it belongs to.", text=Weight.CODE)
    code: str = field("The listing with all its spaces and lines.", text=Weight.CODE)

    @derived
    @staticmethod
    def highlighted_lines(value: Any) -> list[int]:
        """The lines to look at, counted from 1, in ascending order."""
        last = len((value.code or "").splitlines())
        return [number for number in line_numbers(value.highlighted_lines) if number <= last]


@part
class Command:
    """A command and what it prints."""

    command: str = field("The command, without a prompt; it may have several lines.", text=Weight.CODE)
    output: str | None = field("What it prints, as far as it matters.", text=Weight.CODE)


@block(blocks.TerminalBlock)
class TerminalBlock(Block):
    """A session at a terminal."""

    caption: str | None = field("What is done.", text=Weight.TEXT)
    commands: list[Command] = field("The commands in their order.")


@part
class TableRow:
    """One row of a table."""

    cells: list[RichText] = field("As many as the table has columns.")


@block(blocks.TableBlock)
class TableBlock(Block):
    """Rows and columns of short texts."""

    caption: str | None = field("What the table shows.", text=Weight.TEXT)
    row_header: bool = field("Whether the first cell of each row names the row.")

    @derived(text=Weight.TEXT)
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


@block(blocks.EmbedBlock)
class EmbedBlock(Block):
    """A recording or slides kept by another service, which is not asked until a reader goes there."""

    title: str = field("What is to be seen or heard.", text=Weight.TEXT)
    transcript: RichText | None = field("What is said and shown.")

    @derived
    @staticmethod
    def address(value: Any) -> str:
        """Its address at the service; empty when the service is not one of those that are allowed."""
        return value.address if provider_of(value.address) else ""

    @derived
    @staticmethod
    def provider(value: Any) -> str:
        """The name of the service, as in "YouTube"."""
        found = provider_of(value.address)
        return found.name if found else ""

    @derived
    @staticmethod
    def transcript_url(value: Any) -> str | None:
        """Where a transcript can be read instead."""
        return web_address(value.transcript_url)


# Tools and facts ------------------------------------------------------------------------------------------------------


@block(blocks.ToolCardBlock)
class ToolCardBlock(Block):
    """A tool in short, always as it is published."""

    tool: "Tool | None" = field("The tool; null when it is not public any more.")
    note: str | None = field("Why it stands here.", text=Weight.TEXT)


@block(blocks.ToolListBlock, few=2)
class ToolListBlock(Block):
    """Several tools, always as they are published."""

    heading: str | None = field("Its heading.", text=Weight.HEADING)

    @derived
    @staticmethod
    def chosen(value: Any) -> strawberry.Private[list["Tool"]]:
        return stored(value.tools)

    @derived
    @staticmethod
    def shelf(value: Any) -> strawberry.Private["Node | None"]:
        return stored(None if value.tools else shelf(value.category and value.category.pk, value.lifecycle))

    category: strawberry.Private["Node | None"]

    @served(needs=["chosen", "shelf"], size=10, cost=10)
    def tools(self) -> list["Tool"]:
        """Those the editors chose, in their order; or all of a category and lifecycle, by name, at most 50."""
        key = self.__dict__["_shelf"]
        return tools_on(key, self.cohort, self.owner) if key else self.chosen


@block(blocks.FactBlock)
class FactBlock(Block):
    """One fact of a tool, always as it is published."""

    note: str | None = field("Why it matters here.", text=Weight.TEXT)

    @derived
    @staticmethod
    def reference(value: Any) -> strawberry.Private["Node | None"]:
        return stored(value.fact and f"fact:{value.fact.pk}")

    @served(needs=["reference"])
    def fact(self) -> "Fact | None":
        """The fact; null when it is not public any more."""
        return self.reference

    @served(needs=["reference"])
    def tool(self) -> "Tool | None":
        """The tool it is a fact of."""
        return self.reference.owner if self.reference else None


@block(blocks.ComparisonBlock, few=2)
class ComparisonBlock(Block):
    """The matrix of a comparison, always as it is published."""

    comparison: "Comparison | None" = field("The comparison; null when it is not public any more.")
    note: str | None = field("Why it stands here.", text=Weight.TEXT)


@part
class UseCaseRow:
    """Something to do, and the tools that are typical for it."""

    use_case: str = field("What a reader wants to do.", text=Weight.TEXT)
    delivers: str = field("What it delivers.", text=Weight.TEXT)
    tools: list["Tool"] = field("The tools that are public, in the editors' order.")


@block(blocks.UseCaseTableBlock)
class UseCaseTableBlock(Block):
    """Use cases side by side."""

    caption: str | None = field("What the table shows.", text=Weight.TEXT)
    use_cases: list[UseCaseRow] = field("The rows.")


@part
class Stack:
    """Tools that are used together."""

    stack: str = field("What belongs together, in words.", text=Weight.TEXT)
    excels_at: str = field("Where it is better than others.", text=Weight.TEXT)
    typical_fit: str = field("Who typically does well with it.", text=Weight.TEXT)


@block(blocks.StackTableBlock)
class StackTableBlock(Block):
    """Stacks side by side."""

    caption: str | None = field("What the table shows.", text=Weight.TEXT)
    stacks: list[Stack] = field("The rows.")


# Leading on -----------------------------------------------------------------------------------------------------------


@strawberry.enum(description="What kind of thing is behind a link.")
class ResourceKind(Enum):
    ARTICLE = "article"
    DOCUMENTATION = "documentation"
    TUTORIAL = "tutorial"
    BOOK = "book"
    VIDEO = "video"
    PODCAST = "podcast"
    COURSE = "course"
    REPOSITORY = "repository"


@part
class Resource:
    """Something to read on."""

    title: str = field("What it is called.", text=Weight.TEXT)
    kind: ResourceKind = field("What kind of thing it is.")
    note: str | None = field("What it is good for.", text=Weight.TEXT)
    page: strawberry.Private["Page | None"]

    @derived
    @staticmethod
    def url(value: Any) -> strawberry.Private[str | None]:
        return web_address(value.url)

    @served(needs=["page", "url"])
    def href(self) -> str:
        """A path of the front end, or a whole address."""
        return href_of(self) or ""

    def settle(self) -> bool:
        """A link that leads nowhere is not shown."""
        return href_of(self) is not None


@block(blocks.ResourcesBlock)
class ResourcesBlock(Block):
    """Links to read on."""

    heading: str | None = field("Their heading.", text=Weight.HEADING)
    resources: list[Resource] = field("The links; one to a page that is not public is left out.")


@part
class RelatedPage:
    """Another page of the site, and why to read it."""

    page: "Page" = field("The page.")
    why: str = field("What a reader finds there.", text=Weight.TEXT)


@block(blocks.RelatedBlock)
class RelatedBlock(Block):
    """Pages that belong to what was just read, chosen by the editors."""

    heading: str | None = field("Their heading.", text=Weight.HEADING)
    pages: list[RelatedPage] = field("The pages that are public, in the editors' order.")


@block(blocks.CallToActionBlock)
class CallToActionBlock(Block):
    """One thing to do next."""

    text: str = field("Why to follow.", text=Weight.TEXT)
    label: str = field("What the link says.", text=Weight.TEXT)
    page: strawberry.Private["Page | None"]

    @derived
    @staticmethod
    def url(value: Any) -> strawberry.Private[str | None]:
        return web_address(value.url)

    @served(needs=["page", "url"])
    def href(self) -> str | None:
        """A path of the front end, or a whole address; null when the page is not public any more."""
        return href_of(self)
