"""The tree of categories in the API, and finding tools by it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.documents.models import Document, Event
from api.preview.models import PreviewGrant
from content.changes import changes
from content.models.tool import ToolPage
from tests.factories import CategoryFactory, ToolPageFactory

pytestmark = pytest.mark.django_db

TOOLS = "query ($category: ID) { tools(filter: {category: $category}) { nodes { name } } }"
TREE = "{ categories { nodes { name parent { name } children { name } } } }"


def found(graphql, category, **options):
    answer = graphql(TOOLS, {"category": f"category:{category.pk}"}, **options)
    return [tool["name"] for tool in answer["data"]["tools"]["nodes"]]


@pytest.fixture
def tree():
    web = CategoryFactory(name="Web")
    api = CategoryFactory(name="API", parent=web)
    graphql_ = CategoryFactory(name="GraphQL", parent=api)
    ToolPageFactory(title="Django", categories=[web])
    ToolPageFactory(title="Graphene", categories=[graphql_])
    return web, api, graphql_


def move(category, parent):
    category.refresh_from_db()
    category.parent = parent
    with changes():
        category.save_revision().publish()


def test_the_tree_is_told_from_both_ends(graphql, tree):
    assert graphql(TREE)["data"]["categories"]["nodes"] == [
        {"name": "API", "parent": {"name": "Web"}, "children": [{"name": "GraphQL"}]},
        {"name": "GraphQL", "parent": {"name": "API"}, "children": []},
        {"name": "Web", "parent": None, "children": [{"name": "API"}]},
    ]


def test_children_come_in_the_editors_order(graphql, tree):
    web, *_ = tree
    CategoryFactory(name="Servers", parent=web, sort_order=-1)
    ask = '{ category(slug: "web") { children { name } } }'
    assert graphql(ask)["data"] == {"category": {"children": [{"name": "Servers"}, {"name": "API"}]}}


@pytest.mark.usefixtures("cold")
def test_the_tree_costs_the_same_however_large_it_is(graphql, tree):
    graphql(TREE)
    with CaptureQueriesContext(connection) as few:
        graphql(TREE)
    for number in range(4):
        CategoryFactory(name=f"More {number}", parent=tree[number % 3])
    with CaptureQueriesContext(connection) as many:
        graphql(TREE)
    assert len(many) == len(few) == 3, "generation, list, children"


def test_tools_are_found_under_every_category_above_theirs(graphql, tree):
    assert [found(graphql, category) for category in tree] == [["Django", "Graphene"], ["Graphene"], ["Graphene"]]


@pytest.mark.usefixtures("cold")
def test_finding_tools_costs_two_queries_at_any_depth(graphql, tree):
    found(graphql, tree[0])
    for category in tree:
        with CaptureQueriesContext(connection) as queries:
            found(graphql, category)
        assert len(queries) == 2


def test_moving_a_category_publishes_those_below_it_and_their_tools(graphql, tree):
    web, api, graphql_ = tree
    data = CategoryFactory(name="Data")
    move(api, data)
    assert [found(graphql, category) for category in (web, data, api)] == [["Django"], ["Graphene"], ["Graphene"]]
    moved = {f"category:{each.pk}" for each in (api, graphql_)}
    graphene = ToolPage.objects.get(title="Graphene")
    assert set(Event.objects.latest("generation").keys) == {*moved, f"page:{graphene.pk}"}


def test_a_category_that_is_not_published_finds_nothing_and_is_no_parent(graphql, tree):
    web, *_ = tree
    with changes():
        web.refresh_from_db()
        web.unpublish()
    assert found(graphql, web) == []
    assert graphql('{ category(slug: "api") { parent { name } } }')["data"] == {"category": {"parent": None}}


def test_a_draft_of_a_move_changes_nothing(graphql, tree):
    web, api, _ = tree
    api.parent = None
    api.save_revision()
    assert found(graphql, web) == ["Django", "Graphene"]
    assert not Document.objects.filter(layer__gt=0).exists()
    assert not PreviewGrant.objects.exists()
