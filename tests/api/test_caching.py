"""Answers are kept as long as they are right: by this process, by Redis, and by whoever is told how long."""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import urllib3
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api import caching
from api.documents.models import Generation
from api.documents.publishing import next_expiries
from api.documents.state import KNOWN_EXPIRIES, State
from api.search import unfound
from content.changes import changes
from tests import debian, factories
from tests.api.test_preview import edited
from tests.ports import free_port
from tests.processes import ROOT, shared_database, variables

pytestmark = pytest.mark.django_db
JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
TITLE = "query ($slug: String!) { tool(slug: $slug) { title } }"
HIT, MISS = "toolshelf; hit", "toolshelf; fwd=miss"


@pytest.fixture
def tool():
    return factories.ToolPageFactory(title="Django", slug="django")


@pytest.fixture
def ask(client):
    """GET, as caches like it best."""

    def get(query="{ tools { nodes { title } } }", variables=None, **headers):
        parameters = {"query": query, "variables": json.dumps(variables or {})}
        return client.get("/graphql", parameters, headers=headers)

    return get


def publish(page, **values):
    with changes():
        for name, value in values.items():
            setattr(page, name, value)
        page.save_revision().publish()


def test_a_second_answer_costs_one_statement_and_is_the_same(ask, tool):
    first = ask(TITLE, {"slug": "django"})
    with CaptureQueriesContext(connection) as captured:
        second = ask(TITLE, {"slug": "django"})
    assert (first["Cache-Status"], second["Cache-Status"], len(captured)) == (MISS, HIT, 1)
    assert first.json()["data"] == {"tool": {"title": "Django"}}
    own = {"Cache-Status": "", "X-Request-ID": ""}
    assert {**first.headers, **own} == {**second.headers, **own}
    assert first.content == second.content


def test_what_is_published_is_answered_at_once(ask, tool):
    assert ask(TITLE, {"slug": "django"}).json()["data"] == {"tool": {"title": "Django"}}
    publish(tool, title="Django, the framework")
    assert ask(TITLE, {"slug": "django"}).json()["data"] == {"tool": {"title": "Django, the framework"}}


def test_who_computes_while_something_is_published_keeps_nothing_that_is_old(ask, tool, monkeypatch):
    def slow(*arguments, **named):
        answer = execute(*arguments, **named)
        publish(tool, title="Django, the framework")
        return answer

    from api.views import execute

    monkeypatch.setattr("api.views.execute", slow)
    assert ask(TITLE, {"slug": "django"}).json()["data"] == {"tool": {"title": "Django"}}
    monkeypatch.undo()
    assert ask(TITLE, {"slug": "django"}).json()["data"] == {"tool": {"title": "Django, the framework"}}


def test_a_generation_that_comes_twice_is_not_the_same_state(ask, tool):
    """As when a backup is restored, and something else published."""
    ask(TITLE, {"slug": "django"})
    generation = Generation.objects.get()
    publish(tool, title="Django, the framework")
    Generation.objects.update(value=generation.value)
    assert ask(TITLE, {"slug": "django"}).json()["data"] == {"tool": {"title": "Django, the framework"}}


