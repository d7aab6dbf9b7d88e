"""What front ends learn of a fact and of the attribute it answers."""

import pytest
from django.urls import reverse

from content.changes import changes
from tests import factories as make

pytestmark = pytest.mark.django_db

FACTS = """query ($slug: String!) { tool(slug: $slug) { facts { state display sinceVersion untilVersion number date version url
  money { amount currency } tool { name path } attribute { dataType better allowedValues unit group } } } }"""
NOTHING = dict.fromkeys(("number", "date", "version", "url", "money", "tool"))


def facts_of(graphql, tool):
    answer = graphql(FACTS, {"slug": tool.slug})
    assert "errors" not in answer
    return answer["data"]["tool"]["facts"]


def fact_of(graphql, tool):
    return facts_of(graphql, tool)[0]


@pytest.mark.parametrize(
    ("data_type", "value", "typed"),
    [
        ("boolean", "", {}),
        ("choice", "MIT", {}),
        ("text", "By hand", {}),
        ("number", "12.5", {"number": 12.5}),
        ("money", "EUR 12.50", {"money": {"amount": "12.50", "currency": "EUR"}}),
        ("date", "2005-07-21", {"date": "2005-07-21"}),
        ("version", "5.2", {"version": "5.2"}),
        ("url", "https://example.org/", {"url": "https://example.org/"}),
    ],
)
@pytest.mark.parametrize("state", ["yes", "partial", "no", "unknown", "not_applicable"])
def test_each_type_has_its_value_in_its_own_field_and_no_other(graphql, data_type, value, typed, state):
    attribute = make.AttributeFactory(data_type=data_type, choices="MIT\nBSD" if data_type == "choice" else "")
    has_value = state in ("yes", "partial")
    fact = make.FactFactory(attribute=attribute, state=state, value=value if has_value else "")
    served = fact_of(graphql, fact.tool)
    assert {name: served[name] for name in NOTHING} == NOTHING | (typed if has_value else {})
    assert served["state"] == state.upper()


def test_an_attribute_says_how_its_values_are_read(graphql):
    group = make.AttributeGroupFactory(label="Price")
    attribute = make.AttributeFactory(data_type="money", better="lower", unit="per month", group=group)
    fact = make.FactFactory(attribute=attribute, value="EUR 9.00", since="2.0", until="3.1")
    served = fact_of(graphql, fact.tool)
    assert served["attribute"] == {
        "dataType": "money",
        "better": "LOWER",
        "allowedValues": [],
        "unit": "per month",
        "group": "Price",
    }
    assert [served[name] for name in ("display", "sinceVersion", "untilVersion")] == ["€9.00 per month", "2.0", "3.1"]


def test_allowed_values_are_listed(graphql):
    fact = make.FactFactory(attribute__data_type="choice", attribute__choices="MIT\n\nBSD", value="MIT")
    assert fact_of(graphql, fact.tool)["attribute"]["allowedValues"] == ["MIT", "BSD"]


def test_a_tool_is_named_as_long_as_it_is_public_and_by_the_name_it_has_then(graphql):
    celery = make.ToolPageFactory(title="Celery", slug="celery")
    fact = make.FactFactory(attribute__data_type="tool", value_tool=celery, value="Celery")
    served = fact_of(graphql, fact.tool)
    assert (served["display"], served["tool"]) == ("Celery", {"name": "Celery", "path": "/tools/celery/"})
    assert named_so(graphql, fact, "celery") == 1

    with changes():
        celery.title = "Celery 6"
        celery.save_revision().publish()
    served = fact_of(graphql, fact.tool)
    assert (served["display"], served["tool"]["name"]) == ("Celery 6", "Celery 6")
    assert (named_so(graphql, fact, "Celery"), named_so(graphql, fact, "Celery 6")) == (0, 1)

    with changes():
        celery.unpublish()
    assert facts_of(graphql, fact.tool) == []
    assert (named_so(graphql, fact, "Celery 6"), named_so(graphql, fact)) == (0, 0)

    with changes():
        celery.delete()
    assert facts_of(graphql, fact.tool) == []
    assert named_so(graphql, fact) == 0
    fact.refresh_from_db()
    assert (fact.value, fact.problem[:8]) == ("Celery", "“Celery ")


def named_so(graphql, fact, display=None):
    """How many tools answer this fact's question so, or at all."""
    query = "query ($fact: FactFilter!) { tools(filter: {facts: [$fact]}) { totalCount } }"
    variables = {"fact": {"attribute": fact.attribute.key, "display": display}}
    return graphql(query, variables)["data"]["tools"]["totalCount"]


def test_before_a_tool_goes_the_editor_sees_which_facts_name_it(admin_client):
    celery = make.ToolPageFactory(title="Celery")
    fact = make.FactFactory(tool__title="RQ", attribute__data_type="tool", value_tool=celery, value="Celery")
    page = admin_client.get(reverse("wagtailadmin_pages:unpublish", args=[celery.pk])).content.decode()
    assert fact.tool.title in page
    assert "names it in a fact" in page


def test_a_tool_knows_who_names_it(graphql):
    celery = make.ToolPageFactory(slug="celery")
    fact = make.FactFactory(tool__title="RQ", attribute__data_type="tool", value_tool=celery, value=celery.title)
    query = '{ tool(slug: "celery") { usedIn { title } } }'
    assert graphql(query)["data"]["tool"]["usedIn"] == [{"title": fact.tool.title}]


def test_tools_are_found_by_money_and_by_the_recorded_name(graphql):
    celery = make.ToolPageFactory(title="Celery")
    named = make.FactFactory(attribute__key="broker", attribute__data_type="tool", value_tool=celery, value="Celery")
    priced = make.FactFactory(attribute__key="price", attribute__data_type="money", value="EUR 5.00")
    query = "query ($key: String!, $display: String!) { tools(filter: {facts: [{attribute: $key, display: $display}]}) { nodes { id } } }"
    for fact, key, display in ((named, "broker", "celery"), (priced, "price", "€5.00")):
        found = graphql(query, {"key": key, "display": display})["data"]["tools"]["nodes"]
        assert found == [{"id": f"page:{fact.tool_id}"}]


def test_a_value_that_no_longer_fits_is_shown_but_has_no_typed_form(graphql):
    fact = make.FactFactory(attribute__data_type="text", value="Twelve")
    with changes():
        fact.attribute.data_type = "number"
        fact.attribute.save()
    served = fact_of(graphql, fact.tool)
    assert (served["display"], served["number"]) == ("Twelve", None)
