"""Our executor answers as graphql-core's own does, whatever is asked."""

import pytest
from graphql import GraphQLError
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental

from api import operations
from api.documents.read import Perspective, Reader
from api.schema import Context
from api.types.article import Article
from tests import factories
from tests.api.asking import PUBLIC_TOOL, about_one, everything

pytestmark = pytest.mark.django_db


class Plain(ExecutorThrowingOnIncremental):
    """graphql-core's own."""


@pytest.fixture
def both(monkeypatch):
    """The two answers to a query: `both(query, variables)`. Limits of cost are lifted."""
    monkeypatch.setattr("api.limits.MAX_FIELDS", 1_000_000)
    ours = operations.Bounded

    def ask(query, variables=None, name=None):
        operation = operations._Document(query)
        assert not operation.errors_when(introspection=True)
        found = []
        for executor in (ours, Plain):
            monkeypatch.setattr(operations, "Bounded", executor)
            prepared = operations.Operation(operation.parsed, operation.asked)
            context = Context(Reader(Perspective(), operation.asked))
            result = operations.execute(prepared, context, variables, name, introspection=True)
            found.append((result.data, [error.formatted for error in result.errors or []]))
        return found

    return ask


@pytest.fixture
def world(settings):
    settings.MAX_QUERY_LENGTH = settings.MAX_QUERY_TOKENS = 10_000_000
    topic = factories.TopicFactory(name="Data", slug="data")
    tool = factories.ToolPageFactory(title="Django", slug="django")
    factories.ToolPageFactory(title="Another", slug=PUBLIC_TOOL)
    factories.FactFactory(tool=tool)
    factories.ComparisonPageFactory(slug="versus", tools=[tool])
    return factories.ArticlePageFactory(
        slug="one",
        title="One",
        topics=[topic],
        tools=[tool],
        body=factories.every_block(),
        hero=factories.CustomImageFactory(),
    )


def test_every_field_of_the_schema(both, world):
    known = {"slug": "one", "path": "/articles/one/", "key": f"page:{world.pk}", "marker": "One"}
    questions = [*everything(), *about_one()]
    assert len(questions) > 30
    for question in questions:
        ours, theirs = both(question.text, question.variables(**known))
        assert ours == theirs, question.name
        assert ours[0]


LANGUAGE = {
    "aliases, fragments and a field twice": '{ a: article(slug: "one") { title ...F title t: title authors { name } } } fragment F on Page { path title ... on Article { authors { slug } } }',
    "skipped and included": 'query ($no: Boolean = false) { article(slug: "one") { title @include(if: $no) path @skip(if: $no) topics @include(if: $no) { name } } }',
    "names of types": '{ __typename article(slug: "one") { __typename body { __typename ... on Block { id } } } }',
    "nothing there": '{ article(slug: "none") { title } page(path: "/none/") { title } }',
    "introspection": '{ __schema { queryType { name } } __type(name: "Article") { fields { name type { kind name } } } }',
    "an error in a list": "{ tools(first: 0) { totalCount } articles { nodes { title } } }",
}


@pytest.mark.parametrize("case", LANGUAGE)
def test_the_language(both, world, case):
    ours, theirs = both(LANGUAGE[case])
    assert ours == theirs
    assert ours[0] or ours[1]


class Broken:
    """Raises when it is read, as a property of ours may."""

    def __get__(self, instance, owner):
        raise GraphQLError("broken", extensions={"code": "INTERNAL"})

    def __set__(self, instance, value):
        pass


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", None),
        ("title", Broken()),
        ("title", 5),
        ("published_at", "yesterday"),
        ("dek", Broken()),
        ("topics", None),
        ("topics", [None]),
        ("topics", 7),
        ("hero", object()),
        ("reading_minutes", "many"),
    ],
)
def test_what_is_wrong_with_a_value(both, world, monkeypatch, field, value):
    """Null goes as far up as it has to, and the error says where it was."""
    broken = value if isinstance(value, Broken) else property(lambda self: value, lambda self, new: None)
    monkeypatch.setattr(Article, field, broken, raising=False)
    query = "{ articles { nodes { title dek publishedAt readingMinutes topics { name } hero { url } } } site { name } }"
    (data, errors), theirs = both(query)
    assert (data, errors) == theirs
    if (field, value) != ("title", 5):
        assert errors


def test_time_and_length_are_limited(world, graphql, settings):
    settings.MAX_ANSWER_LENGTH = 3
    assert graphql("{ articles { nodes { title path } } }", status=413)["errors"][0]["extensions"]["limit"] == 3
    settings.MAX_ANSWER_LENGTH, settings.MAX_QUERY_SECONDS = 10**6, -1
    assert "took too long" in graphql("{ site { name } }", status=503)["errors"][0]["message"]
