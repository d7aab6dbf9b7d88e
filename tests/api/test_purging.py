"""Who keeps answers is told what has changed: just that, soon, and once more."""

import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.checks import run_checks
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max
from wagtail.models import Page, PageViewRestriction, Site

from api import purging
from api.documents import tags
from api.documents.models import Event, Generation, Purged
from content import jobs
from content.changes import changes, touch
from content.models.topic import Topic
from tests import factories, processes
from tests.ports import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def carried(client, settings):
    """The tags that an answer carries."""
    settings.CACHE_TAG_HEADER = "xkey"

    def ask(query):
        response = client.get("/graphql", {"query": query})
        assert "errors" not in response.json(), response.json()
        return set(response["xkey"].split())

    return ask


@contextmanager
def named():
    """Gets the tags that are named by the changes inside."""
    before = Generation.objects.get().value if Generation.objects.exists() else 0
    found: set[str] = set()
    yield found
    events = Event.objects.filter(generation__gt=before)
    assert events
    found |= set().union(*map(tags.named_by, events))


@pytest.fixture
def world():
    """Two articles about one of two topics, by one of two people, and a tool."""
    topic, other = factories.TopicFactory(name="Data", slug="data"), factories.TopicFactory(name="Web", slug="web")
    tool = factories.ToolPageFactory(title="Django", slug="django")
    return {
        "topic": topic,
        "other topic": other,
        "tool": tool,
        "article": factories.ArticlePageFactory(slug="one", title="One", topics=[topic], tools=[tool]),
        "other article": factories.ArticlePageFactory(slug="two", title="Two", topics=[other]),
    }


QUERIES = {
    "article": '{ article(slug: "one") { title dek } }',
    "other article": '{ article(slug: "two") { title dek } }',
    "articles": "{ articles { totalCount nodes { id } } }",
    "first article": "{ articles(first: 1, order: TITLE_ASC) { nodes { title } } }",
    "articles of topic": '{ articles(filter: {topic: "TOPIC"}) { totalCount } }',
    "articles of other topic": '{ articles(filter: {topic: "OTHER"}) { totalCount } }',
    "topic": '{ topic(slug: "data") { name } }',
    "tool": '{ tool(slug: "django") { usedIn { title } } }',
    "children": '{ page(path: "/articles/") { children { title } } }',
    "miss": '{ resolve(path: "/articles/three/") { __typename } }',
    "miss by slug": '{ article(slug: "three") { title } }',
    "miss by id": '{ node(id: "page:999999") { id } }',
    "another miss": '{ resolve(path: "/articles/four/") { __typename } }',
    "search": '{ search(query: "one") { totalCount } }',
    "tools": "{ tools { totalCount } }",
    "site": "{ site { name navigation { label } } }",
    "feed": "{ changes { nodes { id } } }",
}
EDITS = {
    "another word in an article": (
        lambda world: publish(world["article"], dek="Another word"),
        {"article", "articles", "first article", "articles of topic", "tool", "children", "search", "feed"},
    ),
    "another title": (
        lambda world: publish(world["article"], title="Zebra"),
        {"article", "articles", "first article", "articles of topic", "tool", "children", "search", "feed"},
    ),
    "an article more": (
        lambda world: factories.ArticlePageFactory(slug="three", title="Three", topics=[world["topic"]]),
        {"articles", "first article", "articles of topic", "children", "search", "feed", "miss", "miss by slug"},
    ),
    "an article less": (
        lambda world: world["other article"].unpublish(),
        {"other article", "articles", "first article", "articles of other topic", "children", "search", "feed"},
    ),
    "a topic by another name": (
        lambda world: publish(world["topic"], name="Databases"),
        {"topic", "articles of topic", "feed"},
    ),
    "a restricted section": (
        lambda world: PageViewRestriction.objects.create(
            page=Page.objects.get(slug="articles", depth=3), restriction_type="login"
        ),
        {"article", "other article", "articles", "first article", "articles of topic", "articles of other topic"}
        | {"tool", "children", "search", "feed"},
    ),
    "a site at another address": (lambda world: move_site(), set(QUERIES)),
}


def publish(found, **values):
    for name, value in values.items():
        setattr(found, name, value)
    found.save_revision().publish()


def move_site():
    site = Site.objects.get(is_default_site=True)
    site.hostname = "moved.example"
    site.save()


@pytest.mark.parametrize("edit", EDITS)
def test_just_what_may_have_changed_is_named(world, carried, edit):
    keys = {"TOPIC": f"topic:{world['topic'].pk}", "OTHER": f"topic:{world['other topic'].pk}"}
    queries = {
        name: query.replace("TOPIC", keys["TOPIC"]).replace("OTHER", keys["OTHER"]) for name, query in QUERIES.items()
    }
    before = {name: carried(query) for name, query in queries.items()}
    act, expected = EDITS[edit]
    with named() as found, changes():
        act(world)
    assert {name for name, names in before.items() if not found.isdisjoint(names)} == expected


