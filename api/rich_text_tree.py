"""Formatted text as a tree: read from HTML, written as HTML.

    html ─ parsed ─▶ tree ─ written ─▶ html     the same, when it was written here

A node is a dictionary with its `type`. Its children, if it may have any, are in `content`. Blocks are `paragraph`,
`heading` (level), `list` (ordered), `listItem`, `blockquote` and `horizontalRule`; inside them are `text` and `fact`
with the `marks` around them, the outermost first, `hardBreak`, and `link`. A link leads to the `key` of a page or to an
`href`; a fact has its `key`. What these lead to is not known here. docs/rich-text.md has the public grammar.
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Any

Node = dict[str, Any]

MARKS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "code": "code", "s": "strike", "sub": "sub"}
MARKS |= {"sup": "sup"}
MARK_TAGS = {mark: tag for tag, mark in reversed(MARKS.items())}
HEADINGS = {"h2": 2, "h3": 3, "h4": 4}
BLOCKS = {"p", "ul", "ol", "li", "blockquote", *HEADINGS}
TAGS = {"a", "br", "hr", *BLOCKS, *MARKS}
"""All that may stand in formatted text."""
INLINE = {"text", "fact", "hardBreak", "link"}
ELEMENTS = {"paragraph": "p", "listItem": "li", "link": "a"}
EMPTY = {"hardBreak": "<br>", "horizontalRule": "<hr>", "end": ""}
FLOW = {"root", "listItem", "blockquote"}
"""Nodes that hold blocks, text, or both."""
MAX_DEPTH = 20
"""How deep blocks nest; what is deeper stands in the deepest."""


TOKEN = re.compile(r'<(/?)([a-z0-9]+)((?: [a-z]+="[^"]*")*)>|[^<]+|<')
ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')


def parsed(html: str) -> list[Node]:
    """The nodes of a text as nh3 or `written` leaves it: html5ever has read it, and here only its tags are told from
    its text, in half the time of Python's own parser. Any other text ends well too: what is not closed is closed, of
    unknown tags the text is kept, and what is no tag is text.
    """
    builder = _Builder()
    for token in TOKEN.finditer(html):
        closes, tag, attributes = token.groups()
        if tag is None:
            builder.text(unescape(token[0]) if "&" in token[0] else token[0])
        elif closes:
            builder.end(tag)
        else:
            given = ATTRIBUTE.findall(attributes) if attributes else ()
            builder.start(tag, {name: unescape(value) for name, value in given})
    return builder.finish()


class _Builder:
    """Keeps what is open, and where a node goes that comes next (`here`)."""

    def __init__(self) -> None:
        self.root: list[Node] = []
        self.here: Node = {"type": "root", "content": self.root}
        self.open: list[tuple[str, Node]] = []
        """The tags that are open, "" for one that nobody wrote, and what was `here` before."""
        self.depth = 0
        self.marks: list[str] = []
        self.hidden = ""
        """The tag of the fact that is open: what an editor saw of it is not taken."""

    def start(self, tag: str, given: dict[str, str]) -> None:
        if self.hidden:
            return
        if tag in MARKS:
            self.marks.append(MARKS[tag])
        elif tag == "a":
            self._start_link(given)
        elif tag == "data":
            self._fact(tag, given.get("value", "").removeprefix("fact:"))
        elif tag == "br":
            self._add({"type": "hardBreak"})
        elif tag == "hr":
            self._leave_paragraph()
            if self.here["type"] in FLOW:
                self.here["content"].append({"type": "horizontalRule"})
        elif tag in BLOCKS:
            self._start_block(tag, given)

    def end(self, tag: str) -> None:
        if self.hidden:
            self.hidden = "" if tag == self.hidden else self.hidden
        elif tag in MARKS:
            if MARKS[tag] in self.marks:
                self.marks.reverse()
                self.marks.remove(MARKS[tag])
                self.marks.reverse()
        elif any(tag == each for each, _ in reversed(self.open)):
            while self._end() != tag:
                pass

    def text(self, data: str) -> None:
        content = self.here["content"]
        is_between = self.here["type"] in FLOW and (not content or content[-1]["type"] not in INLINE)
        if self.hidden or (data.isspace() and (is_between or self.here["type"] == "list")):
            return
        append_text(self._inline_content(), data, self._marks())

    def finish(self) -> list[Node]:
        while self.open:
            self._end()
        return self.root

    def _start_link(self, given: dict[str, str]) -> None:
        kind, pk = given.get("linktype"), given.get("id", "")
        target = {"key": f"page:{pk}"} if kind == "page" and _is_key(pk) else {"href": given.get("href", "")}
        if kind == "fact" and _is_key(pk):
            self._fact("a", pk)
        elif any(target.values()) and self.here["type"] != "link":
            node = {"type": "link", **target, "content": []}
            self._add(node)
            self._start("a", node)
        else:
            self._start("a", self.here)

    def _fact(self, tag: str, pk: str) -> None:
        if _is_key(pk):
            self._add({"type": "fact", "key": f"fact:{pk}", "marks": self._marks()})
        self.hidden = tag

    def _start_block(self, tag: str, given: dict[str, str]) -> None:
        self._leave_paragraph()
        wanted = "listItem" if tag == "li" else "list"
        if self.here["type"] == wanted and self.open and self.open[-1][0] == "":
            self._end()
        if (tag == "li") != (self.here["type"] == "list"):
            self._start_node("", _block_node("ul" if tag == "li" else "li", {}))
        self._start_node(tag, _block_node(tag, given))

    def _start_node(self, tag: str, node: Node) -> None:
        if self.depth < MAX_DEPTH and self.here["type"] in ("list", *FLOW):
            self.here["content"].append(node)
            self._start(tag, node)
        else:
            if self.here["content"] and self.here["type"] != "list" and self.here["content"][-1]["type"] != "hardBreak":
                self._add({"type": "hardBreak"})
            self._start(tag, self.here)

    def _start(self, tag: str, node: Node) -> None:
        self.open.append((tag, self.here))
        self.here = node
        self.depth += 1

    def _end(self) -> str:
        tag, before = self.open.pop()
        if self.here["type"] == "link" and before is not self.here and not self.here["content"]:
            before["content"].pop()
        self.here = before
        self.depth -= 1
        return tag

    def _leave_paragraph(self) -> None:
        if self.here["type"] == "paragraph":
            while self._end() != "p":
                pass

    def _add(self, node: Node) -> None:
        self._inline_content().append(node)

    def _inline_content(self) -> list[Node]:
        """Where text goes: in a list it is an item of its own, behind one that nobody opened it is not in it."""
        if self.here["type"] == "list":
            if self.open[-1][0] == "":
                self._end()
            else:
                self._start_node("", _block_node("li", {}))
        content: list[Node] = self.here["content"]
        return content

    def _marks(self) -> list[str]:
        return list(dict.fromkeys(self.marks))


def _block_node(tag: str, given: dict[str, str]) -> Node:
    if tag in HEADINGS:
        return {"type": "heading", "level": HEADINGS[tag], "anchor": given.get("id") or None, "content": []}
    if tag in ("ul", "ol"):
        return {"type": "list", "ordered": tag == "ol", "content": []}
    return {"type": {"p": "paragraph", "li": "listItem"}.get(tag, tag), "content": []}


def _is_key(text: str) -> bool:
    return re.fullmatch("[0-9]{1,18}", text) is not None


def append_text(content: list[Node], text: str, marks: list[str]) -> None:
    """Texts with the same marks are one."""
    if content and content[-1]["type"] == "text" and content[-1]["marks"] == marks:
        content[-1]["text"] += text
    else:
        content.append({"type": "text", "text": text, "marks": marks})


def nodes_in(nodes: list[Node]) -> Iterator[Node]:
    """All nodes of a tree in reading order."""
    for node in nodes:
        yield node
        yield from nodes_in(node.get("content", []))


def written(nodes: list[Node]) -> str:
    """The HTML of a tree."""
    pieces: list[str] = []
    marks: list[str] = []
    for node in [*nodes, {"type": "end"}]:
        wanted = node.get("marks", [])
        same = next((n for n, pair in enumerate(zip(marks, wanted, strict=False)) if pair[0] != pair[1]), None)
        same = min(len(marks), len(wanted)) if same is None else same
        pieces += [f"</{MARK_TAGS[mark]}>" for mark in reversed(marks[same:])]
        pieces += [f"<{MARK_TAGS[mark]}>" for mark in wanted[same:]]
        marks = wanted
        pieces.append(_piece(node))
    return "".join(pieces)


def _piece(node: Node) -> str:
    kind = node["type"]
    if kind == "text":
        return escape(node["text"], quote=False)
    if kind == "fact":
        return f'<data value="{node["key"]}"></data>'
    if kind in EMPTY:
        return EMPTY[kind]
    tag = ELEMENTS.get(kind, kind)
    start = tag
    if kind == "link":
        key = node.get("key")
        start = f'a linktype="page" id="{key.partition(":")[2]}"' if key else f'a href="{escape(node["href"])}"'
    elif kind == "heading":
        tag = f"h{node['level']}"
        start = f'{tag} id="{node["anchor"]}"' if node["anchor"] else tag
    elif kind == "list":
        start = tag = "ol" if node["ordered"] else "ul"
    return f"<{start}>{written(node['content'])}</{tag}>"
