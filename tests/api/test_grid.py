"""The grid of a tool's facts names the published pages that show each of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from api.where_used import uses_of_facts
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def tool():
    return make.ToolPageFactory(title="Django")


def test_the_comparisons_that_ask_an_attribute_of_the_tool(tool):
    asked, other = make.AttributeFactory(), make.AttributeFactory()
    make.ComparisonPageFactory(title="Frameworks", tools=[tool, make.ToolPageFactory()], attributes=[asked])
    make.ComparisonPageFactory(title="All of it", tools=[tool, make.ToolPageFactory()], attributes=[asked, other])
    make.ComparisonPageFactory(title="Draft", tools=[tool, make.ToolPageFactory()], attributes=[asked], live=False)
    make.ComparisonPageFactory(title="Other tools", attributes=[asked])
    found = {pk: [use.title for use in uses] for pk, uses in uses_of_facts(tool).items()}
    assert found == {asked.pk: ["All of it", "Frameworks"], other.pk: ["All of it"]}
    assert list(uses_of_facts(tool, attribute=other.pk)) == [other.pk]


def test_they_stand_in_the_row_even_when_nobody_recorded_an_answer(admin_client, tool):
    asked = make.AttributeFactory()
    make.ComparisonPageFactory(title="Frameworks", tools=[tool, make.ToolPageFactory()], attributes=[asked])
    html = admin_client.get(reverse("content_facts_grid", args=[tool.pk])).content.decode()
    assert 'data-uses="Frameworks"' in html


def test_one_query_for_all_attributes(tool):
    for _ in range(10):
        attribute = make.AttributeFactory()
        make.ComparisonPageFactory(tools=[tool, make.ToolPageFactory()], attributes=[attribute])
    with CaptureQueriesContext(connection) as queries:
        assert len(uses_of_facts(tool)) == 10
    assert len(queries) == 1
