"""Pages in shared caches: what the front end says of them, and Varnish in front of it as it is shipped."""

import re
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import urllib3

from cms.bootstrap import node
from cms.frontend import Build
from tests import debian
from tests.e2e.site import Site

TOOL = "/tools/flask/"
CHANGE = """
import datetime
from django.core.management import call_command
from content.changes import changes
from content.models.tool import ToolPage
with changes():
    tool = ToolPage.objects.get(slug={tool!r})
    [setattr(tool, *each) for each in {values!r}.items()]
    tool.save_revision().publish()
call_command("worker", once=True)
"""


class Edge:
    """CMS, front end and Varnish, with the content of `site` in a database of their own."""

    def __init__(self, site: Site, folder: Path, seconds: int) -> None:
        self.folder, self.pool = folder, urllib3.PoolManager(retries=False)
        self.site = Site(folder)
        self.site.environment |= {
            "CACHE_TAG_HEADER": "xkey",
            "SHARED_CACHE_SECONDS": str(seconds),
            "PURGE_BACKEND": "varnish",
        }
        site.copy_database(folder / "db.sqlite3")

    @contextmanager
    def cms(self):
        command = [".venv/bin/python", "-m", "gunicorn", "cms.wsgi", "--bind", f"127.0.0.1:{self.site.port}"]
        command += ["--worker-class", "gthread", "--threads", "8", "--no-control-socket"]
        with debian.serving(command, self.site.port, self.folder / "cms.log", self.site.environment):
            yield

    @contextmanager
    def front_end(self):
        variables = {
            "HOST": "127.0.0.1",
            "PORT": str(self.site.frontend_port),
            "CMS_URL": self.site.cms,
            "FRONTEND_URL": self.site.frontend,
            "CACHE_TAG_HEADER": "xkey",
        }
        command = [node(), Build().folder / "server" / "entry.mjs"]
        with debian.serving(command, self.site.frontend_port, self.folder / "frontend.log", variables):
            yield

    @contextmanager
    def varnish(self, **replaced):
        with debian.varnish(self.folder, self.site.frontend_port, "frontend", **replaced) as port:
            self.address = f"http://127.0.0.1:{port}"
            self.site.environment["PURGE_URLS"] = f"{self.address}/"
            yield

    def page(self, path, **headers):
        """As the front end gives it to a cache."""
        return self.pool.request("GET", self.site.frontend + path, headers=headers, redirect=False)

    def kept(self, path, **headers):
        """As Varnish gives it to a reader."""
        return self.pool.request("GET", self.address + path, headers=headers, redirect=False)

    def publish(self, tool="flask", **values):
        self.site.shell(CHANGE.format(tool=tool, values=values))


@pytest.fixture(scope="module")
def edge(site, tmp_path_factory):
    edge = Edge(site, tmp_path_factory.mktemp("edge"), 86_400)
    with ExitStack() as servers:
        for server in (edge.varnish(), edge.cms(), edge.front_end()):
            servers.enter_context(server)
        edge.publish(tagline="From here on Varnish is told what changes")
        yield edge


def was_kept(answer):
    """Varnish names the two requests of what it has kept."""
    return len(answer.headers["X-Varnish"].split()) == 2


def test_page_says_how_long_it_may_be_kept_and_what_it_shows(edge):
    page = edge.page(TOOL)
    assert page.status == 200
    control = "public, max-age=0, must-revalidate, s-maxage=86400, stale-while-revalidate=30, stale-if-error=86400"
    assert page.headers["Cache-Control"] == control
    number = edge.site.graphql('{ tool(slug: "flask") { id } }')["data"]["tool"]["id"].replace(":", "-")
    assert {"all", number} <= set(page.headers["xkey"].split())
    assert "Set-Cookie" not in page.headers
    assert "Vary" not in page.headers


def test_page_of_a_site_without_tags_is_kept_for_as_long_as_the_api_says(site, edge):
    """`make up` has given the documents to the CMS: what is posted is kept by nobody."""
    page = edge.pool.request("GET", site.frontend + TOOL)
    assert re.search(r" s-maxage=60, ", page.headers["Cache-Control"])
    assert "xkey" not in page.headers


