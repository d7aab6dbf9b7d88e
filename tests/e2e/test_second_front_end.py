"""Anybody's front end: one of plain HTML and the standard library (second_front_end/), which knows the API and
docs/preview-protocol.md, and nothing of frontend/.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3
from playwright.sync_api import expect

from tests import debian
from tests.e2e.conftest import sign_in
from tests.e2e.editor import edit, field, heading_of, in_preview, wait_in_preview, wait_until_saved
from tests.e2e.site import Site

FOLDER = Path(__file__).parent / "second_front_end"
SERVER = [sys.executable, FOLDER / "server.py"]
PATH = "/articles/one-content-two-sites/"
MAKE = """
from tests.factories import *
blocks = [("heading", {"text": f"Part {n}", "level": "2"}) for n in range(40)]
print(ArticlePageFactory(title="One content, two sites", slug="one-content-two-sites", body=blocks).pk)
"""


@pytest.fixture(scope="module")
def second(site, tmp_path_factory):
    """The second front end and a CMS of its own, which answers its documents only."""
    second = Site(tmp_path_factory.mktemp("second"))
    site.copy_database(second.var / "db.sqlite3")
    logs = second.var / "log"
    logs.mkdir()
    variables = {
        "PORT": str(second.frontend_port),
        "CMS_URL": second.cms,
        "FRONTEND_URL": second.frontend,
        "ADMIN_ORIGINS": f"{second.cms},{second.cms_localhost}",
        "no_proxy": "*",
    }
    manifest = second.var / "manifest.json"
    manifest.write_text(subprocess.run([*SERVER, "manifest"], stdout=subprocess.PIPE, text=True, check=True).stdout)
    second.manage("trust_documents", str(manifest))
    second.environment["TRUSTED_DOCUMENTS_ONLY"] = "on"
    second.article = second.shell(MAKE).strip()
    cms = [sys.executable, "-m", "gunicorn", "cms.wsgi", "--bind", f"127.0.0.1:{second.port}", "--no-control-socket"]
    cms += ["--worker-class", "gthread", "--threads", "16", "--access-logfile", "-"]
    cms += ["--access-logformat", '"%(r)s" %(s)s cookies: %({cookie}i)s']
    with (
        debian.serving(cms, second.port, logs / "cms.log", second.environment),
        debian.serving(SERVER, second.frontend_port, logs / "frontend.log", variables),
    ):
        yield second


@pytest.fixture
def editor(second, page):
    return sign_in(page, second.cms_localhost)


@pytest.fixture
def address(second):
    return f"{second.cms_localhost}/admin/pages/{second.article}/edit/"


def asked(second, path, method="GET", **options):
    return urllib3.PoolManager(retries=False).request(method, second.frontend + path, redirect=False, **options)


def test_readers_get_pages_by_a_trusted_document(second, page):
    assert second.graphql("{ __typename }")["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    page.goto(f"{second.frontend}/")
    page.get_by_role("link", name="One content, two sites").click()
    expect(heading_of(page)).to_have_text("One content, two sites")
    expect(page.locator("main h2").first).to_have_text("Part 0")
    answer = asked(second, PATH)
    assert answer.headers["Cache-Control"].startswith("public, max-age=0, s-maxage=")
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert (asked(second, PATH.rstrip("/")).status, asked(second, PATH.rstrip("/")).headers["Location"]) == (301, PATH)
    assert asked(second, "/never-written/").status == 404
    assert re.search(r'"GET /graphql\?documentId=sha256%3A[0-9a-f]{64}&operationName=Page&', second.log("cms"))


def test_editor_sees_what_is_typed_and_stays_in_the_preview(second, editor, address):
    problems = []
    editor.on("console", lambda message: "Content Security" in message.text and problems.append(message.text))
    preview = edit(editor, address)
    field(editor, "title").fill("Seen on the second site")
    expect(heading_of(preview)).to_have_text("Seen on the second site")
    assert in_preview(editor, "location.href") == f"{second.frontend}/preview"
    expect(editor.locator("[data-content-word-count]")).to_have_text(re.compile(r"^[1-9]\d*$"))
    expect(editor.locator("#preview-unreachable")).to_have_count(0)

    preview.get_by_role("link", name="Articles").click()
    expect(heading_of(preview)).to_have_text("Articles")
    expect(preview.locator("#preview-bar")).to_be_visible()
    in_preview(editor, "void (document.querySelector('main').id = 'before', location.reload())")
    expect(preview.locator("#before")).to_have_count(0)
    preview.get_by_role("link", name="Seen on the second site").click()
    expect(heading_of(preview)).to_have_text("Seen on the second site")
    in_preview(editor, "void history.back()")
    expect(heading_of(preview)).to_have_text("Articles")
    assert b"Seen on the second site" not in asked(second, PATH).data
    assert b"Seen on the second site" not in asked(second, "/").data
    assert problems == []


def test_refresh_keeps_the_scroll_position(editor, address):
    preview = edit(editor, address)
    in_preview(editor, "scrollTo(0, window.isOld = 500)")
    field(editor, "title").fill("Scrolled on the second site")
    expect(heading_of(preview)).to_have_text("Scrolled on the second site")
    assert in_preview(editor, "window.isOld") is None
    wait_in_preview(editor, "scrollY === 500")


def test_checks_are_counted(editor, address):
    edit(editor, address)
    editor.get_by_role("button", name="Toggle checks").click()
    count = editor.locator("[data-side-panel='checks'] [data-content-checker-count]")
    expect(count).to_have_text("0")
    editor.locator("select[name^='body-'][name$='-value-level']").nth(1).select_option("4")
    expect(count).to_have_text("1")


def test_shared_draft_opens_without_signing_in_until_it_is_withdrawn(second, editor, address, new_page):
    edit(editor, address)
    field(editor, "title").fill("Shared on the second site")
    wait_until_saved(editor)
    editor.get_by_role("button", name="More actions").click()
    editor.get_by_role("link", name="Share the draft").click()
    editor.get_by_label("For whom").fill("A reader")
    editor.get_by_role("button", name="Share", exact=True).click()
    link = editor.get_by_role("textbox", name="Link for A reader").input_value()
    assert link.startswith(f"{second.frontend}/preview#token=")

    guest = new_page()
    guest.goto(link)
    expect(heading_of(guest)).to_have_text("Shared on the second site")
    expect(guest.locator("#preview-bar")).to_contain_text("SHARED")
    assert guest.url == f"{second.frontend}/preview"
    assert guest.context.cookies() == []
    editor.get_by_role("button", name="Withdraw").click()
    expect(editor.locator("table.listing")).to_contain_text("Withdrawn")
    guest.reload()
    expect(heading_of(guest)).to_have_text("This preview is not available")
    expect(guest.locator("main")).to_contain_text("was withdrawn")


def test_shell_and_answer_are_private_and_other_origins_are_refused(second, editor, address):
    preview = edit(editor, address)
    title = heading_of(preview).inner_text()
    token = in_preview(editor, "history.state.token")

    def posted(**headers):
        return asked(second, "/preview", "POST", fields={"token": token}, encode_multipart=False, headers=headers)

    answer = posted(Origin=second.frontend)
    assert title in answer.data.decode()
    for headers in ({"Origin": second.cms}, {"Origin": "null"}, {}):
        refused = posted(**headers)
        assert refused.status == 403
        assert title not in refused.data.decode()
    for response in (answer, asked(second, "/preview")):
        assert response.status == 200
        assert promised_headers(second).items() <= dict(response.headers).items()
        assert token not in response.data.decode()


def promised_headers(second):
    """As the protocol has them."""
    text = Path("docs/preview-protocol.md").read_text()
    block = re.search(r"```\n(Cache-Control: .*?)\n```", text, re.DOTALL)[1].replace("\n  ", " ")
    admins = [second.cms, second.cms_localhost]
    block = block.replace("ADMIN/static/", " ".join(f"{admin}/static/" for admin in admins))
    return dict(line.split(": ", 1) for line in block.replace("ADMIN", " ".join(admins)).splitlines())


def test_no_cookie_is_passed_on(second, editor, address):
    edit(editor, address)
    token = in_preview(editor, "history.state.token")
    headers = {"Origin": second.frontend, "Cookie": "sessionid=of-this-host"}
    form = {"fields": {"token": token}, "encode_multipart": False}
    assert asked(second, "/preview", "POST", headers=headers, **form).status == 200
    assert asked(second, PATH, headers=headers).status == 200
    assert re.search("cookies: .*sessionid=", second.log("cms"))  # the admin's own: the log would show it
    assert "of-this-host" not in second.log("cms") + second.log("frontend")


AWAY = "from django.db import connection; connection.cursor().execute('ALTER TABLE {0} RENAME TO {1}')"


def test_cms_that_fails_is_told_in_words_and_its_log_has_no_token(second, editor, address):
    preview = edit(editor, address)
    expect(heading_of(preview)).not_to_have_text("")
    token = in_preview(editor, "history.state.token")
    second.shell(AWAY.format("api_previewgrant", "api_away"))
    try:
        preview.get_by_role("link", name="Articles").click()
        expect(preview.locator("[data-code=CMS_UNAVAILABLE]")).to_contain_text("Nothing that was written is lost")
    finally:
        second.shell(AWAY.format("api_away", "api_previewgrant"))
    assert "no such table: api_previewgrant" in second.log("cms")
    assert re.search(r'"POST /graphql HTTP/1.1" 503', second.log("cms"))
    assert token not in second.log("cms") + second.log("frontend")
    preview.get_by_role("link", name="Articles").click()
    expect(heading_of(preview)).to_have_text("Articles")
