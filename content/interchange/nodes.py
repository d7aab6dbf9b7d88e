"""YAML and JSON as trees that know their lines.

A scalar stays the text that was written: whether "no", "3.10" or "2026-01-31" is a text, a number or a date is for the
field to say that receives it.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from json.scanner import NUMBER_RE
from typing import Any, TypeAlias

import yaml

MAX_DEPTH = 60
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NULLS = {"", "~", "null", "Null", "NULL"}


class Problem(Exception):
    """What is wrong, and in which line; `file` is filled in by whoever knows it."""

    def __init__(self, message: str, line: int = 1, file: str = "") -> None:
        super().__init__(message)
        self.message, self.line, self.file = message, line, file

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


Value: TypeAlias = "str | list[Node] | dict[str, Node] | None"


@dataclass(slots=True)
class Node:
    """A text, nothing, a list or a mapping. The line of a mapping's value is that of its key."""

    value: Value
    line: int = 1
    alt: str | None = None
    """Of a picture in Markdown: its alternative text."""
    links: dict[str, Any] | None = None
    """Of a text cut out of a Markdown document: the link definitions of the whole document."""

    def text(self) -> str:
        """The scalar, "" for nothing."""
        if isinstance(self.value, list | dict):
            raise Problem("Expected a text, found a list.", self.line)
        return self.value or ""

    def items(self) -> list["Node"]:
        """The list; nothing is an empty one."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise Problem("Expected a list.", self.line)
        return self.value

    def mapping(self) -> dict[str, "Node"]:
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise Problem("Expected names with values, as in “title: …”.", self.line)
        return self.value

    def plain(self) -> Any:
        """The same without lines."""
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value


class _Builder:
    """Puts values together as they come; one frame for each open list or mapping."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.frames: list[tuple[Node, str | None]] = []

    def open(self, node: Node) -> None:
        if len(self.frames) >= MAX_DEPTH:
            raise Problem("Nested too deeply.", node.line)
        self.frames.append((node, None))

    def close(self) -> None:
        self.add(self.frames.pop()[0])

    def add(self, node: Node) -> None:
        if not self.frames:
            self.root = node
            return
        holder, key = self.frames[-1]
        if isinstance(holder.value, list):
            holder.value.append(node)
        elif key is None:
            self.frames[-1] = (holder, self._new_key(holder, node))
            self.key_line = node.line
        else:
            node.line = self.key_line if not isinstance(node.value, list | dict) else node.line
            holder.mapping()[key] = node
            self.frames[-1] = (holder, None)

    def _new_key(self, holder: Node, node: Node) -> str:
        if not isinstance(node.value, str):
            raise Problem("A name must be a text.", node.line)
        if node.value in holder.mapping():
            raise Problem(f"“{node.value}” stands here twice.", node.line)
        return node.value


def read_yaml(text: str, *, first_line: int = 1) -> Node:
    """One YAML document. Anchors, aliases and tags are refused: they can be blown up to any size."""
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=LOADER):
            _take(event, builder, first_line)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        raise Problem(f"Not readable as YAML: {error.problem or error.context}.", line) from None
    except yaml.YAMLError as error:
        raise Problem(f"Not readable as YAML: {str(error).splitlines()[0]}.", first_line) from None
    return builder.root or Node(None, first_line)


def _take(event: Any, builder: _Builder, first_line: int) -> None:
    line = first_line + event.start_mark.line
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise Problem("“&” and “*” at the beginning of a value have a meaning in YAML: put it in quotes.", line)
    if isinstance(event, yaml.DocumentStartEvent) and builder.root is not None:
        raise Problem("One document only: there is a second “---”.", line)
    if isinstance(event, yaml.NodeEvent) and event.tag is not None and event.tag != "!":  # type: ignore[attr-defined]
        raise Problem("“!” at the beginning of a value has a meaning in YAML: put it in quotes.", line)
    if isinstance(event, yaml.ScalarEvent):
        is_null = event.style in (None, "") and event.value in NULLS
        builder.add(Node(None if is_null else event.value, line))
    elif isinstance(event, yaml.SequenceStartEvent):
        builder.open(Node([], line))
    elif isinstance(event, yaml.MappingStartEvent):
        builder.open(Node({}, line))
    elif isinstance(event, yaml.CollectionEndEvent):
        builder.close()


_SPACE = re.compile(r"[ \t\n\r]*")
_WORDS = {"true": "true", "false": "false", "null": None}


def read_json(text: str) -> Node:
    """One JSON document. Numbers, `true` and `false` are kept as they are written."""
    ends = [match.end() for match in re.finditer("\n", text)]

    def line(position: int) -> int:
        return bisect_right(ends, position) + 1

    def skip(position: int) -> int:
        return _SPACE.match(text, position).end()  # type: ignore[union-attr]

    builder = _Builder()
    try:
        end = skip(_json_value(text, skip(0), builder, skip, line))
    except ValueError as error:
        position = getattr(error, "pos", len(text))
        raise Problem(f"Not readable as JSON: {getattr(error, 'msg', error)}.", line(position)) from None
    if end != len(text):
        raise Problem("Not readable as JSON: there is more after its end.", line(end))
    return builder.root or Node(None)


def _json_value(text: str, at: int, builder: _Builder, skip: Callable[[int], int], line: Callable[[int], int]) -> int:
    """Read the value that begins at this position; return where it ends."""
    start = text[at : at + 1]
    if start == '"':
        value, end = scanstring(text, at + 1, True)
        builder.add(Node(value, line(at)))
        return int(end)
    if start in ("[", "{"):
        return _json_collection(text, at, builder, skip, line)
    for word, value in _WORDS.items():
        if text.startswith(word, at):
            builder.add(Node(value, line(at)))
            return at + len(word)
    number = NUMBER_RE.match(text, at)
    if number is None:
        raise Problem("Not readable as JSON: a value is missing.", line(at))
    builder.add(Node(number[0], line(at)))
    return int(number.end())


def _json_collection(
    text: str, at: int, builder: _Builder, skip: Callable[[int], int], line: Callable[[int], int]
) -> int:
    is_mapping, closing = (True, "}") if text[at] == "{" else (False, "]")
    builder.open(Node({} if is_mapping else [], line(at)))
    at = skip(at + 1)
    while text[at : at + 1] != closing:
        at = skip(_json_value(text, at, builder, skip, line))
        if is_mapping:
            if text[at : at + 1] != ":":
                raise Problem("Not readable as JSON: “:” is missing.", line(at))
            at = skip(_json_value(text, skip(at + 1), builder, skip, line))
        if text[at : at + 1] == ",":
            at = skip(at + 1)
        elif text[at : at + 1] != closing:
            raise Problem(f"Not readable as JSON: “,” or “{closing}” is missing.", line(at))
    builder.close()
    return at + 1
