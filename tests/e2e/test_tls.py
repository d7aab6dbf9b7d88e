"""CMS and front end with their production settings behind a proxy that ends TLS: two https origins, of two sites as
browsers see them, and neither server speaks https itself.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cms.bootstrap import ROOT, node
from cms.frontend import Build
from tests.debian import program, serving
from tests.e2e.conftest import sign_in
from tests.e2e.editor import edit, field, heading_of, in_preview, open_editor, open_preview, wait_until_saved
from tests.e2e.site import Site
from tests.observatory import grade
from tests.ports import free_port, free_ports

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder};
  proxy_temp_path {folder};
  fastcgi_temp_path {folder};
  uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  ssl_certificate {folder}/certificate.pem;
  ssl_certificate_key {folder}/key.pem;
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  server {{ listen 127.0.0.1:{cms} ssl; location / {{ proxy_pass http://127.0.0.1:{gunicorn}; }} }}
  server {{ listen 127.0.0.1:{frontend} ssl; location / {{ proxy_pass http://127.0.0.1:{node}; }} }}
}}
"""


class SecureSite:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = dict(zip(("cms", "frontend", "gunicorn", "node"), free_ports(4), strict=True))
        self.cms = f"https://127.0.0.1:{self.ports['cms']}"
        self.frontend = f"https://www.localhost:{self.ports['frontend']}"
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "cms.settings.production",
            "VAR_DIR": str(folder),
            "STATIC_ROOT": str(folder / "static"),
            "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
            "CACHE_URL": "locmemcache://",
            "SECRET_KEY": "only for these tests, but long enough for what Django asks of it",
            "ALLOWED_HOSTS": "127.0.0.1",
            "CMS_URL": self.cms,
            "FRONTEND_URL": self.frontend,
            "ADMIN_ORIGINS": "",
            "PROXY_COUNT": "1",
        }

    def manage(self, *command: str) -> None:
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=self.environment, check=True)

    def make_certificate(self) -> None:
        names = "subjectAltName=IP:127.0.0.1,DNS:www.localhost"
        files = ["-keyout", self.folder / "key.pem", "-out", self.folder / "certificate.pem"]
        kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        found, variables = program("openssl", ["openssl"])
        command = [found, "req", *kind, *files, "-subj", "/CN=www.localhost", "-addext", names]
        subprocess.run(command, env=os.environ | variables, capture_output=True, check=True)

    @contextmanager
    def proxy(self) -> Iterator[None]:
        found, variables = program("nginx", ["nginx"])
        configuration = self.folder / "nginx.conf"
        configuration.write_text(NGINX.format(folder=self.folder, **self.ports))
        command = [found, "-c", configuration, "-p", self.folder]
        with serving(command, self.ports["cms"], self.folder / "nginx.log", variables):
            yield

    @contextmanager
    def gunicorn(self) -> Iterator[None]:
        command = [sys.executable, "-m", "gunicorn", "cms.wsgi", "--bind", f"127.0.0.1:{self.ports['gunicorn']}"]
        command += ["--worker-class", "gthread", "--threads", "16", "--no-control-socket"]
        with serving(command, self.ports["gunicorn"], self.folder / "cms.log", self.environment):
            yield

    @contextmanager
    def front_end(self, *, cms: str = "") -> Iterator[None]:
        variables = {
            "HOST": "127.0.0.1",
            "PORT": str(self.ports["node"]),
            "CMS_URL": cms or self.cms,
            "CMS_ORIGINS": self.cms,
            "FRONTEND_URL": self.frontend,
            "NODE_EXTRA_CA_CERTS": str(self.folder / "certificate.pem"),
        }
        command = [node(), Build().folder / "server" / "entry.mjs"]
        with serving(command, self.ports["node"], self.folder / "frontend.log", variables):
            yield


@pytest.fixture(scope="module")
def secure(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureSite]:
    """Everything but the front end, with the content of `site`."""
    secure = SecureSite(tmp_path_factory.mktemp("secure"))
    site.copy_database(secure.folder / "db.sqlite3")
    secure.manage("collectstatic", "--no-input", "--verbosity", "0")
    secure.manage("rebuild_documents")
    secure.make_certificate()
    with secure.gunicorn(), secure.proxy():
        yield secure


