"""What the blocks of a body are made of: their base, fields with rules of their own, and values for previews."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.functional import cached_property
from wagtail import blocks

INLINE = ["bold", "italic", "code", "link", "fact"]
LISTS = [*INLINE, "ol", "ul"]
PROSE = [*LISTS, "blockquote"]


@dataclass(frozen=True)
class First:
    """In a preview value: the oldest object of a model with these values."""

    model: str
    live: bool = True

    def pk(self) -> int | None:
        objects = apps.get_model(self.model)._default_manager.order_by("pk")
        found: int | None = (objects.filter(live=True) if self.live else objects).values_list("pk", flat=True).first()
        return found


def _filled(value: Any) -> Any:
    """A preview value with the objects that are there; where there is none, a list leaves it out."""
    if isinstance(value, First):
        return value.pk()
    if isinstance(value, dict):
        return {name: _filled(each) for name, each in value.items()}
    if isinstance(value, list):
        return [filled for each in value if (filled := _filled(each)) is not None]
    return value


class BodyPart(blocks.StructBlock):
    """Base of every block: it shows itself in the block chooser with its own preview value, written as it is stored."""

    class Meta:
        preview_template = "content/block_preview.html"
        # Choices and switches, which say nothing when read out.
        hidden_in_preview = ("level", "language", "tone", "row_header", "decorative", "highlighted_lines")

    def get_preview_value(self) -> Any:
        return self.to_python(_filled(self.meta.preview_value))


def errors_at(**messages: str) -> blocks.StructBlockValidationError:
    """An error that shows each message at the field of its name."""
    return blocks.StructBlockValidationError({name: ValidationError(text) for name, text in messages.items()})


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


class HiddenTextBlock(blocks.CharBlock):
    """Text that nobody reads on the page: it names, addresses or describes something."""

    is_read = False

    def get_searchable_content(self, value: str) -> list[str]:
        return []


class TranscriptBlock(blocks.RichTextBlock):
    """A long text that most readers leave closed."""

    is_read = False


class AnchorBlock(HiddenTextBlock):
    """The part of an address behind its `#`."""

    def clean(self, value: str) -> str:
        cleaned: str = super().clean(value)
        if cleaned and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cleaned):
            raise ValidationError("Use small letters, digits and single hyphens: “first-steps”.")
        return cleaned


LINES = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


class LinesBlock(HiddenTextBlock):
    """Numbers of lines: "3-5,8"."""

    def clean(self, value: str) -> str:
        cleaned: str = super().clean(value)
        parts = [part.strip() for part in cleaned.split(",")] if cleaned else []
        for part in parts:
            match = LINES.fullmatch(part)
            if match is None or not 1 <= int(match[1]) <= int(match[2] or match[1]):
                raise ValidationError("Write line numbers and ranges with commas between them: “3-5,8”.")
        return ",".join(parts)


def line_numbers(lines: str | None) -> list[int]:
    """The numbers that "3-5,8" stands for, each once and in order; what is no number is left out."""
    found: set[int] = set()
    for part in (lines or "").split(","):
        match = LINES.fullmatch(part.strip())
        if match:
            found |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    return sorted(found)


class WebAddressBlock(blocks.URLBlock):
    """An address that a browser opens; nothing but `http` and `https`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        others = [each for each in self.field.validators if not isinstance(each, URLValidator)]
        self.field.validators = [*others, URLValidator(schemes=["http", "https"])]
        self.field.error_messages["invalid"] = "Enter an address that begins with https:// or http://."


def web_address(value: Any) -> str | None:
    """The address if a browser may follow it; content that was imported may hold any."""
    return str(value) if value and urlsplit(str(value)).scheme in ("http", "https") else None


def tool_chooser(**options: Any) -> blocks.PageChooserBlock:
    return blocks.PageChooserBlock(page_type="content.ToolPage", **options)


class LinkMixin:
    """For a struct with `page` and `url`, of which an editor fills in one."""

    needs_link = True

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)  # type: ignore[misc]
        if cleaned["page"] and cleaned["url"]:
            raise errors_at(url="Choose a page or enter an address, not both.")
        if self.needs_link and not (cleaned["page"] or cleaned["url"] or self.is_deferred_validation):  # type: ignore[attr-defined]
            raise errors_at(page="Choose a page, or enter an address below.")
        return cleaned


class PictureMixin:
    """For a struct with `image`, `alt` and `decorative`: there is a text in place of the picture, or it decorates."""

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)  # type: ignore[misc]
        if cleaned["decorative"] and cleaned["alt"]:
            raise errors_at(alt="Leave this empty for a picture that only decorates, or take back “only decorates”.")
        is_told = cleaned["decorative"] or cleaned["alt"] or not cleaned["image"] or cleaned["image"].alt
        if not (is_told or self.is_deferred_validation):  # type: ignore[attr-defined]
            raise errors_at(alt="Say what the picture tells, or declare below that it only decorates.")
        return cleaned


class Body(blocks.StreamBlock):
    """A stream in which no two headings have the same anchor."""

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        errors: dict[int, ValidationError] = {}
        seen: set[str] = set()
        for position, child in enumerate(cleaned):
            anchor = child.value.get("anchor") if child.block_type == "heading" else ""
            if anchor and anchor in seen:
                errors[position] = errors_at(anchor="Another heading of this page has this anchor already.")
            seen.add(anchor)
        if errors:
            raise blocks.StreamBlockValidationError(block_errors=errors)
        return cleaned
