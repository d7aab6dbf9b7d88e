"""A fact has a life of its own: changed or verified, it reaches readers without the pages that show it."""

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.e2e.editor import address_of, address_of_snippet, edit, field, publish, wait_until_saved

TOOL, COMPARISON = "/tools/dramatiq/", "/comparisons/job-queues/"
FACTS = """
query($path: String!) {
  resolve(path: $path) { ... on Tool { facts { id display attribute { key } } } }
}
"""
PUBLISHED = "query($path: String!) { resolve(path: $path) { ... on Page { publishedAt updatedAt } } }"


def cell(reader, question, tool):
    row = reader.locator(".matrix tr", has=reader.get_by_role("rowheader", name=re.compile(rf"^{question}")))
    return row.locator("td", has_text=tool).locator(".fact-answer")


def test_edited_fact_is_seen_in_a_comparison_that_nobody_published(site, admin, new_page):
    facts = site.graphql(FACTS, {"path": TOOL})["data"]["resolve"]["facts"]
    licence = next(fact for fact in facts if fact["attribute"]["key"] == "licence")
    pages = {path: site.graphql(PUBLISHED, {"path": path}) for path in (TOOL, COMPARISON)}
    reader = new_page(java_script=False)
    reader.goto(f"{site.frontend}{COMPARISON}")
    expect(cell(reader, "Licence", "Dramatiq")).to_have_text(licence["display"])

    edit(admin, address_of_snippet(site, licence["id"]))
    field(admin, "value").fill("MIT")
    wait_until_saved(admin)
    reader.reload()
    expect(cell(reader, "Licence", "Dramatiq")).to_have_text(licence["display"])  # a draft is nobody's answer

    publish(admin)
    reader.reload()
    expect(cell(reader, "Licence", "Dramatiq")).to_have_text("MIT")
    assert {path: site.graphql(PUBLISHED, {"path": path}) for path in pages} == pages


MAKE_STALE = """
from datetime import date
from tests.factories import *
tool = ToolPageFactory(title="Looked up long ago", slug="looked-up-long-ago", tagline="As published.")
attribute = AttributeFactory(label="Speaks English", key="speaks-english", ttl_days=30)
source = SourceFactory(title="Its manual", url="https://example.org/its-manual")
FactFactory(tool=tool, attribute=attribute, sources=[source], verified_on=date(2020, 1, 1))
tool.tagline = "As drafted before."
tool.save_revision()
"""


def test_stale_fact_is_verified_in_two_clicks_and_stays_so_when_an_older_draft_is_published(site, admin, new_page):
    path = "/tools/looked-up-long-ago/"
    site.shell(MAKE_STALE)
    reader = new_page(java_script=False)
    reader.goto(f"{site.frontend}{path}")
    expect(reader.locator(".fact-record .stale")).to_contain_text(
        re.compile(r"Last checked \d+ years ago, on 1 Jan 2020")
    )

    admin.context.route("https://example.org/its-manual", lambda route: route.fulfill(body="It speaks English."))
    admin.goto(f"{site.cms}/admin/reports/stale-facts/")
    admin.get_by_role("link", name="Looked up long ago").click()
    with admin.expect_popup() as manual:
        admin.get_by_role("link", name="Its manual").click()
    expect(manual.value.locator("body")).to_have_text("It speaks English.")
    manual.value.close()
    admin.get_by_role("button", name="Still right").click()
    expect(
        admin.locator(".messages .success", has_text="Confirmed: Looked up long ago: Speaks English")
    ).to_be_visible()
    expect_checked_today(reader, "As published.")

    preview = edit(admin, address_of(site, path))
    expect(preview.locator("main .dek")).to_have_text("As drafted before.")
    publish(admin)
    expect_checked_today(reader, "As drafted before.")


def expect_checked_today(reader, tagline):
    reader.reload()
    expect(reader.locator("main .dek")).to_have_text(tagline)
    expect(reader.locator(".fact-list .fact-answer")).to_have_text("Yes")
    # A test may run over midnight.
    days = [date.today() - timedelta(days=back) for back in (0, 1)]
    either = "|".join(f"{day.day} {day:%b %Y}" for day in days)
    expect(reader.locator(".fact-record")).to_have_text(re.compile(rf"Source: Its manual\s*Checked ({either})\s*$"))
