"""The editor's "Checks" panel, which looks at the front end's page on another origin."""

import re
from itertools import groupby

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.e2e.conftest import sign_in
from tests.e2e.editor import address_of, edit, field, heading_of, wait_until

NOTE_COUNTS = """
counter => {
    window.counts = [];
    new MutationObserver(() => window.counts.push(counter.textContent)).observe(counter, {childList: true});
}
"""

ARTICLE = "/articles/do-web-developers-use-python/"


def open_checks(page: Page) -> Locator:
    """The panel, from whose opening on `window.counts` has every number that it shows."""
    page.get_by_role("button", name="Toggle checks").click()
    checks = page.locator("[data-side-panel='checks']")
    checks.locator("[data-content-checker-count]").evaluate(NOTE_COUNTS)
    return checks


def titles_looked_at(page: Page, preview: FrameLocator, titles: list[str]) -> None:
    """Type one title after the other, each when the panel has looked at the page with the one before."""
    for title in titles:
        looks = page.evaluate("window.counts.length")
        field(page, "title").fill(title)
        expect(heading_of(preview)).to_have_text(title)
        wait_until(page, f"window.counts.length > {looks}")


def names_of(checks: Locator) -> Locator:
    return checks.locator("[data-checks-panel] [data-content-checker-name]")


@pytest.mark.parametrize("admin_address", ["cms", "cms_localhost"])
def test_count_follows_every_edit(site, page, admin_address):
    origin = getattr(site, admin_address)
    sign_in(page, origin)
    refused = []
    page.on("console", lambda message: "Content Security" in message.text and refused.append(message.text))
    preview = edit(page, address_of(site, ARTICLE, origin))
    checks = open_checks(page)
    count = checks.locator("[data-content-checker-count]")
    expect(checks.locator("[data-content-word-count]")).to_have_text(re.compile(r"^[1-9]\d{2,}$"))
    expect(count).to_have_text("0")

    level = page.locator("select[name^='body-'][name$='-value-level']").first
    level.select_option("4")
    expect(count).to_have_text("1", timeout=60_000)
    expect(names_of(checks)).to_have_text(["Incorrect heading hierarchy"])
    page.evaluate("window.counts = []")
    titles_looked_at(page, preview, ["One heading jumps", "It still does"])
    level.select_option("2")
    expect(count).to_have_text("0", timeout=60_000)
    expect(names_of(checks)).to_have_count(0)
    # Wagtail may look at the same draft twice, the second time when the next edit is made already. What it must never
    # show is a number that is true of no draft.
    assert [number for number, _ in groupby(page.evaluate("window.counts"))] == ["1", "0"]
    assert refused == []


def test_words_are_those_of_the_draft_wherever_they_are_counted(site, admin):
    edit(admin, address_of(site, "/tools/celery/"))
    words = admin.locator("[data-content-word-count]")
    expect(words).to_have_text(re.compile(r"^\d+$"))
    beside_the_preview = int(words.text_content())
    open_checks(admin)
    tagline = field(admin, "tagline")
    tagline.fill(f"{tagline.input_value()} Five words are added here.")
    expect(words).to_have_text(str(beside_the_preview + 5))


MAKE_ARTICLE = """
from content.changes import changes
from content.models.article import ArticleIndexPage, ArticlePage
from content.models.tool import ToolIndexPage, ToolPage
with changes():
    tool = ToolPage(title="Not out yet", slug="not-out-yet", tagline="Soon.", live=False)
    ToolIndexPage.objects.first().add_child(instance=tool)
    body = [
        ("rich_text", {"content": f'<p>Read on <a linktype="page" id="{tool.pk}">there</a>.</p>'}),
        ("tool_card", {"tool": tool, "note": ""}),
    ]
    article = ArticlePage(title="Leads nowhere", slug="leads-nowhere", dek="Not yet.", body=body, live=False)
    ArticleIndexPage.objects.first().add_child(instance=article)
    tool.save_revision(), article.save_revision()
print(tool.pk, article.pk)
"""

PUBLISH = """
from content.changes import changes
from wagtail.models import Page
with changes():
    Page.objects.get(pk={}).specific.get_latest_revision().publish()
"""


def test_what_readers_cannot_see_is_found_shown_and_mended(site, admin):
    tool, article = site.shell(MAKE_ARTICLE).split()
    preview = edit(admin, f"{site.cms}/admin/pages/{article}/edit/")
    checks = open_checks(admin)
    expect(checks.locator("[data-content-checker-count]")).to_have_text("2")
    found = {"Link to a page that readers cannot see", "Block that shows nothing"}
    assert set(names_of(checks).all_text_contents()) == found
    expect(preview.locator(".prose a, .tool-card")).to_have_count(0)

    with admin.expect_popup() as opened:
        checks.get_by_role("button", name="Show issue").first.click()
    issues = opened.value.locator("wagtail-inline-userbar")
    expect(issues).to_have_count(2)
    assert {issue.get_attribute("data-error-name") for issue in issues.all()} == found
    expect(opened.value.get_by_role("button", name="View Wagtail quick actions")).to_be_visible()

    site.shell(PUBLISH.format(tool))
    field(admin, "title").fill("Leads there now")
    expect(checks.locator("[data-content-checker-count]")).to_have_text("0", timeout=60_000)


MAKE_FACT = """
from content.changes import changes
from content.models.fact import Attribute, Fact
from content.models.tool import ToolIndexPage, ToolPage
with changes():
    tool = ToolPage(title="Hearsay", slug="hearsay", tagline="They say so.")
    ToolIndexPage.objects.first().add_child(instance=tool)
    tool.save_revision().publish()
    attribute = Attribute.objects.filter(data_type="boolean", source_required=True).first()
    Fact.objects.create(tool=tool, attribute=attribute, state="yes").save_revision().publish()
print(tool.pk)
"""


def test_a_fact_without_source_is_found(site, admin):
    preview = edit(admin, f"{site.cms}/admin/pages/{site.shell(MAKE_FACT).strip()}/edit/")
    checks = open_checks(admin)
    expect(names_of(checks)).to_have_text(["Fact without a source"])
    expect(preview.locator("[data-check='no-source']")).to_have_count(1)
    assert "data-check" not in site.get("/tools/hearsay/")[1]


def test_readers_get_no_userbar_and_no_marks(site):
    for path in ("/", "/articles/do-web-developers-use-python/", "/tools/celery/", "/comparisons/job-queues/"):
        status, html = site.get(path)
        assert status == 200
        assert not re.search(r"data-check|userbar|<script(?! type=.application/ld)", html)