def test_what_a_client_makes_up_is_no_tag(carried):
    (made_up,) = carried('{ node(id: "page:1 all\\r\\nSet-Cookie: x") { id } }') - {tags.ALL}
    assert made_up.startswith("key-")
    assert made_up.isascii()
    assert len(made_up) < 25


def test_more_tags_than_a_header_holds_become_fewer(world):
    keys = {tags.of_key(f"page:{number}") for number in range(2_000)}
    short = tags.collapsed({*keys, "person-3", "list-Article"})
    assert short == ["all", "list-Article", "page-any", "person-3"]
    assert tags.collapsed({"page-1", "page-2"}) == ["all", "page-1", "page-2"]
    with named() as found, changes():
        publish(world["article"], dek="Another word")
    assert "page-any" in found
    assert "person-any" not in found


def test_a_change_of_more_than_can_be_named_names_all():
    with changes():
        Page.objects.get(slug="articles", depth=3).specific.save_revision().publish()
    event = Event.objects.order_by("-generation").first() or Event(generation=1, created_at=timezone.now())
    event.keys = [f"page:{number}" for number in range(tags.MOST_KEYS + 1)]
    assert tags.named_by(event) == {tags.ALL}


# Telling --------------------------------------------------------------------------------------------------------------


class Cache(ThreadingHTTPServer):
    """Takes purges of both kinds, and notes what it is told."""

    def __init__(self):
        self.told: list[set[str]] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/purge"


class Handler(BaseHTTPRequestHandler):
    server: Cache

    def do_PURGE(self):
        self._take(self.headers["xkey-purge"].split())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._take(json.loads(body)["tags"])

    def _take(self, told):
        if self.server.status == 200:
            self.server.told.append(set(told))
        self.server.headers.append(dict(self.headers))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def listening():
    with Cache() as cache:
        threading.Thread(target=cache.serve_forever, daemon=True).start()
        yield cache
        cache.shutdown()


@pytest.fixture
def cache(settings):
    with listening() as found:
        settings.PURGE_BACKEND, settings.PURGE_URLS = "varnish", [found.address]
        settings.CACHE_TAG_HEADER = "xkey"
        yield found


@pytest.fixture
def later(monkeypatch):
    def move(seconds):
        moment = timezone.now() + timedelta(seconds=seconds)
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return move


@pytest.mark.parametrize("backend", ["varnish", "http"])
@pytest.mark.django_db(transaction=True)
def test_a_cache_is_told_after_the_commit_and_once_more(cache, settings, later, backend):
    settings.PURGE_BACKEND, settings.PURGE_TOKEN = backend, "secret"
    topic = factories.TopicFactory()
    assert cache.told == [{tags.ALL}], "nobody knows what it has kept from before"
    with changes():
        publish(topic, name="Data")
        assert len(cache.told) == 1
    key = tags.of_key(f"topic:{topic.pk}")
    assert len(cache.told) == 2
    assert key in cache.told[1]
    assert tags.ALL not in cache.told[1]
    if backend == "http":
        assert cache.headers[-1]["Authorization"] == "Bearer secret"
    purging.tell_caches.call()
    assert len(cache.told) == 2, "not yet a second time"
    later(settings.MAX_QUERY_SECONDS + 3)
    purging.tell_caches.call()
    assert cache.told[2] == cache.told[1]
    purging.tell_caches.call()
    assert len(cache.told) == 3
    with changes():
        touch([f"topic:{topic.pk}"])
    assert len(cache.told) == 3, "nothing has changed"


@pytest.mark.django_db(transaction=True)
def test_both_purges_are_enqueued_with_the_change(cache, settings, enqueued):
    topic = factories.TopicFactory()
    DBTaskResult.objects.all().delete()
    with changes():
        publish(topic, name="Data")
    assert enqueued(purging.tell_caches) == [[], []]
    at_once, later = DBTaskResult.objects.filter(task_path=purging.tell_caches.module_path).order_by("-run_after")
    assert at_once.run_after == get_date_max()
    seconds = (later.run_after - Event.objects.order_by("-generation")[0].created_at).total_seconds()
    assert settings.MAX_QUERY_SECONDS + purging.SLACK <= seconds < settings.MAX_QUERY_SECONDS + 15
    assert cache.told == []
    settings.PURGE_BACKEND = ""
    with changes():
        publish(topic, name="Databases")
    assert len(enqueued(purging.tell_caches)) == 2


