"""The blocks an editor writes a body with. Each has its GraphQL type of the same name in `api/blocks.py`.

What they are made of is in `content/body_part.py`. How to rename or remove one without losing what was written with it
is told in `docs/extending.md`.
"""

from typing import Any

from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from content.body_part import (
    INLINE,
    LISTS,
    PROSE,
    AnchorBlock,
    Body,
    BodyPart,
    First,
    HiddenTextBlock,
    LinesBlock,
    LinkMixin,
    PictureMixin,
    SourceBlock,
    TranscriptBlock,
    WebAddressBlock,
    errors_at,
    line_numbers,
    tool_chooser,
)
from content.embeds import PROVIDERS, provider_of

TEXT = "Text"
STRUCTURE = "Lists and steps"
MEDIA = "Media and code"
TOOLS = "Tools and facts"
LINKS = "Leading on"

LANGUAGES = [
    ("text", "Plain text"),
    ("bash", "Shell"),
    ("css", "CSS"),
    ("dockerfile", "Dockerfile"),
    ("graphql", "GraphQL"),
    ("html", "HTML"),
    ("ini", "INI"),
    ("javascript", "JavaScript"),
    ("json", "JSON"),
    ("php", "PHP"),
    ("python", "Python"),
    ("sql", "SQL"),
    ("toml", "TOML"),
    ("typescript", "TypeScript"),
    ("yaml", "YAML"),
]


# Text ----------------------------------------------------------------------------------------------------------------


class LeadBlock(BodyPart):
    text = blocks.TextBlock(max_length=600, help_text="One or two sentences that make a reader go on.")

    class Meta:
        icon = "pilcrow"
        label = "Lead"
        group = TEXT
        description = "The opening paragraph, set larger than the rest."
        label_format = "Lead: {text}"
        preview_value = {
            "text": "Every framework is an opinion. The question is whether you will still share it in a year."
        }


class HeadingBlock(BodyPart):
    text = blocks.CharBlock(max_length=200)
    level = blocks.ChoiceBlock(
        choices=[("2", "Section"), ("3", "Part of a section"), ("4", "Part of a part")],
        default="2",
        help_text="Do not leave out a level: a part belongs to the section above it.",
    )
    anchor = AnchorBlock(
        required=False,
        max_length=80,
        help_text=(
            "The end of the address that leads here. Left empty it follows the heading’s text, so fill it in with the "
            "old one before you reword a published heading."
        ),
    )

    class Meta:
        icon = "title"
        label = "Heading"
        group = TEXT
        description = "Begins a section, or a part of one. Readers can link to it."
        label_format = "Heading: {text}"
        preview_value = {"text": "What a framework decides for you", "level": "2", "anchor": ""}


class RichTextBlock(BodyPart):
    content = blocks.RichTextBlock(features=PROSE, label="Paragraphs and lists")

    class Meta:
        icon = "pilcrow"
        label = "Text"
        group = TEXT
        description = "Paragraphs and lists, with links, and with facts that stay up to date."
        label_format = "{content}"
        preview_value = {
            "content": (
                "<p>A framework is a set of <b>decisions made before you arrive</b>: where a request enters, "
                "how a query is written, what happens when it fails.</p><ul><li>Good ones can be undone.</li>"
                "<li>Great ones need not be.</li></ul>"
            )
        }


class QuoteBlock(BodyPart):
    text = blocks.TextBlock(max_length=600, label="What was said", help_text="Without quotation marks.")
    attribution = blocks.CharBlock(
        required=False, max_length=160, label="Who said it", help_text="With the role if that matters."
    )
    source_url = WebAddressBlock(required=False, label="Where", help_text="The page on which it can be read.")

    class Meta:
        icon = "openquote"
        label = "Quote"
        group = TEXT
        description = "Somebody’s words, with their name and where they can be read."
        label_format = "Quote: {text}"
        preview_value = {
            "text": "Make it work, make it right, make it fast.",
            "attribution": "Kent Beck",
            "source_url": "https://example.org/interview",
        }


