"""What cannot be read cannot be asked for either: filters, orders and the clock tell nothing."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from content.changes import changes
from content.scheduling import publish_due
from tests import factories
from tests.api import asking

pytestmark = pytest.mark.django_db
ACCEPT = {"accept": "application/graphql-response+json"}

MOMENTS = {"one second before": -1, "at that moment": 0, "one second past": 1}


@pytest.mark.parametrize("swept", [False, True], ids=["before a worker has run", "after it has"])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", ["ArticlePage", "Topic", "Fact"])
def test_an_expiry_is_kept_to_the_second(graphql, monkeypatch, kind, moment, swept):
    instance, ask = subject(kind)
    end = timezone.now() + timedelta(hours=1)
    instance.expire_at = end
    with changes():
        instance.save_revision().publish()
    monkeypatch.setattr(timezone, "now", lambda: end + timedelta(seconds=MOMENTS[moment]))
    if swept:
        publish_due()
    assert bool(graphql(ask)["data"]["found"]["nodes"]) == (MOMENTS[moment] < 0)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", ["ArticlePage", "Topic", "Fact"])
def test_nothing_goes_live_a_second_too_early(graphql, monkeypatch, kind, moment):
    instance, ask = subject(kind, live=False)
    start = timezone.now() + timedelta(hours=1)
    instance.go_live_at = start
    with changes():
        instance.save_revision().publish()
    monkeypatch.setattr(timezone, "now", lambda: start + timedelta(seconds=MOMENTS[moment]))
    assert graphql(ask)["data"]["found"]["nodes"] == [], "not before a worker has run"
    publish_due()
    assert bool(graphql(ask)["data"]["found"]["nodes"]) == (MOMENTS[moment] >= 0)


def subject(kind, live=True):
    """An object of this kind, and the list in which it is alone."""
    if kind == "Fact":
        fact = factories.FactFactory(live=live)
        asked = f'tools(filter: {{facts: [{{attribute: "{fact.attribute.key}"}}]}})'
        return fact, f"{{ found: {asked} {{ nodes {{ facts {{ display }} }} }} }}"
    if kind == "Topic":
        return factories.TopicFactory(name="Alone", live=live), "{ found: topics { nodes { name } } }"
    return factories.ArticlePageFactory(live=live), "{ found: articles { nodes { title } } }"


NASTY = (
    "__",
    "_connector",
    "owner__password",
    "\x00",
    "\x1b[2J",
    "\r\n",
    "'; --",
    "%",
    "$where",
    "\ud800",
    "🦄",
    "a" * 300,
)
STEMS = ("topic", "author", "title", "owner", "path", "id", "live", "content", "references", "data", "expires_at", "")


def fuzzed():
    """500 keys that no filter and no order has."""
    found = [
        f"{stem}{nasty}{tail}" for stem in STEMS for nasty in NASTY for tail in ("", "__in", "_negated", "password")
    ]
    assert len(found) >= 500
    return found[:500]


def test_names_of_filters_and_orders_come_from_the_schema_only(client):
    answers = set()
    for key in fuzzed():
        for query in (
            "query ($f: ArticleFilter) { articles(filter: $f) { totalCount } }",
            "query ($f: ToolFilter) { tools(filter: $f) { totalCount } }",
        ):
            with CaptureQueriesContext(connection) as queries:
                body = {"query": query, "variables": {"f": {key: "x"}}}
                response = client.post("/graphql", json.dumps(body), content_type="application/json", headers=ACCEPT)
            answers.add(
                (response.status_code, response.json()["errors"][0]["extensions"]["code"], "data" in response.json())
            )
            assert len(queries) <= 1, "nothing but the generation is read"
        body = {
            "query": "query ($o: ArticleOrder) { articles(order: $o) { totalCount } }",
            "variables": {"o": key},
        }
        response = client.post("/graphql", json.dumps(body), content_type="application/json", headers=ACCEPT)
        answers.add(
            (response.status_code, response.json()["errors"][0]["extensions"]["code"], "data" in response.json())
        )
    assert answers == {(400, "BAD_USER_INPUT", False)}


@pytest.mark.parametrize(
    "value",
    ["%", "_", "'", '"', "\\", "\x00", "\x1b", "\ud800", "🦄", "x" * 5000, "a\r\nb", "-1", "page:", "page:1; DROP"],
)
def test_no_value_is_more_than_a_value(client, value):
    factories.ArticlePageFactory(tools=[factories.FactFactory().tool])
    for question in asking.about_one():
        known = dict.fromkeys(("key", "slug", "path", "marker"), value)
        body = json.dumps({"query": question.text, "variables": question.variables(**known)})
        response = client.post("/graphql", body, content_type="application/json", headers=ACCEPT)
        assert response.status_code in (200, 400), question.name
        data = response.json().get("data") or {}
        for found in data.values():
            assert not found or found["totalCount"] == 0, (question.name, found)