@pytest.fixture
def front_end(secure):
    with secure.front_end():
        yield


@pytest.fixture
def editor(secure, new_page):
    return sign_in(new_page(ignore_https_errors=True), secure.cms)


@pytest.fixture
def address(site, secure):
    query = '{ tool(slug: "scikit-learn") { id } }'
    number = site.graphql(query)["data"]["tool"]["id"].removeprefix("page:")
    return f"{secure.cms}/admin/pages/{number}/edit/"


def test_preview_userbar_and_checks_work(secure, front_end, editor, address):
    refused = []
    editor.on("console", lambda message: "Content Security" in message.text and refused.append(message.text))
    preview = edit(editor, address)
    field(editor, "tagline").fill("A draft under lock and key")
    expect(preview.locator("main .dek")).to_have_text("A draft under lock and key")
    assert in_preview(editor, "location.href") == f"{secure.frontend}/preview"
    expect(editor.locator("[data-content-word-count]")).to_have_text(re.compile(r"^[1-9]\d*$"))
    expect(preview.locator("wagtail-userbar")).to_be_attached()
    preview.locator(".breadcrumbs").get_by_role("link", name="Tools", exact=True).click()
    expect(preview.get_by_text("A draft under lock and key")).to_be_visible()
    assert refused == []


def test_front_end_that_does_not_answer_is_told_in_words_until_it_does(secure, editor, address):
    open_editor(editor, address)
    preview = open_preview(editor)
    notice = editor.locator("#preview-unreachable")
    expect(notice).to_contain_text(f"The preview cannot be shown: the site ({secure.frontend}) does not answer")
    with secure.front_end():
        expect(heading_of(preview)).to_have_text("scikit-learn")
        expect(notice).to_have_count(0)


def test_front_end_that_goes_away_is_told_in_words(secure, editor, address):
    with secure.front_end():
        preview = edit(editor, address)
        expect(editor.locator("#preview-unreachable")).to_have_count(0)
    field(editor, "tagline").fill("Nobody can see this yet")
    expect(editor.locator("#preview-unreachable")).to_be_visible()
    wait_until_saved(editor)
    with secure.front_end():
        expect(preview.locator("main .dek")).to_have_text("Nobody can see this yet")
        expect(editor.locator("#preview-unreachable")).to_have_count(0)


def test_cms_that_does_not_answer_the_front_end_is_told_in_words(secure, editor, address):
    nobody = f"https://127.0.0.1:{free_port()}"
    with secure.front_end(cms=nobody):
        open_editor(editor, address)
        preview = open_preview(editor)
        expect(preview.locator("main .message[data-code=CMS_UNAVAILABLE]")).to_contain_text("does not answer")
        expect(editor.locator("#preview-unreachable")).to_have_count(0)


@pytest.mark.parametrize(
    ("server", "path"),
    [
        ("cms", "/admin/login/"),
        ("cms", "/graphql?query=%7B__typename%7D"),
        ("cms", "/static/cms/start.js"),
        ("frontend", "/"),
        ("frontend", "/tools/scikit-learn/"),
    ],
)
def test_headers_have_the_best_grade(secure, front_end, new_page, server, path):
    answer = new_page(ignore_https_errors=True).goto(f"{getattr(secure, server)}{path}")
    assert answer.status == 200
    cookies = [each["value"] for each in answer.headers_array() if each["name"].lower() == "set-cookie"]
    assert grade(answer.all_headers(), cookies) == "A+"
    if path == "/admin/login/":
        assert [cookie.partition("=")[0] for cookie in cookies] == ["__Host-csrftoken"]


def test_session_is_for_this_host_only(editor):
    (session,) = [each for each in editor.context.cookies() if each["name"].endswith("sessionid")]
    assert session["name"] == "__Host-sessionid"
    assert (session["secure"], session["httpOnly"], session["sameSite"], session["path"]) == (True, True, "Lax", "/")
