"""Varnish as it is shipped: what it keeps, what it throws away when it is told, and what it never keeps."""

import subprocess
import sys
import time
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
import urllib3

from api import purging
from tests import debian, factories
from tests.ports import free_port
from tests.processes import ROOT, shared_database, variables

pytestmark = pytest.mark.django_db(transaction=True)
TITLE = '{ tool(slug: "django") { title } }'


@pytest.fixture
def edge(tmp_path, settings):
    """Asks the API through Varnish, which is told of changes made by this test: `edge(query, method, **headers)`."""
    tool = factories.ToolPageFactory(title="Django", slug="django")
    backend = free_port()
    serve = ["-m", "gunicorn", "cms.wsgi", "--bind", f"127.0.0.1:{backend}", "--threads", "4", "--no-control-socket"]
    with shared_database(tmp_path) as database:
        environment = variables(database) | {"CACHE_TAG_HEADER": "xkey", "SHARED_CACHE_SECONDS": "86400"}
        command = [sys.executable, *serve]
        with (
            debian.serving(command, backend, tmp_path / "gunicorn.log", environment),
            debian.varnish(tmp_path, backend) as port,
        ):
            pool = urllib3.PoolManager()

            def ask(query=TITLE, method="GET", **headers):
                address = f"http://127.0.0.1:{port}/graphql?{urlencode({'query': query})}"
                return pool.request(method, address, headers=headers)

            ask.address, ask.database, ask.tool, ask.settings = f"http://127.0.0.1:{port}/", database, tool, settings
            yield ask


def was_kept(answer):
    """Varnish names the two requests of what it has kept."""
    return len(answer.headers["X-Varnish"].split()) == 2


def test_it_keeps_answers_until_it_is_told(edge):
    first, second = edge(), edge()
    assert (was_kept(first), was_kept(second)) == (False, True)
    assert first.json()["data"] == second.json()["data"] == {"tool": {"title": "Django"}}
    assert "xkey" not in second.headers
    edited(edge, title="Django, the framework")
    assert edge().json()["data"] == {"tool": {"title": "Django"}}, "nobody has told it"
    told(edge)
    assert edge().json()["data"] == {"tool": {"title": "Django, the framework"}}
    assert was_kept(edge())


def edited(edge, **values):
    """Published by another process, which has no caches to tell."""
    code = (
        "import django; django.setup()\n"
        "from content.changes import changes\nfrom content.models.tool import ToolPage\n"
        f"tool = ToolPage.objects.get(pk={edge.tool.pk})\n"
        f"with changes():\n    [setattr(tool, *each) for each in {values!r}.items()]\n    tool.save_revision().publish()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=variables(edge.database), check=False)
    assert done.returncode == 0


def told(edge):
    """What a worker does, in a process that has a cache to tell."""
    code = "import django; django.setup()\nfrom api.purging import tell_caches; tell_caches.call()"
    told = {"CACHE_TAG_HEADER": "xkey", "PURGE_BACKEND": "varnish", "PURGE_URLS": edge.address}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=variables(edge.database) | told, check=False)
    assert done.returncode == 0


def test_it_throws_away_just_what_has_changed(edge):
    told(edge)  # from here on it is known what it knows
    other = "{ articles { totalCount } }"
    for query in (TITLE, other):
        edge(query)
    edited(edge, title="Django, the framework")
    told(edge)
    assert (was_kept(edge(TITLE)), was_kept(edge(other))) == (False, True)


def test_a_miss_is_thrown_away_when_the_page_comes(edge):
    told(edge)
    miss = '{ resolve(path: "/tools/renamed/") { ... on Tool { title } } }'
    assert edge(miss).json()["data"] == {"resolve": None}
    assert was_kept(edge(miss))
    edited(edge, slug="renamed")
    told(edge)
    assert edge(miss).json()["data"] == {"resolve": {"title": "Django"}}


def test_who_may_not_tell_it_is_refused(edge):
    pool = urllib3.PoolManager()
    assert pool.request("PURGE", edge.address).status == 400
    purging.Varnish().purge(edge.address, ["nothing"])
    vcl = (ROOT / "cms" / "varnish" / "default.vcl").read_text()
    assert vcl.index("!client.ip ~ toolshelf") < vcl.index("xkey.purge(")


def test_what_has_a_credential_is_neither_kept_nor_given(edge):
    assert not was_kept(edge())
    assert was_kept(edge())
    for name in ("Authorization", "authorization"):
        refused = edge(**{name: "Bearer nothing"})
        assert (refused.status, was_kept(refused)) == (401, False)
    assert was_kept(edge(Cookie="sessionid=1")), "cookies are nobody's business"
    assert was_kept(edge(Origin="https://www.example.com"))
    assert edge(Origin="https://www.example.com").headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("query", ["{", "{ nothing }"])
def test_errors_are_not_kept(edge, query):
    assert [was_kept(edge(query)) for _ in range(3)] == [False] * 3


def test_the_two_types_of_answers_are_kept_apart(edge):
    for accept in ("application/json", "application/graphql-response+json"):
        first, second = edge(Accept=accept), edge(Accept=accept)
        assert (was_kept(first), was_kept(second)) == (False, True)
        assert second.headers["Content-Type"] == f"{accept}; charset=utf-8"
    assert was_kept(edge(Accept="*/*"))
    assert edge(Accept="text/html").status == 406


def test_an_unchanged_answer_is_not_sent_again(edge):
    first = edge()
    again = edge(**{"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.data) == (304, b"")


def test_it_never_shows_what_has_expired(edge):
    """In real time: the answer goes when the page does, although nobody has told Varnish."""
    end = time.time() + 15  # the process that publishes it takes its time
    moment = datetime.fromtimestamp(end, tz=UTC)
    code = (
        "import django; django.setup()\nfrom datetime import datetime\n"
        "from content.changes import changes\nfrom content.models.tool import ToolPage\n"
        f"tool = ToolPage.objects.get(pk={edge.tool.pk})\ntool.expire_at = datetime.fromisoformat({moment.isoformat()!r})\n"
        "with changes():\n    tool.save_revision().publish()"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=variables(edge.database), check=False).returncode
        == 0
    )
    time.sleep(max(0, end - 5 - time.time()))
    kept = shown = 0
    while time.time() < end + 1.5:
        asked = time.time()
        answer = edge()
        if answer.json()["data"]["tool"]:
            shown += 1
            kept += was_kept(answer)
            assert asked < end
        time.sleep(0.05)
    assert kept > 0
    assert shown > kept
    assert edge().json()["data"] == {"tool": None}
