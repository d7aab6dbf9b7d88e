"""axe finds nothing on any type of page: by day and by night, on a phone and at a desk."""

import pytest
from playwright.sync_api import expect

from cms.bootstrap import FRONTEND
from tests.e2e.pages import ALL, DRAFTS

# Under a name of its own: Wagtail's user bar in a preview brings an axe, which runs when it pleases, one run at a time.
SOURCE = (FRONTEND / "node_modules" / "axe-core" / "axe.min.js").read_text()
AXE = f"""
() => {{
    const {{ axe }} = window, module = {{ exports: {{}} }};
    {SOURCE};
    window.gate = module.exports;
    window.axe = axe;
}}
"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Experimental, and wrong here: an answer in a table is bold because it is one, and heads nothing.
LEFT_OUT = ["p-as-heading"]
# By their names, since axe leaves out experimental and deprecated rules when it is given tags.
RUN = """
async ([tags, leftOut]) => {
    const rules = gate.getRules(tags).map(({ ruleId }) => ruleId).filter((rule) => !leftOut.includes(rule));
    const { violations } = await gate.run(document, { runOnly: { type: 'rule', values: rules }, resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' ')}`);
}
"""
OPEN = """
() => {
    const closed = document.querySelectorAll('details:not([open])');
    const boxes = document.querySelectorAll('.differences-only:not(:checked)');
    closed.forEach((each) => (each.open = true));
    boxes.forEach((each) => each.click());
    return closed.length + boxes.length;
}
"""


def violations(page):
    """What axe finds in either colour scheme."""
    page.evaluate(AXE)
    found = set()
    for color_scheme in ("light", "dark"):
        page.emulate_media(color_scheme=color_scheme)
        found |= {f"{color_scheme}: {each}" for each in page.evaluate(RUN, [TAGS, LEFT_OUT])}
    return found


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("page_type", ALL, ids=str)
def test_axe_finds_nothing(address, new_page, scores, page_type, width):
    page = new_page(width=width, height=844)
    answer = page.goto(address(page_type))
    if page_type in DRAFTS:
        expect(page.locator("#preview-bar, main [data-code]")).to_be_visible()
    else:
        assert answer.status == page_type.status
    found = violations(page)
    # Once more with everything open and only the differences left.
    if page.evaluate(OPEN):
        found |= violations(page)
    scores.note(page_type, axe=len(found) + scores[page_type.name].get("axe", 0))
    assert found == set()


def test_axe_sees_each_colour_scheme_and_what_was_closed(page):
    page.set_content(
        '<html lang="en"><title>T</title><style>@media (prefers-color-scheme: dark) { p { background: #222 } }</style>'
        "<main><h1>T</h1><p>Text</p><details><summary>More</summary><img src='data:,'></details></main>"
    )
    assert [each.partition(" <")[0] for each in violations(page)] == ["dark: color-contrast:"]
    assert page.evaluate(OPEN) == 1
    assert {each.partition(" <")[0] for each in violations(page)} == {
        "dark: color-contrast:",
        "light: image-alt:",
        "dark: image-alt:",
    }
