"""From the editor to the reader: what is typed is previewed, what is published is read, and nothing else is."""

from playwright.sync_api import expect

from tests.e2e.editor import address_of, choose, edit, field, first_heading_block, heading_of, publish

ARTICLE = """
query($path: String!) {
  resolve(path: $path) { ... on Article { title dek body { ... on HeadingBlock { text } } } }
}
"""


def article(site, path):
    """Title, standfirst and first heading in the public API."""
    found = site.graphql(ARTICLE, {"path": path})["data"]["resolve"]
    return found["title"], found["dek"], next(block["text"] for block in found["body"] if block)


def test_article_is_edited_previewed_and_published(site, admin, new_page):
    path = "/articles/background-jobs-without-regret/"
    reader = new_page()
    title, dek, heading = article(site, path)

    preview = edit(admin, address_of(site, path))
    expect(heading_of(preview)).to_have_text(title)
    field(admin, "title").fill("Queues, and how to sleep well")
    first_heading_block(admin).fill("Is the queue worth its trouble?")
    expect(heading_of(preview)).to_have_text("Queues, and how to sleep well")
    expect(preview.locator(".prose h2").first).to_have_text("Is the queue worth its trouble?")

    assert article(site, path) == (title, dek, heading)
    status, html = site.get(path)
    assert status == 200
    assert "Queues, and how to sleep well" not in html
    assert "Is the queue worth its trouble?" not in html
    reader.goto(f"{site.frontend}{path}")
    expect(heading_of(reader)).to_have_text(title)
    expect(reader.locator(".prose h2").first).to_have_text(heading)

    publish(admin)
    assert article(site, path) == ("Queues, and how to sleep well", dek, "Is the queue worth its trouble?")
    reader.reload()
    expect(heading_of(reader)).to_have_text("Queues, and how to sleep well")
    expect(reader.locator(".prose h2").first).to_have_text("Is the queue worth its trouble?")


def test_missing_field_publishes_nothing_and_keeps_what_was_typed(site, admin):
    path = "/articles/a-learning-path/"
    before = article(site, path)
    edit(admin, address_of(site, path))
    field(admin, "title").fill("A title that must not be lost")
    first_heading_block(admin).fill("A heading that must not be lost")
    field(admin, "dek").fill("")

    choose(admin, "Publish")
    expect(admin.locator(".messages .error")).to_contain_text("could not be saved due to validation errors")
    expect(admin.locator("#panel-child-content-dek-section .error-message")).to_have_text("This field is required.")
    expect(field(admin, "title")).to_have_value("A title that must not be lost")
    expect(first_heading_block(admin)).to_have_value("A heading that must not be lost")
    assert article(site, path) == before
    assert "must not be lost" not in site.get(path)[1]


def test_new_slug_leads_from_the_old_address_and_unpublishing_is_told(site, admin):
    site.shell(
        "from tests.factories import ArticlePageFactory;"
        "ArticlePageFactory(title='A page that moves', slug='a-page-that-moves')"
    )
    assert site.get("/articles/a-page-that-moves/")[0] == 200

    edit(admin, address_of(site, "/articles/a-page-that-moves/"))
    admin.get_by_role("tab", name="Promote").click()
    field(admin, "slug").fill("a-page-that-moved")
    publish(admin)
    moved = admin.request.get(f"{site.frontend}/articles/a-page-that-moves/", max_redirects=0)
    assert (moved.status, moved.headers["location"]) == (301, "/articles/a-page-that-moved/")
    assert "A page that moves" in site.get("/articles/a-page-that-moved/")[1]

    edit(admin, address_of(site, "/articles/a-page-that-moved/"))
    choose(admin, "Unpublish")
    admin.get_by_role("button", name="Yes, unpublish it").click()
    expect(admin.locator(".messages .success")).to_contain_text("unpublished")
    for path in ("/articles/a-page-that-moved/", "/articles/a-page-that-moves/"):
        status, html = site.get(path)
        assert status == 410
        assert "No longer published" in html
        assert "A page that moves" not in html
