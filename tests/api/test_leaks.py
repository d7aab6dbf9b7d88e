"""Nothing hidden is found anywhere: every kind of object in every hidden state, by every way the schema has, for every
caller. The cells come from the models and the schema, so that a new type or field is covered the day it is added.
"""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from graphql import GraphQLObjectType, TypeInfo, TypeInfoVisitor, Visitor, parse, visit

from api.preview.models import PreviewGrant
from content.models.fact import Fact
from content.models.tool import ToolPage
from tests import factories
from tests.admin import page_form
from tests.api import asking, secret_world

ABOUT_ONE = list(asking.about_one())
EVERYTHING = list(asking.everything())
CALLERS = ("anonymous", "anonymous by GET", "an editor's cookie", "a preview of something else")


class Asker:
    """Asks as each of the callers, and remembers the lists, which are the same for every secret."""

    def __init__(self, world, editor, token):
        self.world, self.editor, self.token = world, editor, token
        self.answers = {}

    def ask(self, caller, question, variables):
        body = {"query": question.text, "variables": variables}
        client = self.editor if caller == "an editor's cookie" else Client()
        headers = {"authorization": f"Bearer {self.token}"} if caller == "a preview of something else" else {}
        if caller == "anonymous by GET":
            response = client.get("/graphql", {**body, "variables": json.dumps(variables)})
        else:
            response = client.post("/graphql", body, content_type="application/json", headers=headers)
        answer = response.json()
        assert response.status_code == 200, (question.name, variables, answer)
        assert "errors" not in answer, (question.name, variables, answer)
        return answer["data"]

    def nothing(self, caller, question):
        """The answer about what never existed."""
        if (caller, question.name) not in self.answers:
            known = {"key": "page:999999999", "slug": "zqnothingqz", "path": "/zqnothingqz/", "marker": "zqnothingqz"}
            self.answers[caller, question.name] = self.ask(caller, question, question.variables(**known))
        return self.answers[caller, question.name]

    def whole(self, caller, question):
        """Every page of a list on every site, each as text and as data."""
        if (caller, question.name) not in self.answers:
            places = self.world.places if "$site" in question.text else [{}]
            pages = [page for place in places for page in self._pages(caller, question, place)]
            self.answers[caller, question.name] = [(json.dumps(page), page) for page in pages]
        return self.answers[caller, question.name]

    def here(self, question):
        """The same of the default site in its own language, for anybody."""
        if ("here", question.name) not in self.answers:
            pages = self._pages("anonymous", question, {})
            self.answers["here", question.name] = [(json.dumps(page), page) for page in pages]
        return self.answers["here", question.name]

    def _pages(self, caller, question, place):
        after = None
        while True:
            data = self.ask(caller, question, {**place, "after": after})
            yield data
            found = data[question.root]
            page_info = found.get("pageInfo") if isinstance(found, dict) else None
            if not page_info or not page_info["hasNextPage"]:
                return
            after = page_info["endCursor"]


def tells(page, secret):
    """Whether a page of a list holds a word of a secret beyond what the feed may tell: that it went, and from where."""
    text, data = page
    if secret.marker in text and "changes" in data and secret.state in secret_world.ONCE_PUBLIC:
        gone = {"id": secret.key, "kind": "TOMBSTONE"}
        text = json.dumps([node for node in data["changes"]["nodes"] if not gone.items() <= node.items()])
    return secret.marker in text


def is_wrong(asker, caller, question, secret):
    """Whether the answer about a secret differs from that about what never existed, or holds a word of it."""
    known = {"key": secret.key, "slug": secret.slug, "path": secret.path, "marker": secret.marker}
    if not all(known[kind.strip("[]")] for kind in question.about.values()):
        return False
    data = asker.ask(caller, question, question.variables(**known))
    if not secret.is_hidden:
        return secret.marker in json.dumps(data)
    if secret.state in secret_world.ONCE_PUBLIC and data.get("resolve") == {
        "__typename": "Gone",
        "Gone_path": secret.path,
    }:
        return False
    return data != asker.nothing(caller, question)


