"""Rich text in public: cleaned when it is built, its links to pages and its facts resolved when it is read."""

import re
from html import escape, unescape
from typing import TYPE_CHECKING, Any

import nh3
import strawberry

from api.documents.codecs import Codec, Dump, register_codec

if TYPE_CHECKING:
    from api.documents.read import Cohort

TAGS = {
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "em",
    "h2",
    "h3",
    "h4",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "s",
    "strong",
    "sub",
    "sup",
    "ul",
}
SCHEMES = {"http", "https", "mailto", "tel"}
LINK = re.compile(r'<a linktype="page" id="(\d+)">(.*?)</a>', re.DOTALL)
INLINE_FACT = re.compile(r'<a linktype="fact" id="(\d+)">.*?</a>', re.DOTALL)
FACT = re.compile(r'<data value="(fact:\d+)"></data>')
UNKNOWN = "unknown"
"""Stands for a fact that is not public, as in a matrix: nobody is told whether there is one."""
BLOCK_END = re.compile(r"</(?:p|li|h[2-4]|blockquote)>|<br\s*/?>")
TAG = re.compile(r"<[^>]+>")
LABEL = "RichText.html"


@strawberry.type(
    description=(
        "Formatted text. Its HTML is safe to insert as it is; links to pages are paths of the front end, "
        'and facts are data elements: <data value="fact:12">BSD-3-Clause</data>.'
    )
)
class RichText:
    def __init__(self, stored: str, cohort: "Cohort") -> None:
        self.stored = stored
        self.cohort = cohort

    @strawberry.field(
        description="Sanitised HTML. A link to a page that is not public has become plain text, which previews mark by "
        '`<span data-check="dead-link">`.',
        metadata={"cost": 3},
    )
    def html(self) -> str:
        return FACT.sub(self._fact, LINK.sub(self._link, self.stored))

    @strawberry.field(description="The same as plain text, one line per paragraph or list item.", metadata={"cost": 3})
    def text(self) -> str:
        return unescape(TAG.sub("", BLOCK_END.sub("\n", FACT.sub(self._fact, self.stored)))).strip()

    def _link(self, match: re.Match[str]) -> str:
        page = self.cohort.resolve(f"page:{match[1]}", LABEL)
        if page:
            return f'<a href="{escape(page.path)}">{match[2]}</a>'
        is_public = self.cohort.reader.perspective.is_public
        return match[2] if is_public else f'<span data-check="dead-link">{match[2]}</span>'

    def _fact(self, match: re.Match[str]) -> str:
        fact = self.cohort.resolve(match[1], LABEL)
        return f'<data value="{match[1]}">{escape(fact.display, quote=False)}</data>' if fact else UNKNOWN


class RichTextCodec(Codec):
    """Stored in the form of the editor's database, cleaned, with its links to pages as references; of a fact only its
    key is kept, since the text that an editor saw may never have been public.
    """

    plain = False

    def dump(self, value: Any, dump: Dump, label: str) -> Any:
        source = getattr(value, "source", value) or ""
        cleaned = nh3.clean(
            source,
            tags=TAGS,
            attributes={"a": {"href", "linktype", "id"}},
            url_schemes=SCHEMES,
            link_rel=None,
            strip_comments=True,
        )
        cleaned = re.sub(r"<a [^>]*>", _normalised, cleaned)
        cleaned = INLINE_FACT.sub(r'<data value="fact:\1"></data>', cleaned)
        for match in LINK.finditer(cleaned):
            dump.refer(LABEL, f"page:{match[1]}")
        for match in FACT.finditer(cleaned):
            dump.refer(LABEL, match[1])
        return cleaned

    def load(self, raw: Any, cohort: "Cohort", label: str) -> Any:
        return RichText(raw, cohort)


def _normalised(match: re.Match[str]) -> str:
    """A link's tag with either the id of a page or a fact, or an address, and nothing else."""
    attributes = dict(re.findall(r'(\w+)="([^"]*)"', match[0]))
    if attributes.get("linktype") in ("page", "fact") and re.fullmatch("[0-9]{1,18}", attributes.get("id", "")):
        return f'<a linktype="{attributes["linktype"]}" id="{attributes["id"]}">'
    return f'<a href="{attributes["href"]}">' if attributes.get("href") else "<a>"


register_codec(RichText, RichTextCodec())


def plain(text: str) -> str:
    """The stored form of text that is not formatted."""
    return escape(text, quote=False)
