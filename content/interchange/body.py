"""A body as Markdown: headings, text, listings, pictures and tables as Markdown has them, other blocks as fenced YAML.

    ```yaml block: callout
    tone: tip
    content: Begin with one process.
    ```

A block is written the short way if reading it back gives the same, and fenced if not.
"""

import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from wagtail import blocks

from content.interchange.blocks import defaults
from content.interchange.nodes import Node, Problem, read_yaml
from content.interchange.references import References
from content.interchange.rich_text import PARSER, escape_inline
from content.interchange.texts import unknown
from content.interchange.writing import said, yaml_text

FENCED = re.compile(r"yaml block: (\w+)")
NEXT = "<!-- next -->"
"""Stands between two texts that are blocks of their own."""
LANGUAGES = {
    "": "text",
    "console": "bash",
    "htm": "html",
    "js": "javascript",
    "plain": "text",
    "py": "python",
    "sh": "bash",
    "shell": "bash",
    "ts": "typescript",
    "txt": "text",
    "yml": "yaml",
}
"""What other programs call the languages of ours."""
IMAGES = "images"


class Body:
    """Reads and writes the Markdown of one file; `folder` is where the file lies, "pages/articles"."""

    def __init__(self, block: blocks.StreamBlock, folder: str, references: References) -> None:
        self.block, self.folder, self.references = block, PurePosixPath(folder), references
        self.defaults: dict[str, dict[str, Any]] = {}

    # Out

    def write(self, values: list[dict[str, Any]]) -> str:
        """The Markdown of a stream in its plain form."""
        parts: list[str] = []
        is_text = False
        for value in values:
            short = self._short(value)
            if is_text and short and "rich_text" in value:
                parts.append(NEXT)
            is_text = bool(short) and "rich_text" in value
            parts.append(short or _fenced(value))
        text = "\n\n".join(parts)
        return text if self._reads_as(text, values) else "\n\n".join(_fenced(value) for value in values)

    def _short(self, value: dict[str, Any]) -> str:
        ((name, content),) = value.items()
        writer = getattr(self, f"_write_{name}", None)
        if writer is None or not isinstance(content, dict):
            return ""
        text: str = writer(self._defaults(name) | content)
        return text if text and self._reads_as(text, [value]) else ""

    def _reads_as(self, text: str, values: list[dict[str, Any]]) -> bool:
        try:
            read = self.read(text, 1).plain()
        except Problem:
            return False
        return bool(said(self._full(read)) == said(self._full(values)))

    def _full(self, values: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """With what is at its default, which the short forms always say."""
        return [
            {name: {**self._defaults(name), **content} if isinstance(content, dict) else content}
            for value in values
            for name, content in value.items()
        ]

    def _defaults(self, name: str) -> dict[str, Any]:
        if name not in self.defaults:
            block = self.block.child_blocks.get(name)
            self.defaults[name] = defaults(block, self.references) if isinstance(block, blocks.StructBlock) else {}
        return self.defaults[name]

    def _write_heading(self, value: dict[str, Any]) -> str:
        return f"{'#' * int(value['level'])} {escape_inline(value['text'] or '')}"

    def _write_rich_text(self, value: dict[str, Any]) -> str:
        return str(value.get("content") or "")

    def _write_code(self, value: dict[str, Any]) -> str:
        code, name = value["code"] or "", value["file_name"] or ""
        fence = "`" * max(3, max((len(run) for run in re.findall("`+", code)), default=0) + 1)
        info = f"{value['language']} {name}".rstrip()
        return f"{fence}{info}\n{code}\n{fence}"

    def _write_image(self, value: dict[str, Any]) -> str:
        name = value.get("image")
        if not name:
            return ""
        path = "/".join([".."] * len(self.folder.parts) + [IMAGES, name])
        caption = (value.get("caption") or "").replace("\\", "\\\\").replace('"', '\\"')
        alt = escape_inline(self.references.alt(name))
        return f"![{alt}]({_target(path)}" + (f' "{caption}")' if caption else ")")

    def _write_table(self, value: dict[str, Any]) -> str:
        table = value.get("table") or {}
        columns = table.get("columns", [])
        if not columns or table.get("caption"):
            return ""
        rows = [[column["heading"] for column in columns], *table["rows"]]
        kinds = ["text"] * len(columns), *[[column["type"] for column in columns]] * len(table["rows"])
        lines = [
            "| " + " | ".join(_cell(str(cell or ""), kind) for cell, kind in zip(row, of, strict=True)) + " |"
            for row, of in zip(rows, kinds, strict=True)
        ]
        lines.insert(1, "| " + " | ".join(["---"] * len(columns)) + " |")
        caption = value.get("caption")
        return "\n".join(lines) + (f"\n\nTable: {escape_inline(caption)}" if caption else "")

    # In

    def read(self, text: str, line: int) -> Node:
        """The stream in its plain form, each value with its line; the first line of the text is `line`."""
        return _Reader(self, text, line).read()

    def image_name(self, path: str) -> str:
        """The name of an image from its address in this file: in images/ its file's name, elsewhere the way to it."""
        parts: list[str] = []
        for part in (self.folder / path).parts:
            if part == ".." and not parts:
                return path
            parts = parts[:-1] if part == ".." else [*parts, part]
        return "/".join(parts[1:] if parts[:1] == [IMAGES] else parts)


def _fenced(value: dict[str, Any]) -> str:
    ((name, content),) = value.items()
    text = yaml_text(content)
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{fence}yaml block: {name}\n{text}{fence}"


def _target(path: str) -> str:
    return f"<{path}>" if re.search(r"[\s()]", path) else path


def _cell(text: str, kind: str) -> str:
    return (escape_inline(text) if kind == "text" else text).replace("|", "\\|")


class _Reader:
    def __init__(self, body: Body, text: str, line: int) -> None:
        self.body, self.first_line = body, line
        self.lines = text.split("\n")
        self.links: dict[str, Any] = {}
        self.tokens = PARSER.parse(text, self.links)
        self.found: list[Node] = []
        self.text_from: int | None = None
        self.text_to = 0

    def read(self) -> Node:
        at = 0
        while at < len(self.tokens):
            end = at
            while self.tokens[end].nesting == 1 or self.tokens[end].level:
                end += 1
                if self.tokens[end].level == 0 and self.tokens[end].nesting == -1:
                    break
            self._take(self.tokens[at : end + 1])
            at = end + 1
        self._end_text()
        return Node(self.found, self.first_line)

    def _take(self, element: list[Any]) -> None:
        opening = element[0]
        line = self.first_line + (opening.map[0] if opening.map else 0)
        match opening.type:
            case "heading_open":
                self._add("heading", self._heading(element, line), line)
            case "fence" | "code_block":
                self._add(*self._code(opening, line), line)
            case "table_open":
                self._add("table", _table(element, line, self.first_line), line)
            case "paragraph_open" if picture := _picture(element[1]):
                self._add("image", self._image(picture, line), line)
            case "paragraph_open" if self._is_caption(element[1]):
                self.found[-1].mapping()["table"].mapping()["caption"] = Node(
                    _plain_text(element[1]).removeprefix("Table: "), line
                )
            case "html_block" if opening.content.strip() == NEXT:
                self._end_text()
            case _:
                if opening.map:
                    self.text_from = opening.map[0] if self.text_from is None else self.text_from
                    self.text_to = opening.map[1]

    def _add(self, name: str, value: Node, line: int) -> None:
        self._end_text()
        if name not in self.body.block.child_blocks:
            raise Problem(unknown("block", name, self.body.block.child_blocks), line)
        self.found.append(Node({name: value}, line))

    def _end_text(self) -> None:
        if self.text_from is None:
            return
        text = "\n".join(self.lines[self.text_from : self.text_to]).strip("\n")
        line = self.first_line + self.text_from
        self.text_from = None
        content = Node(text, line, links=self.links)
        self._add("rich_text", Node({"content": content}, line), line)

    def _heading(self, element: list[Any], line: int) -> Node:
        level = element[0].tag[1]
        if level not in "234":
            raise Problem("Headings begin with “##”, “###” or “####”: the title is in the front matter.", line)
        if any(child.type in ("link_open", "image") for child in element[1].children):
            raise Problem("A heading cannot hold a link or a picture.", line)
        return Node({"text": Node(_plain_text(element[1]), line), "level": Node(level, line)}, line)

    def _code(self, token: Any, line: int) -> tuple[str, Node]:
        fenced = FENCED.fullmatch(token.info.strip())
        if fenced:
            value = read_yaml(token.content, first_line=line + 1)
            return fenced[1], value if value.value is not None else Node({}, line)
        language, _, file_name = token.info.strip().partition(" ")
        values = {
            "language": Node(LANGUAGES.get(language.lower(), language), line),
            "code": Node(token.content.removesuffix("\n"), line),
        }
        if file_name:
            values["file_name"] = Node(file_name.strip(), line)
        return "code", Node(values, line)

    def _image(self, picture: Any, line: int) -> Node:
        name = self.body.image_name(unquote(str(picture.attrs["src"])))
        values = {"image": Node(name, line, alt=picture.content and _plain_text(picture))}
        if picture.attrs.get("title"):
            values["caption"] = Node(str(picture.attrs["title"]), line)
        return Node(values, line)

    def _is_caption(self, inline: Any) -> bool:
        is_below_table = self.text_from is None and bool(self.found) and "table" in self.found[-1].mapping()
        return is_below_table and inline.content.startswith("Table: ") and "\n" not in inline.content


def _picture(inline: Any) -> Any:
    """The picture of a paragraph that holds nothing else."""
    children = inline.children or []
    return children[0] if len(children) == 1 and children[0].type == "image" else None


def _plain_text(inline: Any) -> str:
    words = {"softbreak": " ", "hardbreak": " "}
    return "".join(words.get(child.type, child.content) for child in inline.children or [])


def _table(element: list[Any], line: int, first_line: int) -> Node:
    """A table whose columns are plain, unless a cell has markup."""
    rows: list[list[Any]] = []
    lines: list[int] = []
    for token in element:
        if token.type == "tr_open":
            rows.append([])
            lines.append(first_line + (token.map[0] if token.map else line - first_line))
        elif token.type == "inline":
            rows[-1].append(token)
    heads, *body = rows
    are_rich = [any(_has_markup(row[column]) for row in body) for column in range(len(heads))]
    columns: list[Node] = [
        Node({"heading": Node(_plain_text(head), line), "type": Node("rich_text" if rich else "text", line)}, line)
        for head, rich in zip(heads, are_rich, strict=True)
    ]
    cells = [
        Node([_table_cell(cell, rich, at) for cell, rich in zip(row, are_rich, strict=True)], at)
        for row, at in zip(body, lines[1:], strict=True)
    ]
    return Node({"table": Node({"columns": Node(columns, line), "rows": Node(cells, line)}, line)}, line)


def _has_markup(inline: Any) -> bool:
    return any(child.type not in ("text", "softbreak") for child in inline.children or [])


def _table_cell(inline: Any, is_rich: bool, line: int) -> Node:
    return Node(inline.content if is_rich else _plain_text(inline), line)
