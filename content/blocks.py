"""The blocks an editor writes a body with. Each has its GraphQL type of the same name in `api/blocks.py`."""

from typing import Any

from django import forms
from django.utils.functional import cached_property
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageChooserBlock

TEXT = "Text"
MEDIA = "Media and code"
TOOLS = "Tools"

INLINE = ["bold", "italic", "code", "link"]
PROSE = [*INLINE, "ol", "ul", "blockquote"]

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


class BodyPart(blocks.StructBlock):
    """Base of every block: it shows itself in the block chooser with its own preview value."""

    class Meta:
        preview_template = "content/block_preview.html"
        # Choices and switches, which say nothing when read out.
        hidden_in_preview = ("level", "language", "tone", "row_header")


class HeadingBlock(BodyPart):
    text = blocks.CharBlock(max_length=200)
    level = blocks.ChoiceBlock(
        choices=[("2", "Section"), ("3", "Part of a section"), ("4", "Part of a part")],
        default="2",
        help_text="Do not leave out a level: a part belongs to the section above it.",
    )

    class Meta:
        icon = "title"
        label = "Heading"
        group = TEXT
        description = "Begins a section, or a part of one. Readers can link to it."
        label_format = "Heading: {text}"
        preview_value = {"text": "What a framework decides for you", "level": "2"}


class RichTextBlock(BodyPart):
    content = blocks.RichTextBlock(features=PROSE, label="Paragraphs and lists")

    class Meta:
        icon = "pilcrow"
        label = "Text"
        group = TEXT
        description = "Paragraphs and lists, with links to pages of this site or elsewhere."
        label_format = "{content}"
        preview_value = {
            "content": (
                "<p>A framework is a set of <b>decisions made before you arrive</b>: where a request enters, "
                "how a query is written, what happens when it fails.</p><ul><li>Good ones can be undone.</li>"
                "<li>Great ones need not be.</li></ul>"
            )
        }


class SourceBlock(blocks.TextBlock):
    """Text of which every space counts."""

    @cached_property
    def field(self) -> forms.CharField:
        field: forms.CharField = super().field
        # Django would cut the first line's indentation off.
        field.strip = False
        field.widget.attrs |= {
            "spellcheck": "false",
            "autocapitalize": "off",
            "autocomplete": "off",
            "class": "toolshelf-source",
        }
        return field


class CodeBlock(BodyPart):
    language = blocks.ChoiceBlock(choices=LANGUAGES, default="python")
    file_name = blocks.CharBlock(required=False, max_length=200, help_text="Shown above the listing: “shop/views.py”.")
    code = SourceBlock(help_text="Indentation and empty lines are kept as they are.")

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
        }


class ImageBlock(BodyPart):
    image = ImageChooserBlock(help_text="Its alternative text is kept with the image.")
    caption = blocks.CharBlock(required=False, max_length=255, help_text="What a reader should notice in it.")
    credit = blocks.CharBlock(
        required=False, max_length=255, help_text="Only if it differs from the credit kept with the image."
    )

    class Meta:
        icon = "image"
        label = "Image"
        group = MEDIA
        description = "A picture with caption and credit."
        label_format = "Image: {caption}"
        preview_value = {"image": None, "caption": "The first page after the first deployment.", "credit": "Toolshelf"}

    def get_preview_value(self) -> Any:
        """Its preview value with the oldest image there is."""
        return self.to_python({**self.meta.preview_value, "image": _first_pk(get_image_model())})


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

    def get_preview_value(self) -> Any:
        return self.to_python(self.meta.preview_value)


class CalloutBlock(BodyPart):
    tone = blocks.ChoiceBlock(
        choices=[("note", "Note"), ("tip", "Tip"), ("warning", "Warning"), ("important", "Important")],
        default="note",
        help_text="“Warning” is for what can cost a reader data or money.",
    )
    heading = blocks.CharBlock(required=False, max_length=120)
    content = blocks.RichTextBlock(features=[*INLINE, "ol", "ul"], label="Text")

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


class ToolCardBlock(BodyPart):
    tool = blocks.PageChooserBlock(page_type="content.ToolPage")
    note = blocks.CharBlock(
        required=False, max_length=255, help_text="Why it stands here: “The one we use in the examples”."
    )

    class Meta:
        icon = "wrench"
        label = "Tool card"
        group = TOOLS
        description = "Name, tagline and main facts of a tool, always as published."
        label_format = "Tool: {tool}"
        preview_value = {"tool": None, "note": "The one used in the examples below."}

    def get_preview_value(self) -> Any:
        """Its preview value with the oldest published tool there is."""
        from content.models.tool import ToolPage

        return self.to_python({**self.meta.preview_value, "tool": _first_pk(ToolPage, live=True)})


def _first_pk(model: Any, **filters: Any) -> int | None:
    pk: int | None = model.objects.filter(**filters).order_by("pk").values_list("pk", flat=True).first()
    return pk


class BodyBlock(blocks.StreamBlock):
    """The body of every page type."""

    heading = HeadingBlock()
    rich_text = RichTextBlock()
    code = CodeBlock()
    image = ImageBlock()
    table = TableBlock()
    callout = CalloutBlock()
    tool_card = ToolCardBlock()
