"""What a page may cost a reader who comes for the first time, so that growth is noticed: raise a budget when it is worth
it.
"""

import gzip
from dataclasses import asdict, dataclass, fields

import pytest

from tests.e2e.pages import PUBLIC


@dataclass(frozen=True)
class Cost:
    """Bytes, and how many requests. What is `sent` is what a proxy sends that compresses text by gzip."""

    html: int
    html_sent: int
    requests: int
    css: int = 45_000
    css_sent: int = 10_000
    fonts: int = 165_000
    javascript: int = 0


# A fifth more than there was when this was written: the HTML, the same compressed, and the requests.
BUDGETS = {
    "Home": (13_500, 4_100, 7),
    "Article index": (8_100, 2_800, 6),
    "Article index, page 2": (7_400, 2_700, 6),
    "Article": (24_500, 7_800, 7),
    "Article of comparisons": (58_800, 11_600, 7),
    "Tool directory": (15_300, 4_100, 5),
    "Tools, filtered": (9_500, 3_100, 5),
    "Tools of a category": (8_500, 2_900, 5),
    "Tool": (19_900, 5_400, 5),
    "Comparison index": (6_800, 2_500, 5),
    "Comparison": (40_300, 6_800, 6),
    "Choice of tools": (5_300, 1_700, 5),
    "Tools compared": (30_700, 5_200, 5),
    "Topic": (7_000, 2_500, 6),
    "Person": (8_100, 2_600, 7),
    "Standard page": (7_200, 2_800, 7),
    "Search": (4_000, 1_600, 5),
    "Search results": (8_500, 3_200, 5),
    "Search without results": (4_300, 1_800, 5),
}
INLINE = "all => all.filter(({ type }) => type !== 'application/ld+json').map(({ text }) => text).join('')"


def cost(page, address):
    """On a phone, as it is read without scrolling: pictures further down are not fetched."""
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(address, wait_until="networkidle")
    bodies = {"document": b"", "stylesheet": b"", "font": b"", "script": b""}
    for answer in answers:
        if answer.request.resource_type in bodies:
            bodies[answer.request.resource_type] += answer.body()
    return Cost(
        html=len(bodies["document"]),
        html_sent=len(gzip.compress(bodies["document"], 6)),
        css=len(bodies["stylesheet"]),
        css_sent=len(gzip.compress(bodies["stylesheet"], 6)),
        fonts=len(bodies["font"]),
        requests=len(answers),
        javascript=len(bodies["script"]) + len(page.locator("script").evaluate_all(INLINE)),
    )


@pytest.mark.parametrize("page_type", PUBLIC, ids=str)
def test_page_costs_no_more_than_its_budget(address, new_page, scores, page_type):
    measured = cost(new_page(width=390, height=844), address(page_type))
    scores.note(page_type, **asdict(measured))
    budget = Cost(*BUDGETS[page_type.name])
    assert [
        f"{each.name}: {getattr(measured, each.name)} of {getattr(budget, each.name)}"
        for each in fields(Cost)
        if getattr(measured, each.name) > getattr(budget, each.name)
    ] == []


def test_everything_is_counted(address, page, scores):
    measured = asdict(cost(page, address(PUBLIC[0])))
    assert [name for name, number in measured.items() if not number] == ["javascript"]
    page.set_content("<script>let it = 'count'</script><script type='application/ld+json'>{}</script>")
    assert page.locator("script").evaluate_all(INLINE) == "let it = 'count'"