def test_unchanged_page_is_not_sent_again_and_a_published_one_is(edge):
    before = edge.page(TOOL)
    same = edge.page(TOOL, **{"If-None-Match": before.headers["ETag"]})
    assert (same.status, same.data) == (304, b"")
    assert {name: same.headers[name] for name in ("ETag", "Cache-Control", "xkey")} == {
        name: before.headers[name] for name in ("ETag", "Cache-Control", "xkey")
    }
    edge.publish(tagline="A framework that was edited a moment ago")
    after = edge.page(TOOL, **{"If-None-Match": before.headers["ETag"]})
    assert after.status == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    assert b"edited a moment ago" in after.data


@pytest.mark.parametrize(
    ("path", "status"), [("/tools/never-written/", 404), ("/tools/flask", 301), ("/search?q=flask", 200)]
)
def test_other_answers_tell_the_same(edge, path, status):
    answer = edge.page(path)
    assert answer.status == status
    assert "s-maxage=86400" in answer.headers["Cache-Control"]
    assert "all" in answer.headers["xkey"].split()


def test_refused_address_is_not_kept(edge):
    answer = edge.page("/tools/?after=mistyped")
    assert (answer.status, answer.headers["Cache-Control"]) == (404, "public, max-age=0, must-revalidate")
    assert "xkey" not in answer.headers


def test_varnish_throws_away_the_pages_that_show_what_has_changed(edge):
    shown = [TOOL, "/comparisons/web-frameworks/", "/search?q=flask"]
    for path in (*shown, "/people/mara-lindqvist/"):
        edge.kept(path)
        assert was_kept(edge.kept(path)), path
    edge.publish(title="Flask, the little one")
    for path in shown:
        answer = edge.kept(path)
        assert not was_kept(answer), path
        assert b"Flask, the little one" in answer.data
    assert was_kept(edge.kept("/people/mara-lindqvist/"))


def test_page_that_was_not_there_is_shown_as_soon_as_it_is(edge):
    path = "/tools/flask-renamed/"
    edge.kept(path)
    missing = edge.kept(path)
    assert (missing.status, was_kept(missing)) == (404, True)
    edge.publish(slug="flask-renamed")
    assert edge.kept(path).status == 200
    edge.publish("flask-renamed", slug="flask")
    assert edge.kept(TOOL).status == 200


def test_varnish_never_shows_what_has_expired(edge):
    """In real time: the page goes although nobody has told Varnish."""
    end = time.time() + 30  # the process that publishes it takes its time
    edge.publish("django", expire_at=datetime.fromtimestamp(end, tz=UTC))
    path = "/tools/django/"
    assert edge.kept(path).status == 200
    assert was_kept(edge.kept(path))
    time.sleep(max(0, end - time.time()))
    assert edge.kept(path).status != 200


def test_varnish_keeps_the_tags_to_itself_and_knows_no_cookies(edge):
    edge.kept(TOOL)
    answer = edge.kept(TOOL, Cookie="sessionid=1")
    assert was_kept(answer)
    assert "xkey" not in answer.headers


def test_who_may_not_tell_varnish_is_refused(edge):
    assert edge.pool.request("PURGE", edge.address).status == 400
    vcl = Path("cms/varnish/frontend.vcl").read_text()
    assert vcl.index("!client.ip ~ toolshelf") < vcl.index("xkey.purge(")


def test_preview_is_never_kept(edge):
    for _ in range(2):
        answer = edge.kept("/preview")
        assert (answer.status, was_kept(answer)) == (200, False)


def test_old_pages_are_shown_while_cms_or_front_end_are_away(site, tmp_path):
    edge = Edge(site, tmp_path, 1)
    with edge.varnish(grace="1s"):
        with edge.front_end():
            with edge.cms():
                assert edge.kept(TOOL).status == 200
                time.sleep(3)
                assert not was_kept(edge.kept(TOOL)), "there is a new one"
            time.sleep(3)
            assert edge.page(TOOL).status == 503
            assert [edge.kept(TOOL).status for _ in range(3)] == [200] * 3
            unseen = edge.kept("/tools/django/")
            assert (unseen.status, unseen.headers["Cache-Control"]) == (503, "no-store")
            assert unseen.headers["Retry-After"] == "30"
            with edge.cms():
                edge.kept(TOOL)
                time.sleep(2)
                assert edge.kept("/tools/django/").status == 200
                edge.publish(title="Flask, after the break")
                assert b"Flask, after the break" in edge.kept(TOOL).data
        time.sleep(3)
        assert b"Flask, after the break" in edge.kept(TOOL).data
