"""The content security policy of the admin hinders nobody who works there."""

import re

import pytest
from playwright.sync_api import expect

SCREENS = [
    "/admin/",
    "/admin/pages/",
    "/admin/pages/add/content/articlepage/{articles}/",
    "/admin/pages/{home}/edit/",
    "/admin/pages/{article}/edit/",
    "/admin/pages/{article}/history/",
    "/admin/pages/{tool}/edit/",
    "/admin/pages/{comparison}/edit/",
    "/admin/images/",
    "/admin/images/add/",
    "/admin/images/{image}/",
    "/admin/documents/multiple/add/",
    "/admin/snippets/content/fact/",
    "/admin/snippets/content/fact/add/",
    "/admin/snippets/content/topic/add/",
    "/admin/snippets/content/announcement/add/",
    "/admin/snippets/content/menu/add/",
    "/admin/reports/site-history/",
    "/admin/reports/aging-pages/",
    "/admin/settings/content/publicationsettings/",
    "/admin/redirects/",
    "/admin/users/",
    "/admin/groups/",
    "/admin/collections/",
    "/admin/sites/",
    "/admin/workflows/add/",
    "/admin/account/",
]


@pytest.fixture
def watched(admin):
    """The admin, and what the policy of its screens refused."""
    refused = []
    admin.on("console", lambda message: "Content Security" in message.text and refused.append(message.text))
    admin.on("pageerror", lambda error: refused.append(str(error)))
    return admin, refused


@pytest.fixture
def numbers(site):
    printed = site.shell(
        "from content.models.article import ArticleIndexPage, ArticlePage; from content.models.home import HomePage; "
        "from content.models.tool import ToolPage; from content.models.comparison import ComparisonPage; "
        "from content.models.images import CustomImage; "
        "print(*(m.objects.order_by('pk').first().pk for m in "
        "(HomePage, ArticleIndexPage, ArticlePage, ToolPage, ComparisonPage, CustomImage)))"
    )
    return dict(zip(("home", "articles", "article", "tool", "comparison", "image"), printed.split(), strict=True))


def test_no_screen_asks_for_what_is_refused(site, watched, numbers):
    admin, refused = watched
    found = {}
    for screen in SCREENS:
        path = screen.format(**numbers)
        response = admin.goto(f"{site.cms}{path}", wait_until="load")
        assert response.status == 200, path
        policy = response.headers["content-security-policy"]
        assert "script-src 'self';" in f"{policy};"
        assert f"frame-src 'self' {site.frontend}" in policy
        admin.wait_for_timeout(300)
        if refused:
            found[screen] = list(refused)
            refused.clear()
    assert found == {}


def test_what_inline_scripts_started_is_started(site, watched, numbers):
    """Rows, choosers and dates of forms, those of rows added later included."""
    admin, refused = watched
    admin.goto(f"{site.cms}/admin/pages/add/content/articlepage/{numbers['articles']}/")
    expect(admin.locator("template[data-controller=start]")).to_have_count(0)
    add = admin.locator("[id$='takeaways-ADD']")
    rows = admin.locator("#id_takeaways-FORMS > *")
    before = rows.count()
    add.click()
    expect(rows).to_have_count(before + 1)
    assert refused == []


def test_an_inline_script_does_not_run(site, watched):
    admin, refused = watched
    admin.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.ran = true'; document.body.append(s)"
    )
    assert admin.evaluate("window.ran") is None
    assert len(refused) == 1
    assert re.search(r"script-src 'self'", refused[0])
