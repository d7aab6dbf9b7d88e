"""Rich text in public: cleaned when it is built, its links to pages and its facts resolved when it is read.

    editor's HTML ─ nh3 ─▶ clean ─ parsed ─▶ tree ─ written ─▶ stored       once, when the document is built
    stored ─ two substitutions ─▶ html      stored ─ parsed ─▶ tree ─▶ json       for every answer

HTML is not written from the tree when it is read: that took thirty times as long.
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import TYPE_CHECKING, Any

import nh3
import strawberry
from strawberry.scalars import JSON

from api.documents import registry
from api.documents.codecs import Codec, Dump, Passage, Weight, register_codec
from api.rich_text_tree import TAGS, Node, append_text, nodes_in, parsed, written
from content.anchors import free_anchor

if TYPE_CHECKING:
    from api.documents.read import Cohort

SCHEMES = {"http", "https", "mailto", "tel"}
LINK = re.compile(r'<a linktype="page" id="(\d+)">(.*?)</a>', re.DOTALL)
FACT = re.compile(r'<data value="(fact:\d+)"></data>')
UNKNOWN = "unknown"
"""Stands for a fact that is not public, as in a matrix: nobody is told whether there is one."""
BLOCK_END = re.compile(r"</(?:p|li|h[2-4]|blockquote)>|<br\s*/?>")
TAG = re.compile(r"<[^>]+>")
HEADING = re.compile(r'<h([2-4])(?: id="([^"]*)")?>(.*?)</h[2-4]>')
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
        return LINK.sub(self._link, self.with_facts())

    @strawberry.field(description="The same as plain text, one line per paragraph or list item.", metadata={"cost": 3})
    def text(self) -> str:
        return _plain(self.with_facts())

    def with_facts(self) -> str:
        """The stored form with what facts say now."""
        return FACT.sub(self._fact, self.stored)

    @strawberry.field(
        description="The same as a tree of typed nodes, for front ends that show links and facts with components of "
        'their own: `{"type": "root", "content": [{"type": "paragraph", "content": […]}]}`. docs/rich-text.md has the '
        "grammar, docs/rich-text.schema.json its JSON Schema.",
        metadata={"cost": 30},
    )
    def json(self) -> JSON:
        return JSON({"type": "root", "content": self._public(parsed(self.stored))})

    def target(self, key: str) -> Any:
        """The page or the fact that the text leads to; None when the request may not see it. Nothing else decides."""
        return self.cohort.resolve(key, LABEL)

    @property
    def _is_public(self) -> bool:
        return self.cohort.reader.perspective.is_public

    def _link(self, match: re.Match[str]) -> str:
        page = self.target(f"page:{match[1]}")
        if page:
            return f'<a href="{escape(page.path)}">{match[2]}</a>'
        return match[2] if self._is_public else f'<span data-check="dead-link">{match[2]}</span>'

    def _fact(self, match: re.Match[str]) -> str:
        fact = self.target(match[1])
        return f'<data value="{match[1]}">{escape(fact.display, quote=False)}</data>' if fact else UNKNOWN

    def _public(self, nodes: list[Node]) -> list[Node]:
        """The nodes as the request may see them."""
        result: list[Node] = []
        for node in nodes:
            shown = [{**node, "content": self._public(node["content"])} if "content" in node else node]
            if node["type"] == "link":
                shown = self._shown_link(shown[0])
            elif node["type"] == "fact":
                shown = [_fact_node(node["key"], self.target(node["key"]), node["marks"])]
            for each in shown:
                if each["type"] == "text":
                    append_text(result, each["text"], each["marks"])
                else:
                    result.append(each)
        return result

    def _shown_link(self, link: Node) -> list[Node]:
        """Only what is in it, where it leads to a page that the request may not see."""
        if "href" in link:
            return [{"type": "link", "kind": _kind(link["href"]), **link}]
        page = self.target(link["key"])
        content: list[Node] = link["content"]
        if page:
            about = {"id": page.id, "type": type(page).__name__, "title": page.title, "path": page.path}
            return [{"type": "link", "kind": "page", "href": page.path, "page": about, "content": content}]
        return content if self._is_public else [{"type": "deadLink", "content": content}]


def _kind(href: str) -> str:
    """What is behind an address that an editor wrote."""
    scheme, colon, _ = href.partition(":")
    kinds = {"http": "external", "https": "external", "mailto": "mail", "tel": "tel"}
    return kinds.get(scheme.lower(), "local") if colon else "external" if href.startswith("//") else "local"


def _fact_node(key: str, fact: Any, marks: list[str]) -> Node:
    node: Node = {
        "type": "fact",
        "id": None,
        "state": "UNKNOWN",
        "display": UNKNOWN,
        "qualifier": None,
        "attribute": None,
        "tool": None,
        "source": None,
        "verifiedOn": None,
        "staleOn": None,
        "marks": marks,
    }
    if fact:
        attribute, tool, source = fact.attribute, fact.owner, next(iter(fact.sources), None)
        node |= {
            "id": key,
            "state": fact.state.name,
            "display": fact.display,
            "qualifier": fact.qualifier,
            "attribute": attribute and {"key": attribute.key, "label": attribute.label},
            "tool": {"id": tool.id, "name": tool.name, "path": tool.path},
            "source": source and {"title": source.title, "url": source.url},
            "verifiedOn": fact.verified_on and fact.verified_on.isoformat(),
            "staleOn": fact.stale_on and fact.stale_on.isoformat(),
        }
    return node


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
        tree = parsed(cleaned)
        for node in nodes_in(tree):
            if "key" in node:
                dump.refer(LABEL, node["key"])
            elif node["type"] == "heading":
                words = "".join(each.get("text", "") for each in nodes_in(node["content"]))
                node["anchor"] = free_anchor(words, dump.anchors)
        return written(tree)

    def load(self, raw: Any, cohort: "Cohort", label: str) -> Any:
        return RichText(raw, cohort)

    def passages(self, raw: Any, weight: Weight | None, cohort: "Cohort | None", label: str) -> Iterator[Passage]:
        html = RichText(raw, cohort).with_facts() if cohort else FACT.sub("", raw)
        pieces = iter([*HEADING.split(html), "", "", ""])
        for words, level, anchor, heading in zip(pieces, pieces, pieces, pieces, strict=True):
            if text := _plain(words):
                yield Passage(weight or Weight.TEXT, text)
            if text := _plain(heading):
                yield Passage(Weight.HEADING, text, anchor or "", int(level))


def _plain(html: str) -> str:
    """One line per paragraph or list item."""
    return unescape(TAG.sub("", BLOCK_END.sub("\n", html))).strip()


register_codec(RichText, RichTextCodec())
registry.needs["RichText.text"] = frozenset({LABEL})
registry.needs["RichText.json"] = frozenset({LABEL, "Fact.attribute", "Fact.tool"})


def plain(text: str) -> str:
    """The stored form of text that is not formatted."""
    return escape(text, quote=False)