class CalloutBlock(BodyPart):
    tone = blocks.ChoiceBlock(
        choices=[("note", "Note"), ("tip", "Tip"), ("warning", "Warning"), ("important", "Important")],
        default="note",
        help_text="“Warning” is for what can cost a reader data or money.",
    )
    heading = blocks.CharBlock(required=False, max_length=120)
    content = blocks.RichTextBlock(features=LISTS, label="Text")

    class Meta:
        icon = "warning"
        label = "Callout"
        group = TEXT
        description = "A short note beside the text: a tip, a warning, something important."
        label_format = "Callout: {heading}"
        preview_value = {
            "tone": "tip",
            "heading": "Start with one process",
            "content": (
                "<p>A job queue is one more thing that can stop at night. "
                "Add it when a request takes longer than a reader waits.</p>"
            ),
        }


class VerdictBlock(BodyPart):
    statement = blocks.TextBlock(max_length=300, help_text="Your judgement in one sentence.")
    tool = tool_chooser(required=False, help_text="The tool to take, if the verdict names one.")
    reasoning = blocks.RichTextBlock(required=False, features=LISTS, help_text="What decides, and for whom.")

    class Meta:
        icon = "check"
        label = "Verdict"
        group = TEXT
        description = "What the text comes to, in one sentence, with the reasons."
        label_format = "Verdict: {statement}"
        preview_value = {
            "statement": "Take the framework your team knows, until it stands in your way.",
            "tool": First("content.ToolPage"),
            "reasoning": "<p>What is learned twice is <b>paid for twice</b>.</p>",
        }


# Lists and steps ------------------------------------------------------------------------------------------------------


class StepBlock(LinkMixin, blocks.StructBlock):
    needs_link = False

    title = blocks.CharBlock(max_length=160)
    content = blocks.RichTextBlock(required=False, features=LISTS, label="Text")
    tool = tool_chooser(required=False, help_text="The tool this step uses.")
    page = blocks.PageChooserBlock(required=False, label="Page to go on", help_text="A page of this site.")
    url = WebAddressBlock(required=False, label="or address", help_text="A page elsewhere, such as a tutorial.")

    class Meta:
        icon = "list-ol"
        label_format = "{title}"


class StepsBlock(BodyPart):
    heading = blocks.CharBlock(required=False, max_length=120)
    steps = blocks.ListBlock(StepBlock(), min_num=1, label="Steps")

    class Meta:
        icon = "list-ol"
        label = "Steps"
        group = STRUCTURE
        description = "A learning path or a procedure: what to do first, second and third."
        label_format = "Steps: {heading}"
        preview_value = {
            "heading": "From nothing to a deployed page",
            "steps": [
                {
                    "title": "Read one tutorial to its end",
                    "content": "<p>Any of them. <b>Finishing</b> is what counts.</p>",
                    "tool": First("content.ToolPage"),
                    "page": None,
                    "url": "https://example.org/tutorial",
                },
                {"title": "Put it on a server", "content": "", "tool": None, "page": None, "url": ""},
            ],
        }


class ChecklistBlock(BodyPart):
    heading = blocks.CharBlock(required=False, max_length=120)
    points = blocks.ListBlock(blocks.CharBlock(max_length=255), min_num=1, label="Points")

    class Meta:
        icon = "tasks"
        label = "Checklist"
        group = STRUCTURE
        description = "Points that a reader can go through one by one."
        label_format = "Checklist: {heading}"
        preview_value = {
            "heading": "Before the first release",
            "points": ["Errors are reported to somebody", "A backup was restored once", "The secret key is secret"],
        }


class ProsConsBlock(BodyPart):
    heading = blocks.CharBlock(required=False, max_length=120)
    pros = blocks.ListBlock(blocks.CharBlock(max_length=255), min_num=1, label="What speaks for it")
    cons = blocks.ListBlock(blocks.CharBlock(max_length=255), min_num=1, label="What speaks against it")

    class Meta:
        icon = "plus-inverse"
        label = "Pros and cons"
        group = STRUCTURE
        description = "What speaks for something and what against it, side by side."
        label_format = "Pros and cons: {heading}"
        preview_value = {
            "heading": "A framework with everything in it",
            "pros": ["One way to do things", "An admin on the first day"],
            "cons": ["Its way, or a long detour"],
        }


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(max_length=200, help_text="As a reader would ask it.")
    answer = blocks.RichTextBlock(features=LISTS)

    class Meta:
        icon = "help"
        label_format = "{question}"