PAIRS = {
    "other variables": ((TITLE, {"slug": "django"}), (TITLE, {"slug": "flask"})),
    "another type of variable": (
        ("query ($first: Int) { tools(first: $first) { nodes { title } } }", {"first": 1}),
        ("query ($first: Int) { tools(first: $first) { nodes { title } } }", {"first": True}),
    ),
    "a name that a variable imitates": ((TITLE, {"slug": "django"}), (TITLE, {"slug": 'django", "x": "'})),
    "another space": (("{ tools { nodes { title } } }", {}), ("{ tools { nodes { title } } } ", {})),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_another_question_is_another_key(ask, tool, pair):
    one, other = PAIRS[pair]
    assert ask(*one)["Cache-Status"] == MISS
    assert ask(*other).headers.get("Cache-Status") != HIT


def test_the_order_of_variables_does_not_count(ask, tool):
    query = "query ($first: Int, $site: String) { tools(first: $first, site: $site) { nodes { title } } }"
    ask(query, {"first": 1, "site": "nowhere.example"})
    assert ask(query, {"site": "nowhere.example", "first": 1})["Cache-Status"] == HIT


def test_operations_of_one_document_are_told_apart(client, tool):
    query = "query A { tools { totalCount } } query B { site { name } }"
    for name, field in (("A", "tools"), ("B", "site")):
        answer = client.get("/graphql", {"query": query, "operationName": name})
        assert (answer["Cache-Status"], list(answer.json()["data"])) == (MISS, [field])


@pytest.mark.parametrize("headers", [{"host": "cms.example.com"}, {"x-forwarded-host": "evil.example"}, {"x-any": "1"}])
def test_headers_are_no_part_of_the_key_and_change_no_answer(ask, tool, settings, headers):
    settings.ALLOWED_HOSTS = ["*"]
    first, second = ask(), ask(**headers)
    assert (second["Cache-Status"], second.content) == (HIT, first.content)


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_nobody_gets_what_a_token_opens_nor_a_token_what_is_kept(client, admin_client, tool, settings, method):
    settings.FRONTEND_URL, settings.ADMIN_ORIGINS = "https://reader.example", ["http://testserver"]
    token = edited(admin_client, tool, title="A draft")

    def asked(**headers):
        parameters = {"query": TITLE, "variables": {"slug": "django"}}
        if method == "post":
            return client.post("/graphql", parameters, content_type=JSON, headers=headers)
        parameters["variables"] = json.dumps(parameters["variables"])
        return getattr(client, method)("/graphql", parameters, headers=headers)

    asked()
    for headers in ({"authorization": f"Bearer {token}"}, {"AUTHORIZATION": f"bearer {token}"}):
        preview = asked(**headers)
        assert (preview["Cache-Control"], preview.headers.get("Cache-Status")) == ("private, no-store", None)
        assert "ETag" not in preview
        if method != "head":
            assert preview.json()["data"] == {"tool": {"title": "A draft"}}
    refused = asked(authorization="Bearer nothing")
    assert (refused.status_code, refused["Cache-Control"]) == (401, "private, no-store")
    public = asked()
    assert public["Cache-Status"] == HIT
    if method != "head":
        assert public.json()["data"] == {"tool": {"title": "Django"}}


@pytest.mark.parametrize(
    "query", ["{", "{ nothing }", "{ tools(first: 0) { totalCount } }", "query A { __typename } query B { __typename }"]
)
def test_an_error_is_kept_by_nobody(ask, query):
    for _ in range(2):
        answer = ask(query)
        assert "errors" in answer.json()
        assert (answer["Cache-Control"], "ETag" in answer, "Cache-Status" in answer) == (
            "private, no-store",
            False,
            False,
        )


def test_a_fault_of_ours_is_kept_by_nobody(ask, tool, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("a bug")

    monkeypatch.setattr("api.documents.read.Reader.select", broken)
    answer = ask()
    assert (answer.json()["errors"][0]["extensions"]["code"], answer["Cache-Control"]) == (
        "INTERNAL",
        "private, no-store",
    )
    monkeypatch.undo()
    assert ask().json() == {**ask().json(), "data": {"tools": {"nodes": [{"title": "Django"}]}}}


def test_a_limit_that_is_lowered_holds_for_what_was_kept(ask, tool, settings):
    ask()
    settings.MAX_QUERY_COST = 1
    assert ask().json()["errors"][0]["extensions"]["code"] == "COST_EXCEEDED"


def test_what_was_kept_without_tags_is_not_given_to_a_cache_that_purges_by_them(ask, tool, settings):
    ask()
    settings.CACHE_TAG_HEADER = "xkey"
    assert "list-Tool" in ask()["xkey"]


def test_it_can_be_switched_off(ask, tool, settings):
    settings.RESPONSE_CACHE_MB = 0
    ask()
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
    assert (len(captured), "Cache-Status" in answer, "ETag" in answer) == (2, False, True)


def test_it_takes_no_more_memory_than_it_may(ask, settings):
    settings.RESPONSE_CACHE_MB = 1
    for number in range(300):
        answer = caching.Answer(b"x" * 10_000, has_data=True, is_public=True)
        assert caching.answered(f"key {number}", lambda answer=answer: answer) == (answer, False)
    assert caching._kept.size <= 1_000_000
    assert caching.answered("key 299", lambda: None)[1]
    assert caching.answered("key 0", lambda: answer) == (answer, False)
    large = caching.Answer(b"x" * 200_000, has_data=True, is_public=True)
    assert [caching.answered("large", lambda: large)[1] for _ in range(2)] == [False, False]


def test_searches_in_vain_are_counted_each_time(ask, tool):
    unfound._written = time.monotonic()
    for _ in range(3):
        ask('{ search(query: "nothing like that") { totalCount } }')
    assert list(unfound._counted.values()) == [3]


# What shared caches are told ------------------------------------------------------------------------------------------


def test_get_tells_how_long_it_may_be_shared(ask, client, tool, settings):
    settings.SHARED_CACHE_SECONDS = 3600
    assert ask()["Cache-Control"] == "public, max-age=0, s-maxage=3600, stale-while-revalidate=30"
    assert client.post("/graphql", {"query": "{ __typename }"}, content_type=JSON)["Cache-Control"] == "no-cache"
    settings.SHARED_CACHE_SECONDS = 0
    assert ask()["Cache-Control"] == "no-cache"


def test_an_unchanged_answer_is_not_sent_again(ask, tool):
    first = ask()
    for tag in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        again = ask(**{"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary"):
            assert again[name] == first[name]
    publish(tool, title="Django, the framework")
    again = ask(**{"if-none-match": first["ETag"]})
    assert (again.status_code, again["ETag"] != first["ETag"]) == (200, True)


def test_the_two_types_of_answers_have_tags_of_their_own(ask, tool):
    first, second = ask(accept=JSON), ask(accept=GRAPHQL_JSON)
    assert second["Cache-Status"] == HIT
    assert first["ETag"] != second["ETag"]
    assert ask(accept=GRAPHQL_JSON, **{"if-none-match": first["ETag"]}).status_code == 200
    assert {"accept", "authorization"} <= {each.strip().lower() for each in first["Vary"].split(",")}


@pytest.mark.parametrize(
    ("header", "separator"), [("Cache-Tag", ","), ("Edge-Cache-Tag", ","), ("Surrogate-Key", " "), ("xkey", " ")]
)
def test_tags_are_given_in_the_words_of_the_cache(ask, tool, settings, header, separator):
    settings.CACHE_TAG_HEADER = header
    assert ask()[header].split(separator) == ["all", "list-Tool", f"page-{tool.pk}"]


def test_tags_are_nobodys_business_unless_a_header_is_named(ask, tool):
    assert not [name for name, value in ask().items() if f"page-{tool.pk}" in value]


# Time -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def at(monkeypatch):
    """Moves the clock."""

    def move(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return move


def expiring(kind, seconds):
    end = timezone.now() + timedelta(seconds=seconds)
    if kind == "page":
        factories.ToolPageFactory(title="Django", slug="django", expire_at=end)
    elif kind == "fact":
        attribute = factories.AttributeFactory(key="licence", data_type="text")
        fact = factories.FactFactory(attribute=attribute, value="BSD", expire_at=end)
        assert fact.expire_at == end
    else:
        tool = factories.ToolPageFactory(slug="django")
        factories.ArticlePageFactory(title="Django", tools=[tool], expire_at=end)
    return end


QUESTIONS = {
    "page": '{ tool(slug: "django") { title } tools { totalCount } }',
    "fact": '{ tools(filter: {facts: [{attribute: "licence"}]}) { totalCount } }',
    "reverse": '{ tool(slug: "django") { usedIn { title } } articles { totalCount } }',
}


@pytest.mark.parametrize("kind", QUESTIONS)
def test_nothing_is_kept_longer_than_until_something_expires(ask, at, settings, kind):
    """Even where it is not shown but only counted."""
    settings.SHARED_CACHE_SECONDS = 86400
    at(timezone.now())
    end = expiring(kind, 99.5)
    before = ask(QUESTIONS[kind])
    assert "s-maxage=99" in before["Cache-Control"]
    assert "stale" not in before["Cache-Control"]
    at(end - timedelta(seconds=40.5))
    kept = ask(QUESTIONS[kind])
    assert (kept["Cache-Status"], kept.content) == (HIT, before.content)
    assert "s-maxage=40" in kept["Cache-Control"]
    at(end - timedelta(milliseconds=1))
    assert ask(QUESTIONS[kind])["Cache-Control"] == "no-cache"
    at(end)
    after = ask(QUESTIONS[kind])
    assert (after["Cache-Status"], after.content != before.content) == (MISS, True)
    assert "s-maxage=86400" in after["Cache-Control"]


def test_stale_answers_are_allowed_only_as_long_as_they_are_right(ask, at, settings):
    settings.SHARED_CACHE_SECONDS = 60
    at(timezone.now())
    expiring("page", 70.5)
    assert ask()["Cache-Control"] == "public, max-age=0, s-maxage=60, stale-while-revalidate=10"


def test_where_more_expires_than_is_known_the_last_known_moment_is_the_limit():
    now = timezone.now()
    known = tuple(now + timedelta(seconds=number) for number in range(KNOWN_EXPIRIES))
    state = State(expiries=known)
    assert state.ends(now) == known[1]
    assert state.ends(known[-1]) == known[-1]
    assert State(expiries=known[1:]).ends(known[-1]) is None


def test_every_change_knows_what_will_expire_next():
    moments = [expiring("page", 300), expiring("fact", 200)]
    assert list(State.read().expiries) == sorted(moments) == next_expiries(timezone.now())
    assert next_expiries(moments[1]) == [moments[0]]


# Redis, and many at once ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    with debian.redis(tmp_path_factory.mktemp("redis")) as port:
        yield port


@pytest.fixture
def shared(redis, settings):
    """The cache of CACHE_URL is a Redis, empty."""
    location = f"redis://127.0.0.1:{redis}/0"
    settings.CACHES = {
        **settings.CACHES,
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": location},
    }
    caches["default"].clear()
    yield caches["default"]
    caching._shared.resting_until = 0


def test_processes_share_what_they_have_computed(ask, tool, shared):
    first = ask()
    caching.forget_all()  # as another process, which has computed nothing
    second = ask()
    assert (first["Cache-Status"], second["Cache-Status"]) == (MISS, HIT)
    assert first.content == second.content
    publish(tool, title="Django, the framework")
    assert ask()["Cache-Status"] == MISS


def test_what_has_expired_is_not_taken_from_redis(ask, at, shared):
    end = expiring("page", 100)
    before = ask()
    caching.forget_all()
    at(end)
    after = ask()
    assert (after["Cache-Status"], after.content != before.content) == (MISS, True)


def test_another_release_shares_nothing(ask, tool, shared, monkeypatch):
    ask()
    caching.forget_all()
    monkeypatch.setattr(caching, "release", lambda: "another")
    assert ask()["Cache-Status"] == MISS


def test_redis_may_be_away(ask, tool, shared, settings, caplog):
    settings.CACHES = {
        **settings.CACHES,
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        },
    }
    assert [ask()["Cache-Status"] for _ in range(2)] == [MISS, HIT]
    assert [record.message for record in caplog.records if record.name != "request"] == [
        "The shared cache does not answer; for 5 s it is not asked."
    ]


@pytest.mark.parametrize("cache", ["one in each process", "redis"])
@pytest.mark.django_db(transaction=True)
def test_64_requests_for_one_cold_key_compute_at_most_twice(tmp_path, tool, redis, cache):
    """Real processes, each with threads, and a real database."""
    for number in range(20):
        factories.ToolPageFactory(title=f"Tool {number}", slug=f"tool-{number}")
    port = free_port()
    command = ["-m", "gunicorn", "cms.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    with shared_database(tmp_path) as database:
        environment = variables(database)
        if cache == "redis":
            environment["CACHE_URL"] = f"rediscache://127.0.0.1:{redis}/1"
        process = subprocess.Popen(
            [sys.executable, *command, "--worker-class", "gthread", "--threads", "32", "--no-control-socket"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        try:
            pool = urllib3.PoolManager(maxsize=64, retries=urllib3.Retry(60, backoff_factor=0.5, backoff_max=1))
            address = f"http://127.0.0.1:{port}/graphql"
            assert pool.request("GET", address, fields={"query": "{ __typename }"}).status == 200
            question = f"{address}?{urlencode({'query': '{ tools { nodes { title seo { jsonLd } } totalCount } }'})}"
            with ThreadPoolExecutor(64) as threads:
                found = list(threads.map(lambda _: pool.request("GET", question), range(64)))
        finally:
            process.terminate()
            process.wait(30)
    assert {answer.status for answer in found} == {200}
    assert len({answer.data for answer in found}) == 1
    computed = [answer.headers["Cache-Status"] for answer in found].count(MISS)
    assert 1 <= computed <= (1 if cache == "redis" else 2)
