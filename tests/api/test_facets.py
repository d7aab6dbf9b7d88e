"""What tools can be chosen by: `toolFacets`, and `tools(filter: {facts})` with what it gives."""

from datetime import timedelta

import pytest
from django.utils import timezone

from content.changes import changes
from tests import factories
from tests.api.sql import queries

pytestmark = pytest.mark.django_db

FACETS = "{ toolFacets { attribute { key isFilter } answers { display count } } }"
FOUND = """query ($attribute: String!, $display: String!) {
  tools(filter: {facts: [{attribute: $attribute, display: $display}]}) { nodes { slug } }
}"""


def facets(graphql, **options):
    found = graphql(FACETS, **options)["data"]["toolFacets"]
    assert all(each["attribute"]["isFilter"] for each in found)
    return {
        each["attribute"]["key"]: [(answer["display"], answer["count"]) for answer in each["answers"]] for each in found
    }


@pytest.fixture
def licence():
    return factories.AttributeFactory(key="licence", label="Licence", data_type="text", is_filter=True)


@pytest.fixture
def answer(licence):
    """Publish a tool that answers: `answer("mit", "django")`."""

    def publish(value, slug, **fact):
        tool = factories.ToolPageFactory(title=slug.title(), slug=slug)
        return factories.FactFactory(tool=tool, attribute=fact.pop("attribute", licence), value=value, **fact)

    return publish


def test_answers_are_counted_by_tools_the_most_frequent_first(graphql, answer, licence):
    django = answer("MIT", "django").tool
    answer("mit", "flask")
    answer("BSD-3-Clause", "celery")
    factories.FactFactory(tool=django, attribute=licence, value="MIT", qualifier="Enterprise edition")
    assert facets(graphql) == {"licence": [("MIT", 2), ("BSD-3-Clause", 1)]}


def test_each_answer_finds_as_many_tools_as_it_says(graphql, answer):
    for value, slug in (("MIT", "django"), ("MIT", "flask"), ("BSD-3-Clause", "celery")):
        answer(value, slug)
    for display, count in facets(graphql)["licence"]:
        found = graphql(FOUND, {"attribute": "licence", "display": display})["data"]["tools"]["nodes"]
        assert len(found) == count


def test_only_what_editors_offer_in_the_order_of_attributes(graphql, answer):
    other = factories.AttributeFactory(key="orm", sort_order=-1, is_filter=True)
    hidden = factories.AttributeFactory(key="typed")
    answer("MIT", "django")
    answer("", "flask", attribute=other)
    answer("", "celery", attribute=hidden)
    assert facets(graphql) == {"orm": [("Yes", 1)], "licence": [("MIT", 1)]}


def test_unknown_is_no_answer(graphql, answer):
    answer("", "django", state="unknown")
    answer("", "flask", state="not_applicable")
    assert facets(graphql) == {"licence": []}


def test_nothing_of_what_is_not_public_is_counted(graphql, answer):
    answer("Secret-1", "expired", expire_at=timezone.now() - timedelta(seconds=1))
    of_private_tool, unpublished = answer("Secret-2", "private"), answer("Secret-3", "unpublished")
    with changes():
        of_private_tool.tool.unpublish()
        unpublished.unpublish()
    answer("MIT", "django")
    assert facets(graphql) == {"licence": [("MIT", 1)]}


def test_an_answer_that_names_a_tool_shows_while_that_is_public(graphql, answer):
    successor = factories.AttributeFactory(key="successor", data_type="tool", is_filter=True)
    named = factories.ToolPageFactory(title="Flask", slug="flask")
    answer("", "django", attribute=successor, value_tool=named)
    assert facets(graphql)["successor"] == [("Flask", 1)]
    with changes():
        named.unpublish()
    assert facets(graphql)["successor"] == []


def test_an_answer_that_changes_is_counted_anew(graphql, answer):
    fact = answer("MIT", "django")
    assert facets(graphql) == {"licence": [("MIT", 1)]}
    fact.value = "Apache-2.0"
    with changes():
        fact.save_revision().publish()
    assert facets(graphql) == {"licence": [("Apache-2.0", 1)]}


def test_three_queries_whatever_there_is(graphql, answer, cold):
    answer("MIT", "django")
    assert queries(graphql, FACETS) == 3
    for number in range(5):
        answer("MIT", f"tool-{number}")
    assert queries(graphql, FACETS) == 3