class QuestionsBlock(BodyPart):
    heading = blocks.CharBlock(required=False, max_length=120)
    questions = blocks.ListBlock(QuestionBlock(), min_num=1, label="Questions and answers")

    class Meta:
        icon = "help"
        label = "Questions and answers"
        group = STRUCTURE
        description = "Questions that readers ask again and again, each with a short answer."
        label_format = "Questions: {heading}"
        preview_value = {
            "heading": "What readers ask",
            "questions": [
                {"question": "Do I need a job queue?", "answer": "<p>Not while <b>one process</b> is fast enough.</p>"}
            ],
        }


# Media and code -------------------------------------------------------------------------------------------------------


class PictureBlock(PictureMixin, blocks.StructBlock):
    """A picture with what readers need to understand it, wherever they meet it."""

    image = ImageChooserBlock()
    alt = HiddenTextBlock(
        required=False,
        max_length=255,
        label="Alternative text",
        help_text="Only if it has to say something else here than the text kept with the image.",
    )
    decorative = blocks.BooleanBlock(
        required=False, label="Only decorates", help_text="It tells nothing that the text does not: it is not read out."
    )
    caption = blocks.CharBlock(required=False, max_length=255, help_text="What a reader should notice in it.")
    credit = blocks.CharBlock(
        required=False, max_length=255, help_text="Only if it differs from the credit kept with the image."
    )

    class Meta:
        icon = "image"
        label_format = "{caption}"


class ImageBlock(PictureBlock, BodyPart):
    class Meta:
        icon = "image"
        label = "Image"
        group = MEDIA
        description = "A picture with caption and credit."
        label_format = "Image: {caption}"
        preview_value = {
            "image": First("content.CustomImage", live=False),
            "alt": "",
            "decorative": False,
            "caption": "The first page after the first deployment.",
            "credit": "Toolshelf",
        }


class GalleryBlock(BodyPart):
    caption = blocks.CharBlock(required=False, max_length=255, help_text="What the pictures show together.")
    images = blocks.ListBlock(PictureBlock(), min_num=2, label="Pictures")

    class Meta:
        icon = "image"
        label = "Gallery"
        group = MEDIA
        description = "Two or more pictures that belong together."
        label_format = "Gallery: {caption}"
        preview_value = {
            "caption": "The admin, before and after",
            "images": [
                {
                    "image": First("content.CustomImage", live=False),
                    "alt": alt,
                    "decorative": False,
                    "caption": caption,
                    "credit": "",
                }
                for alt, caption in [("", "Before"), ("The same page with fewer buttons", "After")]
            ],
        }


class CodeBlock(BodyPart):
    language = blocks.ChoiceBlock(choices=LANGUAGES, default="python")
    file_name = blocks.CharBlock(required=False, max_length=200, help_text="Shown above the listing: “shop/views.py”.")
    code = SourceBlock(help_text="Indentation and empty lines are kept as they are.")
    highlighted_lines = LinesBlock(required=False, max_length=100, help_text="Lines to look at, by number: “3-5,8”.")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        last, marked = len(cleaned["code"].splitlines()), line_numbers(cleaned["highlighted_lines"])
        if marked and marked[-1] > last:
            raise errors_at(highlighted_lines=f"The listing ends with line {last}.")
        return cleaned

    class Meta:
        icon = "code"
        label = "Code"
        group = MEDIA
        description = "A listing with its language, and the file it belongs to."
        label_format = "Code: {file_name} {language}"
        preview_value = {
            "language": "python",
            "file_name": "hello.py",
            "code": '@app.get("/")\ndef hello() -> str:\n    return "Hello."\n',
            "highlighted_lines": "2-3",
        }


class CommandBlock(blocks.StructBlock):
    command = SourceBlock(rows=1, help_text="Without a prompt, so that it can be copied.")
    output = SourceBlock(required=False, help_text="What it prints, as far as it matters.")

    class Meta:
        icon = "code"
        label_format = "{command}"


