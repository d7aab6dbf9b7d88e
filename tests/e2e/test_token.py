"""A preview's token opens a draft to whoever has it: it goes from the admin to the previewed page and nowhere else."""

from playwright.sync_api import expect

from tests.e2e.conftest import sign_in
from tests.e2e.editor import address_of, edit, field, heading_of, in_preview
from tests.e2e.tokens import Watch, logs_with

PATH = "/articles/django-flask-or-fastapi/"


def test_is_long_and_kept_nowhere(site, page):
    """That it is in no log, address, other header or cookie is watched in every journey (tokens.py)."""
    # Cookies of this host are not sent to the front end's, so that whatever lies there was set by the front end.
    sign_in(page, site.cms_localhost)
    preview = edit(page, address_of(site, PATH, site.cms_localhost))
    field(page, "title").fill("Only for its editor")
    expect(heading_of(preview)).to_have_text("Only for its editor")
    token = in_preview(page, "history.state.token")
    assert len(token) == 43  # 256 bits
    assert in_preview(page, "location.href") == f"{site.frontend}/preview"
    assert in_preview(page, "localStorage.length + sessionStorage.length") == 0
    assert page.context.cookies(site.frontend) == []
    session = next(cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid")["value"]
    for log in (site.var / "log").glob("*.log"):
        assert session not in log.read_text(errors="replace")
    for database in site.var.glob("db.sqlite3*"):
        assert token.encode() not in database.read_bytes()


def test_watch_knows_every_token_that_passes_and_finds_where_it_must_not_stand(site, browser, tmp_path):
    token, shared = "seen-in-a-fragment".ljust(43, "x"), "posted-by-the-page".ljust(43, "x")
    watch = Watch()
    with browser.new_context() as context:
        watch.follow(context)
        page = context.new_page()
        page.goto(f"{site.frontend}/preview#token={token}")
        expect(page.locator("main .message")).to_contain_text("not available")
        assert (watch.tokens, watch.leaks()) == ({token}, [])
        page.evaluate("token => fetch('/preview', {method: 'POST', body: new URLSearchParams({token})})", shared)
        page.evaluate("token => fetch('/', {headers: {authorization: token}})", token)
        assert (watch.tokens, watch.leaks()) == ({token, shared}, [])
        page.evaluate("token => fetch('/robots.txt', {headers: {'x-token': token}})", token)
        page.evaluate("token => fetch('/tools/', {method: 'POST', body: token})", shared)
        page.evaluate("token => fetch(`/search?q=${token}`)", token)
        page.evaluate("token => history.replaceState(null, '', `/preview?${token}`)", token)
        page.evaluate("fetch('/robots.txt')")
        context.add_cookies([{"name": "draft", "value": token, "url": site.frontend}])
        assert watch.leaks() == [
            f"x-token of {site.frontend}/robots.txt",
            f"body sent to {site.frontend}/tools/",
            f"address {site.frontend}/search?q={token}",
            f"referer of {site.frontend}/robots.txt",
            "cookie draft",
        ]
    (tmp_path / "clean.log").write_text("POST /preview 200")
    (tmp_path / "leaky.log").write_text(f"GET /preview?token={shared} 200")
    assert logs_with(watch.tokens, sorted(tmp_path.iterdir())) == [str(tmp_path / "leaky.log")]


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
