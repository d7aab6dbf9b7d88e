"""Facts as a CSV file: how one is read and written. What a line does is decided in `content/facts_upload.py`."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches

from django.db.models import QuerySet

from content.forms.grid import with_drafts
from content.models.fact import Fact

COLUMNS = (
    "tool",
    "attribute",
    "state",
    "value",
    "qualifier",
    "since",
    "until",
    "note",
    "sources",
    "source_title",
    "verified_on",
)
NEEDED = ("tool", "attribute", "state")
MAX_LINES = 5_000
MAX_BYTES = 1_500_000

_FORMULA = "=+-@\t\r"


class Unreadable(Exception):
    """The file as a whole cannot be read; its text is for the editor."""


@dataclass(frozen=True)
class Line:
    """One line as it stands in the file; columns that the file does not have are missing."""

    number: int
    cells: dict[str, str]


def read(content: bytes) -> list[Line]:
    """The lines below the heading, empty ones left out; `number` counts as a spreadsheet does. Raises Unreadable."""
    if len(content) > MAX_BYTES:
        raise Unreadable("The file is larger than 1.5 MB. Split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The file is not in UTF-8. Save it as “CSV UTF-8” and upload it again.") from None
    if "\0" in text:
        raise Unreadable("This is no CSV file. In a spreadsheet, save it as “CSV UTF-8”.")
    if not text.strip():
        raise Unreadable("The file is empty.")
    first = text.lstrip().splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Unreadable(f"The file cannot be read as CSV: {error}.") from None
    heading = next(index for index, record in enumerate(records) if any(cell.strip() for cell in record))
    names = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in records[heading]]
    _check(names)
    lines = []
    for number, record in enumerate(records[heading + 1 :], start=heading + 2):
        if any(cell.strip() for cell in record):
            if len(record) > len(names):
                raise Unreadable(f"Line {number} has more cells than the first line. Is a quotation mark missing?")
            cells = [_plain(cell) for cell in record] + [""] * (len(names) - len(record))
            lines.append(Line(number, dict(zip(names, cells, strict=True))))
    if not lines:
        raise Unreadable("The file has no line below its first.")
    if len(lines) > MAX_LINES:
        raise Unreadable(f"The file has {len(lines):,} lines; {MAX_LINES:,} at most are taken at once. Split it.")
    return lines


def _check(names: list[str]) -> None:
    problems = []
    for name in names:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, 1)
            hint = f" Did you mean “{near[0]}”?" if near else f" There are: {', '.join(COLUMNS)}."
            problems.append(f"There is no column “{name}”.{hint}")
    problems += [f"The column “{name}” is there twice." for name, count in Counter(names).items() if count > 1]
    problems += [f"The column “{name}” is missing." for name in NEEDED if name not in names]
    if problems:
        raise Unreadable(" ".join(problems))


def _plain(cell: str) -> str:
    cell = cell.strip(" ").replace("\r\n", "\n")
    return cell[1:] if re.match(r"'[=+\-@\t\r']", cell) else cell


def _safe(cell: str) -> str:
    """No spreadsheet takes it for a formula; `_plain` gives back what it was."""
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def write(facts: QuerySet[Fact]) -> bytes:
    """A file that `read` takes, with each fact's newest draft where it has one."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(COLUMNS)
    found = with_drafts(facts)
    slugs = Counter(slug for _, slug in {(fact.tool_id, fact.tool.slug) for fact in found})
    for fact in found:
        tool = fact.tool.slug if slugs[fact.tool.slug] == 1 else fact.tool.url_path
        said = [fact.value, fact.qualifier, fact.since, fact.until, fact.note]
        sources = " ".join(source.url for source in fact.sources)
        row = [tool, fact.attribute.key, fact.state, *said, sources, "", fact.verified_on or ""]
        writer.writerow([_safe(str(cell)) for cell in row])
    return output.getvalue().encode("utf-8-sig")