class TerminalBlock(BodyPart):
    caption = blocks.CharBlock(required=False, max_length=255)
    commands = blocks.ListBlock(CommandBlock(), min_num=1, label="Commands")

    class Meta:
        icon = "code"
        label = "Terminal"
        group = MEDIA
        description = "Commands and what they print."
        label_format = "Terminal: {caption}"
        preview_value = {
            "caption": "Start a project",
            "commands": [
                {"command": "python -m venv .venv", "output": ""},
                {"command": "python --version", "output": "Python 3.13.1\n"},
            ],
        }


class TableBlock(BodyPart):
    caption = blocks.CharBlock(
        required=False, max_length=255, help_text="Says what the table shows; read out first by screen readers."
    )
    row_header = blocks.BooleanBlock(
        required=False,
        default=True,
        label="First column names the row",
        help_text="Tells screen readers which cell heads each row.",
    )
    table = TypedTableBlock(
        [
            ("text", blocks.TextBlock(required=False, label="Plain text", icon="title")),
            (
                "rich_text",
                blocks.RichTextBlock(required=False, label="Text with links", icon="pilcrow", features=INLINE),
            ),
        ],
    )

    class Meta:
        icon = "table"
        label = "Table"
        group = MEDIA
        description = "Rows and columns of short texts. To set tools side by side, write a comparison instead."
        label_format = "Table: {caption}"
        preview_value = {
            "caption": "What a back end needs, and who brings it",
            "row_header": True,
            "table": {
                "columns": [{"type": "text", "heading": "Use case"}, {"type": "rich_text", "heading": "Typical tools"}],
                "rows": [
                    {"values": ["Background jobs", "<p>Celery, <b>RQ</b>, Dramatiq</p>"]},
                    {"values": ["API", "<p>FastAPI, <b>Flask</b></p>"]},
                ],
                "caption": "",
            },
        }


class EmbedBlock(BodyPart):
    address = WebAddressBlock(
        help_text=f"The address of the recording or the slides at {', '.join(each.name for each in PROVIDERS)}."
    )
    title = blocks.CharBlock(max_length=200, help_text="What readers will see or hear, and by whom.")
    transcript = TranscriptBlock(
        required=False, features=PROSE, help_text="What is said and shown, for those who cannot see or hear it."
    )
    transcript_url = WebAddressBlock(
        required=False, label="Address of the transcript", help_text="If it can be read elsewhere."
    )

    class Meta:
        icon = "media"
        label = "Embed"
        group = MEDIA
        description = "A recording or slides kept by another service, with a transcript."
        label_format = "Embed: {title}"
        preview_value = {
            "address": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            "title": "How a request finds its way, a talk in 20 minutes",
            "transcript": "<p>Good morning. We begin with a browser.</p>",
            "transcript_url": "",
        }

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned["address"] and provider_of(cleaned["address"]) is None:
            hosts = ", ".join(each.hosts[0] for each in PROVIDERS)
            raise errors_at(address=f"Only https addresses at these hosts can be shown: {hosts}.")
        if not (cleaned["transcript"] or cleaned["transcript_url"] or self.is_deferred_validation):
            raise errors_at(transcript="Write a transcript, or enter below where it can be read.")
        return cleaned


# Tools and facts ------------------------------------------------------------------------------------------------------


class ToolCardBlock(BodyPart):
    tool = tool_chooser()
    note = blocks.CharBlock(
        required=False, max_length=255, help_text="Why it stands here: “The one we use in the examples”."
    )

    class Meta:
        icon = "wrench"
        label = "Tool card"
        group = TOOLS
        description = "Name, tagline and main facts of a tool, always as published."
        label_format = "Tool: {tool}"
        preview_value = {"tool": First("content.ToolPage"), "note": "The one used in the examples below."}


