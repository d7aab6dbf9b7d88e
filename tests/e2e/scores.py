"""What the gates of the reading site measured, as the table that ends their run."""

from collections import defaultdict

from tests.e2e.pages import ALL, PageType

COLUMNS = {
    "axe": "axe",
    "accessibility": "access.",
    "best-practices": "practices",
    "seo": "seo",
    "html_errors": "invalid",
    "html": "html B",
    "css": "css B",
    "javascript": "js B",
    "fonts": "fonts B",
    "requests": "requests",
}
"""What is measured, and the head of its column."""


class Scores(defaultdict[str, dict[str, int]]):
    """By the name of the page type and the column."""

    def __init__(self) -> None:
        super().__init__(dict)

    def note(self, page_type: PageType, **measured: int) -> None:
        self[page_type.name] |= measured

    def table(self) -> str:
        """A row for each page type that was measured; a dash where nothing is measured, or was not in this run."""
        width = max(len(page_type.name) for page_type in ALL)
        rows = [("", list(COLUMNS.values()))]
        rows += [
            (each.name, [str(self[each.name].get(column, "–")) for column in COLUMNS])
            for each in ALL
            if each.name in self
        ]
        return "\n".join(f"{name:<{width}}" + "".join(f"{cell:>10}" for cell in cells) for name, cells in rows)
