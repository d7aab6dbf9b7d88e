"""A preview's token opens a draft to whoever has it: it goes from the admin to the previewed page and nowhere else."""

from playwright.sync_api import expect

from tests.e2e.conftest import sign_in
from tests.e2e.editor import address_of, edit, field, heading_of, in_preview

PATH = "/articles/django-flask-or-fastapi/"


def test_is_in_no_log_address_referrer_or_cookie(site, page):
    # Cookies of this host are not sent to the front end's, so that whatever lies there was set by the front end.
    sign_in(page, site.cms_localhost)
    requests = []
    page.context.on("request", lambda request: requests.append(request))
    preview = edit(page, address_of(site, PATH, site.cms_localhost))
    field(page, "title").fill("Only for its editor")
    expect(heading_of(preview)).to_have_text("Only for its editor")
    token = in_preview(page, "history.state.token")
    preview.locator(".breadcrumbs").get_by_role("link", name="Articles").click()
    expect(heading_of(preview)).to_have_text("Articles")
    in_preview(page, "void location.reload()")
    expect(heading_of(preview)).to_have_text("Articles")

    assert len(token) >= 22  # 128 bits
    assert in_preview(page, "location.href") == f"{site.frontend}/preview"
    asked = [request for request in requests if request.url.startswith(f"{site.frontend}/preview")]
    posts = [request for request in asked if request.method == "POST"]
    assert len(posts) >= 3
    assert all(token in request.post_data for request in posts)
    for request in requests:
        sent = request.url.partition("#")[0]
        assert token not in sent
        assert token not in request.headers.get("referer", "")
        if request not in posts:
            assert token not in (request.post_data or "")
    assert page.context.cookies(site.frontend) == []
    session = next(cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid")["value"]
    for name in ("cms", "frontend", "scheduler", "setup"):
        assert token not in site.log(name)
        assert session not in site.log(name)
    for database in site.var.glob("db.sqlite3*"):
        assert token.encode() not in database.read_bytes()


def test_leaves_the_admin_in_the_fragment_of_a_redirect(site, admin):
    address = address_of(site, PATH)
    preview = edit(admin, address)
    expect(heading_of(preview)).to_be_visible()
    answer = admin.request.get(f"{address}preview/?in_preview_panel=true", max_redirects=0)
    assert answer.status == 302
    assert answer.headers["location"].startswith(f"{site.frontend}/preview#token=")
    assert {"private", "no-store"} <= set(answer.headers["cache-control"].split(", "))
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_shell_and_answer_are_private_and_framed_by_the_admin_only(site, admin):
    edit(admin, address_of(site, PATH))
    token = in_preview(admin, "history.state.token")
    shell = admin.request.get(f"{site.frontend}/preview")
    answer = admin.request.post(
        f"{site.frontend}/preview", headers={"Origin": site.frontend}, form={"token": token, "path": ""}
    )
    for response in (shell, answer):
        assert response.status == 200
        assert response.headers["cache-control"] == "private, no-store"
        assert response.headers["x-robots-tag"] == "noindex"
        assert response.headers["referrer-policy"] == "same-origin"
        assert "x-frame-options" not in response.headers
        assert "set-cookie" not in response.headers
        assert "etag" not in response.headers
        policy = dict(part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";"))
        assert policy["frame-ancestors"].split() == [site.cms, site.cms_localhost]
        assert policy["form-action"] == "'self'"
        assert policy["script-src"].split() == ["'self'", f"{site.cms}/static/", f"{site.cms_localhost}/static/"]
        assert "unsafe" not in response.headers["content-security-policy"]
        assert token not in response.text()


def test_posted_from_another_origin_shows_nothing(site, admin):
    preview = edit(admin, address_of(site, PATH))
    title = heading_of(preview).inner_text()
    token = in_preview(admin, "history.state.token")
    own = {"Origin": site.frontend}
    form = {"token": token, "path": ""}
    assert title in admin.request.post(f"{site.frontend}/preview", headers=own, form=form).text()
    for headers in ({"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {}):
        answer = admin.request.post(f"{site.frontend}/preview", headers=headers, form=form)
        assert answer.status == 403
        assert title not in answer.text()


def test_front_end_sees_the_published_page_without_it(site, admin):
    """The admin's session cookie reaches the front end on the same host, and opens nothing."""
    preview = edit(admin, address_of(site, PATH))
    field(admin, "title").fill("Seen with the token only")
    expect(heading_of(preview)).to_have_text("Seen with the token only")
    admin.goto(f"{site.frontend}{PATH}")
    expect(heading_of(admin)).not_to_have_text("Seen with the token only")