class ToolListBlock(BodyPart):
    heading = blocks.CharBlock(required=False, max_length=120)
    tools = blocks.ListBlock(tool_chooser(), min_num=0, default=[], label="Chosen tools")
    category = SnippetChooserBlock(
        "content.Category", required=False, help_text="Instead of choosing: every tool of this category."
    )
    lifecycle = blocks.ChoiceBlock(
        required=False,
        choices=[
            ("active", "Active"),
            ("maintenance", "Maintenance only"),
            ("deprecated", "Deprecated"),
            ("end_of_life", "End of life"),
        ],
        help_text="Instead of choosing, or together with a category.",
    )

    class Meta:
        icon = "list-ul"
        label = "Tool list"
        group = TOOLS
        description = "Several tools: those you choose, or all of a category or lifecycle, always as published."
        label_format = "Tools: {heading}"
        preview_value = {
            "heading": "Worth a look",
            "tools": [First("content.ToolPage")],
            "category": None,
            "lifecycle": "",
        }

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        is_filtered = cleaned["category"] or cleaned["lifecycle"]
        if len(cleaned["tools"]) and is_filtered:
            raise errors_at(category="Choose tools above, or a category and lifecycle here, not both.")
        if not (len(cleaned["tools"]) or is_filtered or self.is_deferred_validation):
            raise errors_at(category="Choose tools above, or a category or lifecycle here.")
        return cleaned


class FactBlock(BodyPart):
    fact = SnippetChooserBlock("content.Fact")
    note = blocks.CharBlock(required=False, max_length=255, help_text="Why it matters here.")

    class Meta:
        icon = "circle-check"
        label = "Fact"
        group = TOOLS
        description = "One fact of a tool with its source, always as published."
        label_format = "Fact: {fact}"
        preview_value = {"fact": First("content.Fact"), "note": "This is what decided for us."}


class ComparisonBlock(BodyPart):
    comparison = blocks.PageChooserBlock(page_type="content.ComparisonPage")
    note = blocks.CharBlock(required=False, max_length=255, help_text="Why it stands here.")

    class Meta:
        icon = "scales"
        label = "Comparison"
        group = TOOLS
        description = "The matrix of a comparison, always as published."
        label_format = "Comparison: {comparison}"
        preview_value = {"comparison": First("content.ComparisonPage"), "note": "The two that we tried."}


class UseCaseBlock(blocks.StructBlock):
    use_case = blocks.CharBlock(max_length=160, help_text="What a reader wants to do: “Background jobs”.")
    delivers = blocks.TextBlock(max_length=400, label="What it delivers")
    tools = blocks.ListBlock(tool_chooser(), min_num=0, default=[], label="Typical tools")

    class Meta:
        icon = "wrench"
        label_format = "{use_case}"


class UseCaseTableBlock(BodyPart):
    caption = blocks.CharBlock(required=False, max_length=255)
    use_cases = blocks.ListBlock(UseCaseBlock(), min_num=1, label="Use cases")

    class Meta:
        icon = "table"
        label = "Use-case table"
        group = TOOLS
        description = "Use cases, what each delivers, and the tools that are typical for it."
        label_format = "Use cases: {caption}"
        preview_value = {
            "caption": "What a back end needs, and who brings it",
            "use_cases": [
                {
                    "use_case": "Background jobs",
                    "delivers": "Answers at once, and does the slow part afterwards.",
                    "tools": [First("content.ToolPage")],
                }
            ],
        }


class StackBlock(blocks.StructBlock):
    stack = blocks.CharBlock(max_length=160, help_text="What belongs together: “Django, PostgreSQL, HTMX”.")
    excels_at = blocks.TextBlock(max_length=400, label="Where it excels")
    typical_fit = blocks.TextBlock(max_length=400, help_text="Who typically does well with it.")

    class Meta:
        icon = "shelf"
        label_format = "{stack}"


class StackTableBlock(BodyPart):
    caption = blocks.CharBlock(required=False, max_length=255)
    stacks = blocks.ListBlock(StackBlock(), min_num=1, label="Stacks")

    class Meta:
        icon = "table"
        label = "Stack table"
        group = TOOLS
        description = "Stacks, where each excels, and whom it fits."
        label_format = "Stacks: {caption}"
        preview_value = {
            "caption": "Three ways to begin",
            "stacks": [
                {
                    "stack": "Django, PostgreSQL, HTMX",
                    "excels_at": "Pages with forms, accounts and an admin.",
                    "typical_fit": "Small teams that want to ship this month.",
                }
            ],
        }


