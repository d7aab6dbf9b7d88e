"""Rich text between Wagtail's database and Markdown.

Every element is written as Markdown if reading it back gives the same, and as HTML if not: HTML is part of Markdown, so
nothing is lost and one reader serves both. What comes in passes the editor's own converter, which leaves what the
field's features allow and nothing else.
"""

import re
from functools import lru_cache
from typing import Any, cast

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from markdown_it import MarkdownIt
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.rich_text import features as registry

from content.interchange.nodes import Node, Problem
from content.interchange.references import References

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
NAMES = {"strong": "b", "em": "i", "del": "s", "strike": "s"}
MARKS = {"b": "**", "i": "*", "s": "~~"}
BLOCKS = {"p", "ul", "ol", "blockquote", "hr", "h1", "h2", "h3", "h4", "h5", "h6"}
DROPPED = ("script", "style", "iframe", "object", "template", "noscript", "svg", "math", "title")


# Out: what is stored, with names in place of ids, as Markdown -----


def to_markdown(stored: str, references: References) -> str:
    """What the database holds, as Markdown whose links name pages by their paths."""
    soup = _soup(stored)
    for tag in soup.find_all(["a", "embed"]):
        _name_target(tag, references)
    parts: list[str] = []
    kinds: list[str] = []
    for element in _elements(soup):
        html = str(element)
        light = _block(element)
        parts.append(light if light and canonical(PARSER.render(light)) == html else html)
        kinds.append(element.name)
    text = "\n\n".join(parts)
    # Two lists or two quotes, one after the other, would become one.
    whole = "".join(str(element) for element in _elements(soup))
    return text if canonical(PARSER.render(text)) == whole else whole


def _elements(soup: BeautifulSoup) -> list[Tag]:
    """What stands at the top, loose text wrapped in paragraphs."""
    return cast(list[Tag], list(soup.children))


def _name_target(tag: Tag, references: References) -> None:
    """Write the name of a linked object in place of its id; a link to nothing becomes its text."""
    pk = tag.attrs.pop("id", None)
    if pk is None:
        return
    model = _target(tag)
    name = references.name(model, pk) if model else None
    if name is None:
        tag.unwrap() if tag.name == "a" else tag.decompose()
    elif tag.get("linktype") == "page":
        tag.attrs = {"href": name}
    else:
        tag["ref"] = name


def _target(tag: Tag) -> Any:
    types = registry.get_link_types() if tag.name == "a" else registry.get_embed_types()
    handler = types.get(str(tag.get("linktype") or tag.get("embedtype") or ""))
    try:
        return handler.get_model() if handler else None
    except NotImplementedError:
        return None


def _block(tag: Tag) -> str:
    """The Markdown of one element; "" for what has none."""
    match tag.name:
        case "p":
            return _escape_start(_inline(tag))
        case "hr":
            return "---"
        case "ul" | "ol":
            return "\n".join(_list(tag))
        case "blockquote":
            return "\n".join(f"> {line}" for line in _escape_start(_inline(tag)).split("\n"))
        case "h2" | "h3" | "h4":
            return f"{'#' * int(tag.name[1])} {_inline(tag)}"
    return ""


def _list(tag: Tag) -> list[str]:
    lines: list[str] = []
    for number, item in enumerate(tag.find_all("li", recursive=False), 1):
        mark = "- " if tag.name == "ul" else f"{number}. "
        nested = item.find_all(["ul", "ol"], recursive=False)
        for each in nested:
            each.extract()
        first, *rest = _escape_start(_inline(item)).split("\n")
        lines.append(mark + first)
        lines += [" " * len(mark) + line for line in rest]
        for each in nested:
            lines += [" " * len(mark) + line for line in _list(each)]
            item.append(each)
    return lines


def _inline(tag: Tag) -> str:
    return "".join(_inline_piece(child) for child in tag.children)


def _inline_piece(child: Any) -> str:
    if isinstance(child, NavigableString):
        return _escape(str(child))
    inner = _inline(child)
    if child.name == "br":
        return "\\\n"
    if child.name == "code" and not child.find(True):
        return _code(child.get_text())
    if child.name in MARKS and not child.attrs:
        return f"{MARKS[child.name]}{inner}{MARKS[child.name]}"
    if child.name == "a" and set(child.attrs) == {"href"}:
        return f"[{inner}]({_address(str(child['href']))})"
    opening = str(BeautifulSoup("", "html.parser").new_tag(child.name, attrs=child.attrs))
    return opening.removesuffix(f"</{child.name}>") + (f"{inner}</{child.name}>" if "</" in opening else "")


def _code(text: str) -> str:
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{space}{text}{space}{fence}"


def _address(href: str) -> str:
    return f"<{href}>" if re.search(r"[\s()]", href) else href