@pytest.mark.django_db(transaction=True)
def test_caches_are_told_before_anything_else_is_done_for_the_change(settings, enqueued):
    settings.PURGE_BACKEND = "varnish"
    with changes():
        factories.ArticlePageFactory()
    waiting = DBTaskResult.objects.filter(queue_name=jobs.QUICK).values_list("task_path", flat=True)
    assert {"wagtail.tasks.update_reference_index_task", purging.tell_caches.module_path} <= set(waiting)
    assert jobs.claim(jobs.QUICK, "one").task_path == purging.tell_caches.module_path


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_told(cache):
    topic = factories.TopicFactory()
    told = len(cache.told)
    with pytest.raises(RuntimeError), changes():
        publish(topic, name="Data")
        raise RuntimeError
    assert len(cache.told) == told


@pytest.mark.parametrize("trouble", ["away", "refuses"])
@pytest.mark.django_db(transaction=True)
def test_a_cache_in_trouble_stops_nobody_and_is_told_later(cache, settings, trouble, caplog):
    with listening() as other:
        topic = factories.TopicFactory()
        away = f"http://127.0.0.1:{free_port()}/"
        settings.PURGE_URLS = [away if trouble == "away" else other.address, cache.address]
        Purged.objects.create(address=settings.PURGE_URLS[0], generation=0, repeated=10**6)
        Purged.objects.filter(address=settings.PURGE_URLS[0]).update(generation=Generation.objects.get().value)
        other.status = 503
        told = len(cache.told)
        with changes():
            publish(topic, name="Data")
        assert Topic.objects.get(pk=topic.pk).name == "Data"
        assert len(cache.told) == told + 1, "the others are told all the same"
        assert "was not told what has changed" in caplog.text
        other.status = 200
        if trouble == "away":
            known = Purged.objects.get(address=away)
            settings.PURGE_URLS = [other.address]
            Purged.objects.filter(pk=known.pk).update(address=other.address)
        purging.tell_caches.call()
        assert other.told == [cache.told[-1]]


@pytest.mark.django_db(transaction=True)
def test_a_cache_that_missed_much_is_told_that_everything_changed(cache, settings):
    topic = factories.TopicFactory()
    now = Generation.objects.get().value
    Event.objects.all().delete()
    Purged.objects.update(generation=now - 1)
    purging.tell_caches.call()
    assert cache.told[-1] == {tags.ALL}, "nobody knows any more what that was"
    Generation.objects.update(value=now - 1)
    purging.tell_caches.call()
    assert cache.told[-1] == {tags.ALL}, "the database is an older one than the cache knows"
    settings.PURGE_BACKEND = ""
    for number in range(purging.MOST_CHANGES + 1):
        with changes():
            publish(topic, name=f"Data {number}")
    settings.PURGE_BACKEND = "varnish"
    purging.tell_caches.call()
    assert cache.told[-1] == {tags.ALL}


def test_long_lists_of_tags_come_in_parts(cache):
    names = [f"page-{number}" for number in range(2_000)]
    purging.Varnish().purge(cache.address, names)
    assert set().union(*cache.told) == set(names)
    assert len(cache.told) > 3
    assert max(len(" ".join(told)) for told in cache.told) <= purging.LETTERS


@pytest.mark.parametrize(
    ("changed", "ids"),
    [
        ({}, []),
        ({"PURGE_BACKEND": "varnish", "PURGE_URLS": ["http://127.0.0.1/"], "CACHE_TAG_HEADER": "xkey"}, []),
        ({"PURGE_BACKEND": "varnsh", "PURGE_URLS": ["http://127.0.0.1/"], "CACHE_TAG_HEADER": "xkey"}, ["api.E006"]),
        ({"PURGE_BACKEND": "api.purging.Http"}, ["api.E007", "api.E007"]),
        ({"RESPONSE_CACHE_MB": -1, "SHARED_CACHE_SECONDS": -1}, ["api.E005", "api.E005"]),
    ],
)
def test_settings_that_cannot_work_are_told(settings, changed, ids):
    for name, value in changed.items():
        setattr(settings, name, value)
    found = [message for message in run_checks() if message.id in ("api.E005", "api.E006", "api.E007")]
    assert [message.id for message in found] == ids
    assert all(message.hint for message in found)


@pytest.mark.django_db(transaction=True)
def test_after_random_edits_every_changed_answer_has_been_named(tmp_path, monkeypatch):
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    factories.tree()
    with processes.shared_database(tmp_path) as database:
        editing = processes.start(database, "-m", "tests.api.random_purges", "1", "40", "60")
        output, _ = editing.communicate(timeout=1800)
    assert editing.returncode == 0, output[-10_000:]
    assert "40 edits" in output
    print(output)