# Leading on -----------------------------------------------------------------------------------------------------------


class ResourceBlock(LinkMixin, blocks.StructBlock):
    title = blocks.CharBlock(max_length=200)
    kind = blocks.ChoiceBlock(
        choices=[
            ("article", "Article"),
            ("documentation", "Documentation"),
            ("tutorial", "Tutorial"),
            ("book", "Book"),
            ("video", "Video"),
            ("podcast", "Podcast"),
            ("course", "Course"),
            ("repository", "Repository"),
        ],
        default="article",
    )
    page = blocks.PageChooserBlock(required=False, help_text="A page of this site.")
    url = WebAddressBlock(required=False, label="or address", help_text="A page elsewhere.")
    note = blocks.CharBlock(required=False, max_length=255, help_text="What it is good for.")

    class Meta:
        icon = "link"
        label_format = "{title}"


class ResourcesBlock(BodyPart):
    heading = blocks.CharBlock(required=False, max_length=120)
    resources = blocks.ListBlock(ResourceBlock(), min_num=1, label="Resources")

    class Meta:
        icon = "link"
        label = "Resources"
        group = LINKS
        description = "Links to read on, each with its kind and what it is good for."
        label_format = "Resources: {heading}"
        preview_value = {
            "heading": "To read on",
            "resources": [
                {
                    "title": "The Python tutorial",
                    "kind": "tutorial",
                    "page": None,
                    "url": "https://docs.python.org/3/tutorial/",
                    "note": "The shortest way to the whole language.",
                }
            ],
        }


class RelatedPageBlock(blocks.StructBlock):
    page = blocks.PageChooserBlock()
    why = blocks.CharBlock(max_length=255, help_text="What a reader finds there.")

    class Meta:
        icon = "doc-empty"
        label_format = "{page}"


class RelatedBlock(BodyPart):
    heading = blocks.CharBlock(required=False, max_length=120)
    pages = blocks.ListBlock(RelatedPageBlock(), min_num=1, label="Pages")

    class Meta:
        icon = "doc-full-inverse"
        label = "Related"
        group = LINKS
        description = "Pages of this site that belong to what was just read, and why."
        label_format = "Related: {heading}"
        preview_value = {
            "heading": "Read this before",
            "pages": [{"page": First("content.ToolPage"), "why": "It explains the words used here."}],
        }


class CallToActionBlock(LinkMixin, BodyPart):
    text = blocks.TextBlock(max_length=300, help_text="Why a reader should follow.")
    label = blocks.CharBlock(max_length=60, label="Words of the button", help_text="What happens: “Compare the two”.")
    page = blocks.PageChooserBlock(required=False, help_text="A page of this site.")
    url = WebAddressBlock(required=False, label="or address", help_text="A page elsewhere.")

    class Meta:
        icon = "pick"
        label = "Call to action"
        group = LINKS
        description = "One thing to do next, as a button."
        label_format = "Call to action: {label}"
        preview_value = {
            "text": "Not sure which of the two? Put your tools side by side.",
            "label": "Compare tools",
            "page": None,
            "url": "https://example.org/compare",
        }


class BodyBlock(Body):
    """The body of every page type."""

    lead = LeadBlock()
    heading = HeadingBlock()
    rich_text = RichTextBlock()
    quote = QuoteBlock()
    callout = CalloutBlock()
    verdict = VerdictBlock()
    steps = StepsBlock()
    checklist = ChecklistBlock()
    pros_cons = ProsConsBlock()
    questions = QuestionsBlock()
    image = ImageBlock()
    gallery = GalleryBlock()
    code = CodeBlock()
    terminal = TerminalBlock()
    table = TableBlock()
    embed = EmbedBlock()
    tool_card = ToolCardBlock()
    tool_list = ToolListBlock()
    fact = FactBlock()
    comparison = ComparisonBlock()
    use_case_table = UseCaseTableBlock()
    stack_table = StackTableBlock()
    resources = ResourcesBlock()
    related = RelatedBlock()
    call_to_action = CallToActionBlock()