def _escape(text: str) -> str:
    """Take their meaning from the signs that Markdown would understand."""
    text = re.sub(r"([\\`*\[\]<])", r"\\\1", text)
    text = re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", text)
    text = re.sub(r"~~", r"\\~\\~", text)
    return re.sub(r"&(?=#?\w+;)", r"\\&", text)


def _escape_start(text: str) -> str:
    """Likewise at the beginning of a line, where more signs have a meaning."""
    text = re.sub(r"^(#|>|[-+](?=\s|$)|=+\s*$|-{3,})", r"\\\1", text, flags=re.MULTILINE)
    text = re.sub(r"^(\d{1,9})([.)])(?=\s|$)", r"\1\\\2", text, flags=re.MULTILINE)
    return re.sub(r"^Table: ", r"\\Table: ", text)


escape_inline = _escape


# In -------------------------------------------------------------------------------------------------------------------


def from_markdown(node: Node, features: list[str] | None, references: References) -> str:
    """What the database holds for this Markdown: cleaned, its links to pages of ours by their ids.

    Raises Problem for a link to a page that does not exist.
    """
    text = node.text()
    if not text.strip():
        return ""
    soup = _soup(PARSER.render(text, dict(node.links or {})))
    for tag in soup.find_all(["a", "embed"]):
        _find_target(tag, references, node.line)
    return cleaned("".join(str(element) for element in _elements(soup)), features)


def cleaned(html: str, features: list[str] | None) -> str:
    """As the editor of a field with these features would save it."""
    converter = _converter(tuple(features if features is not None else registry.get_default_features()))
    return str(converter.to_database_format(converter.from_database_format(html)))


@lru_cache(maxsize=32)
def _converter(features: tuple[str, ...]) -> Any:
    return ContentstateConverter(features=list(features))


def _find_target(tag: Tag, references: References, line: int) -> None:
    href, ref = str(tag.get("href", "")), tag.attrs.pop("ref", None)
    if ref is not None:
        model = _target(tag)
        if model is None:
            raise Problem(f"“{tag.get('linktype') or tag.get('embedtype')}” is no kind of link.", line)
        tag["id"] = str(references.find(model, str(ref), line))
        return
    pk = references.page_of_link(href, line)
    if pk is not None:
        tag.attrs = {"linktype": "page", "id": str(pk)}


# Both -----------------------------------------------------------------------------------------------------------------


def canonical(html: str) -> str:
    """The same HTML always in the same spelling: short names of tags, no keys of the editor, no space around blocks."""
    return "".join(str(element) for element in _elements(_soup(html)))


def _soup(html: str) -> BeautifulSoup:
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(DROPPED):
        tag.decompose()
    for tag in soup.find_all(True):
        tag.name = NAMES.get(tag.name, tag.name)
        tag.attrs.pop("data-block-key", None)
        tag.attrs = dict(sorted(tag.attrs.items()))
    for string in soup.find_all(string=True):
        if type(string) is NavigableString:
            string.replace_with(NavigableString(re.sub(r"[ \t\n\r\f]+", " ", string)))
        else:
            string.extract()
    _flatten(soup)
    _wrap_loose_text(soup)
    return soup


def _flatten(soup: BeautifulSoup) -> None:
    """Paragraphs inside items and quotes become lines of them, as the editor knows no other."""
    for tag in soup.find_all(["li", "blockquote"]):
        paragraphs = tag.find_all("p", recursive=False)
        for paragraph in paragraphs[1:]:
            paragraph.insert_before(soup.new_tag("br"))
        for paragraph in paragraphs:
            paragraph.unwrap()
        tag.smooth()
    for tag in soup.find_all(["ul", "ol", "li", "p", "blockquote", "h2", "h3", "h4"]):
        _trim(tag)


def _trim(tag: Tag) -> None:
    """Take away the space at the borders of a block and around line breaks, where it does not show."""
    for child in list(tag.children):
        if not isinstance(child, NavigableString):
            continue
        before, after = child.previous_sibling, child.next_sibling
        text = str(child)
        if before is None or getattr(before, "name", "") in {*BLOCKS, "br"}:
            text = text.lstrip(" ")
        if after is None or getattr(after, "name", "") in {*BLOCKS, "br"}:
            text = text.rstrip(" ")
        if not text or tag.name in ("ul", "ol"):
            child.extract()
        elif text != str(child):
            child.replace_with(NavigableString(text))


def _wrap_loose_text(soup: BeautifulSoup) -> None:
    paragraph: Tag | None = None
    for child in list(soup.children):
        if isinstance(child, Tag) and (child.name in BLOCKS or child.name in ("embed", "div", "pre", "table", "li")):
            paragraph = None
        elif isinstance(child, NavigableString) and not child.strip() and paragraph is None:
            child.extract()
        else:
            if paragraph is None:
                paragraph = soup.new_tag("p")
                child.insert_before(paragraph)
            paragraph.append(child.extract())
    for wrapped in soup.find_all("p", recursive=False):
        _trim(wrapped)