@pytest.fixture(scope="module")
def asker(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        # So that the tests' own transactions may stand inside.
        connection.savepoint_ids, connection.atomic_blocks[-1]._from_testcase = [], True
        undone = settings.TASKS["default"] | {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}
        with override_settings(TASKS={"default": undone}):
            world = secret_world.make()
        editor = Client()
        editor.force_login(get_user_model().objects.create_superuser("chief", "chief@example.org", "chief"))
        with override_settings(FRONTEND_URL="https://reader.example", ADMIN_ORIGINS=["http://testserver"]):
            token = _token(editor)
        # The questions are larger than any front end's.
        with (
            override_settings(
                MAX_QUERY_COST=10**12,
                MAX_QUERY_LENGTH=10**6,
                MAX_QUERY_TOKENS=10**6,
                MAX_BODY_BYTES=10**6,
                MAX_ANSWER_LENGTH=10**9,
                MAX_QUERY_SECONDS=600,
            ),
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr("api.limits.MAX_FIELDS", 10**5)
            yield Asker(world, editor, token)
        transaction.set_rollback(True)


def _token(editor):
    """Opens the preview of an article that has nothing to do with any secret."""
    article = factories.ArticlePageFactory(title="Previewed")
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[article.pk])
    editor.post(address, page_form(editor, article))
    location = editor.get(address, {"in_preview_panel": "true"})["Location"]
    return location.partition("#token=")[2]


def named(cell):
    return getattr(cell, "__name__", cell)


HIDDEN = [cell for cell in secret_world.cells() if cell[1] not in secret_world.ELSEWHERE]
ELSEWHERE = [cell for cell in secret_world.cells() if cell[1] in secret_world.ELSEWHERE]


@pytest.mark.parametrize(("model", "state"), HIDDEN, ids=named)
def test_a_secret_is_nowhere(asker, model, state):
    secret = asker.world.of(model, state)
    leaks = [
        (caller, question.name)
        for caller in CALLERS
        for question in EVERYTHING
        if any(tells(page, secret) for page in asker.whole(caller, question))
    ]
    for number, question in enumerate(ABOUT_ONE, start=HIDDEN.index((model, state))):
        # Anybody, and the others in turn: every caller asks every question about a third of the secrets.
        for caller in (CALLERS[0], CALLERS[1 + number % 3]):
            if is_wrong(asker, caller, question, secret):
                leaks.append((caller, question.name))
    assert leaks == []


@pytest.mark.parametrize(("model", "state"), ELSEWHERE, ids=named)
def test_what_is_elsewhere_is_not_here(asker, model, state):
    secret = asker.world.of(model, state)
    leaks = [
        question.name
        for question in EVERYTHING
        if "$site" in question.text and any(tells(page, secret) for page in asker.here(question))
    ]
    by_place = [each for each in ABOUT_ONE if set(each.about.values()) <= {"slug", "path"}]
    leaks += [each.name for each in by_place if is_wrong(asker, "anonymous", each, secret)]
    assert leaks == []


def test_every_field_is_asked_for():
    types = [kind for kind in asking.SCHEMA.type_map.values() if isinstance(kind, GraphQLObjectType)]
    there = {(kind.name, name) for kind in types if not kind.name.startswith("__") for name in kind.fields}
    # What an edge has, the list of nodes beside it has too.
    there -= {(kind.name, "node") for kind in types if kind.name.endswith("Edge")}
    asked = set()
    for question in [*EVERYTHING, *ABOUT_ONE]:
        asked |= fields_of(question)
    assert there - asked == set()


def fields_of(question):
    """The fields that are asked for, each with the name of its type."""
    found = set()
    types = TypeInfo(asking.SCHEMA)

    class Fields(Visitor):
        def enter_field(self, node, *_):
            if parent := types.get_parent_type():
                found.add((parent.name, node.name.value))

    visit(parse(question.text), TypeInfoVisitor(types, Fields()))
    return found


def test_there_are_at_least_400_cells():
    assert len(HIDDEN) * (len(EVERYTHING) * len(CALLERS) + len(ABOUT_ONE) * 2) >= 400
    assert {state for _, state in HIDDEN} >= {*secret_world.DRAFTS, *secret_world.CHANGES, *secret_world.PAGES}


def test_the_words_of_editors_are_nowhere(asker):
    texts = [text for caller in CALLERS for each in EVERYTHING for text, _ in asker.whole(caller, each)]
    assert [word for word in asker.world.words if any(word in text for text in texts)] == []


@pytest.mark.parametrize("token", ["a wrong token", "an expired token", "no bearer token"])
def test_a_token_that_opens_nothing_gets_nothing(asker, db, token):
    code = "TOKEN_EXPIRED" if token == "an expired token" else "TOKEN_INVALID"
    if token == "an expired token":
        PreviewGrant.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    header = {"an expired token": f"Bearer {asker.token}", "a wrong token": "Bearer x"}.get(
        token, "Basic Y2hpZWY6Y2hpZWY="
    )
    for question in [*EVERYTHING, *ABOUT_ONE]:
        known = dict.fromkeys(("key", "slug", "path", "marker"), "x")
        body = {"query": question.text, "variables": question.variables(**known)}
        response = Client().post("/graphql", body, content_type="application/json", headers={"authorization": header})
        assert response.status_code == 401
        assert set(response.json()) == {"errors"}
        assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]


@pytest.mark.parametrize("state", [*secret_world.DRAFTS, *secret_world.CHANGES])
def test_a_hidden_answer_finds_no_tool(asker, state):
    fact = Fact.objects.get(pk=asker.world.of(Fact, state).key.partition(":")[2])
    hidden = fact.get_latest_revision_as_object()
    right = {"attribute": fact.attribute.key, "display": hidden.display}
    assert secret_world.marker_of(Fact, state) in hidden.display
    assert tools_with(asker, right) == tools_with(asker, {**right, "display": "zqnothingqz"}) == []
    if state not in secret_world.CHANGES:
        assert tools_with(asker, {"attribute": fact.attribute.key}) == []
        assert tools_with(asker, {"attribute": fact.attribute.key, "state": "YES"}) == []


@pytest.mark.parametrize("state", [state for model, state in HIDDEN if model is ToolPage])
def test_a_hidden_tool_answers_no_question_of_another(asker, state):
    secret = asker.world.of(ToolPage, state)
    facts = Fact.objects.filter(value_tool=secret.key.partition(":")[2])
    assert facts
    for fact in facts:
        asked = {"attribute": fact.attribute.key}
        assert tools_with(asker, {**asked, "display": f"{secret.marker} title"}) == []
        assert bool(tools_with(asker, asked)) == (not secret.is_hidden)


def tools_with(asker, fact):
    text = "query ($fact: FactFilter!) { tools(filter: {facts: [$fact]}) { totalCount nodes { id } } }"
    found = asker.ask("anonymous", asking.Question("tools of facts", text), {"fact": fact})["tools"]
    assert found["totalCount"] == len(found["nodes"])
    return found["nodes"]
