"""Reads a folder of content safely: what is not a plain, sound text inside it is refused by name."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from content.interchange.nodes import Node, Problem, read_json, read_yaml

TEXTS = {".md", ".yaml", ".yml", ".json"}
PICTURES = {".avif", ".gif", ".jpeg", ".jpg", ".png", ".webp"}
MAX_TEXT = 5_000_000
MAX_DOCUMENT = 500_000_000
"""A single JSON document may hold a whole site."""


@dataclass(slots=True)
class Record:
    """What a file says of one object. `place` is the way to it without the ending, "pages/articles/x"."""

    file: str
    place: str
    values: dict[str, Node]
    line: int = 1
    body: str = ""
    body_line: int = 1

    @property
    def folder(self) -> str:
        return str(PurePosixPath(self.place).parent)

    @property
    def stem(self) -> str:
        return PurePosixPath(self.place).name

    def line_of(self, name: str) -> int:
        return self.values[name].line if name in self.values else self.line


class Folder:
    """A folder to be imported, or a single file; `at` says which folder of an export it stands for."""

    def __init__(self, path: Path, at: str = "") -> None:
        self.is_file = path.is_file()
        self.root = path.parent if self.is_file else path
        self.only = path.name if self.is_file else ""
        self.at = PurePosixPath(at.strip("/"))

    def files(self) -> Iterator[Path]:
        """Every file with text, in order. Raises Problem for a link: it could lead out of the folder."""
        if self.only:
            yield self.root / self.only
            return
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted([*names, *folders]):
                if Path(folder, name).is_symlink() and not name.startswith("."):
                    raise Problem(
                        "Links are not followed: put the file itself here.", file=self.shown(Path(folder, name))
                    )
            for name in sorted(names):
                path = Path(folder, name)
                if name.startswith(".") or (folder == str(self.root) and name.lower() == "readme.md"):
                    continue
                if path.suffix.lower() in TEXTS:
                    yield path
                elif path.suffix.lower() not in PICTURES:
                    raise Problem("Only .md, .yaml, .json and pictures are understood.", file=self.shown(path))

    def shown(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def records(self, path: Path) -> list[Record]:
        """Raises Problem, its file filled in."""
        shown = self.shown(path)
        try:
            return list(self._records(path, shown))
        except Problem as problem:
            problem.file = problem.file or shown
            raise

    def _records(self, path: Path, shown: str) -> Iterator[Record]:
        is_whole = path.suffix.lower() == ".json" and bool(self.only) and str(self.at) == "."
        text = read_text(path, MAX_DOCUMENT if is_whole else MAX_TEXT)
        place = str(self.at / PurePosixPath(shown).with_suffix(""))
        if path.suffix.lower() == ".md":
            yield _markdown(text, shown, place)
            return
        node = read_json(text) if path.suffix.lower() == ".json" else read_yaml(text)
        if is_whole:
            for each, value in node.mapping().items():
                yield from _objects(value, shown, each)
        else:
            yield from _objects(node, shown, place)

    def picture(self, name: str) -> Path | None:
        """The file of a picture: in images/ by its name, elsewhere by the way to it. None if there is none.

        Raises Problem for a way that leads out of the folder.
        """
        for candidate in (PurePosixPath("images", name), PurePosixPath(name)):
            relative = self._below(candidate)
            if relative is None:
                continue
            path = self.root / relative
            if ".." in candidate.parts or candidate.is_absolute() or _has_link(self.root, path):
                raise Problem(f"“{name}” lies outside the folder.")
            if path.is_file():
                return path
        return None

    def _below(self, place: PurePosixPath) -> PurePosixPath | None:
        """A place of an export as a way inside the folder that stands for a part of it."""
        if str(self.at) == ".":
            return place
        return place.relative_to(self.at) if place.is_relative_to(self.at) else None


def _has_link(root: Path, path: Path) -> bool:
    return not path.resolve().is_relative_to(root.resolve()) or path.is_symlink()


def _objects(node: Node, file: str, place: str) -> Iterator[Record]:
    """One object, or a list of them."""
    for item in node.items() if isinstance(node.value, list) else [node]:
        yield Record(file, place, item.mapping(), item.line)


FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def _markdown(text: str, file: str, place: str) -> Record:
    match = FRONT_MATTER.match(text)
    if match is None:
        raise Problem("The file begins with front matter: “---”, names and values, “---”.")
    values = read_yaml(match[1], first_line=2).mapping()
    return Record(file, place, values, 1, text[match.end() :], text.count("\n", 0, match.end()) + 1)


def read_text(path: Path, limit: int) -> str:
    size = path.stat().st_size
    if size > limit:
        raise Problem(f"The file is larger than {limit // 1_000_000} MB.")
    with path.open("rb") as file:
        data = file.read(limit + 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem("Not readable as UTF-8.", data.count(b"\n", 0, error.start) + 1) from None
    if "\0" in text:
        raise Problem("There is a NUL character.", text.count("\n", 0, text.index("\0")) + 1)
    return text.replace("\r\n", "\n")
