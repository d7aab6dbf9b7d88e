"""The facts of a tool are edited row by row, from the keyboard, and readers of a comparison see each at once."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_facts import cell

COMPARISON = "/comparisons/job-queues/"
MAKE_SOURCES = """
from tests.factories import SourceFactory
for name in ("first", "second"):
    SourceFactory(title=f"The {name} proof", url=f"https://example.org/{name}-proof")
"""
# Another test may have left another answer, or a draft of one.
ANSWER = """
from content.changes import changes
from content.models.fact import Fact
fact = Fact.objects.get(tool__slug="rq", attribute__key="licence", qualifier="")
fact.state, fact.value = "yes", "BSD-2-Clause"
with changes():
    fact.save_revision().publish()
"""
TOOL = 'query { resolve(path: "/tools/rq/") { ... on Tool { id facts { display sources { title } attribute { label } } } } }'


def tool(site):
    return site.graphql(TOOL)["data"]["resolve"]


def fact(site, label):
    return next(each for each in tool(site)["facts"] if each["attribute"]["label"] == label)


def row(page, label):
    return page.get_by_role("form", name=label, exact=True)


@pytest.fixture
def grid(site, admin):
    site.shell(ANSWER)
    admin.goto(f"{site.cms}/admin/tools/{tool(site)['id'].removeprefix('page:')}/facts/")
    expect(admin.locator(".facts-grid--live")).to_be_visible()
    return admin


def test_a_row_is_saved_from_the_keyboard_and_changes_the_comparison_it_names(site, grid, new_page):
    reader = new_page(java_script=False)
    reader.goto(f"{site.frontend}{COMPARISON}")
    before = fact(site, "Licence")["display"]
    expect(cell(reader, "Licence", "RQ")).to_have_text(before)

    licence = row(grid, "Licence")
    licence.get_by_label("Value").focus()
    grid.keyboard.press("ArrowDown")
    expect(licence.get_by_label("Value")).not_to_be_focused()
    grid.keyboard.press("ArrowUp")
    expect(licence.get_by_label("Value")).to_be_focused()
    grid.keyboard.press("Control+a")
    grid.keyboard.type("Typed by mistake")
    expect(grid.locator("[data-facts-status]")).to_contain_text("Celery, RQ and Dramatiq compared")
    expect(licence.locator(".facts-uses")).to_contain_text("Publishing this changes")
    expect(licence.locator(".facts-uses").get_by_role("link", name="Celery, RQ and Dramatiq compared")).to_be_visible()
    grid.keyboard.press("Escape")
    expect(licence.get_by_label("Value")).to_have_value(before)
    expect(licence.get_by_label("Value")).to_be_focused()

    grid.keyboard.press("Control+a")
    grid.keyboard.type("Apache-2.0")
    assert fact(site, "Licence")["display"] == before
    grid.keyboard.press("Enter")
    expect(grid.locator("[data-facts-status]")).to_have_text("Saved.")
    reader.reload()
    expect(cell(reader, "Licence", "RQ")).to_have_text("Apache-2.0")


def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(site, grid):
    before = tool(site)
    licence = row(grid, "Licence")
    licence.get_by_label("Value").fill("")
    licence.get_by_label("Note").fill("Since the second release.")
    licence.get_by_label("Until").fill("2")
    licence.get_by_label("Since").fill("3")
    licence.get_by_label("Since").press("Control+s")
    expect(grid.locator("[data-facts-status]")).to_have_text("Not saved. See the messages in the row.")
    expect(licence.locator(".facts-cell--value .errorlist")).to_have_text("Enter the value, or choose another state.")
    expect(licence.locator(".facts-cell--until .errorlist")).to_contain_text("older than the one since which it holds")
    expect(licence.get_by_label("Value")).to_be_focused()
    expect(licence.get_by_label("Note")).to_have_value("Since the second release.")
    expect(licence.get_by_label("Since")).to_have_value("3")
    assert tool(site) == before


def test_a_row_takes_two_sources_in_the_order_they_were_chosen(site, grid):
    site.shell(MAKE_SOURCES)
    licence = row(grid, "Licence")
    expect(licence.locator(".facts-chip")).not_to_have_count(0)
    while licence.locator(".facts-chip").count():
        licence.locator(".facts-chip input").first.press("Space")
    for name in ("second", "first"):
        licence.get_by_role("button", name="Add source").press("Enter")
        grid.locator(".modal input[name=q]").fill(f"The {name} proof")
        expect(grid.locator(".modal .listing tbody tr")).to_have_count(1)
        grid.locator(".modal .listing tbody input[type=checkbox]").first.check()
        grid.locator(".modal").get_by_role("button", name=re.compile("Confirm selection")).click()
        expect(licence.locator(".facts-chip", has_text=f"The {name} proof")).to_be_visible()
    licence.get_by_label("Value").press("Enter")
    expect(grid.locator("[data-facts-status]")).to_have_text("Saved.")
    assert [each["title"] for each in fact(site, "Licence")["sources"]] == ["The second proof", "The first proof"]
