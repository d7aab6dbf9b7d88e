"""Categories: a tree that stays in order, and refuses circles."""

import pytest
from django.urls import reverse

from content.models.category import Category
from tests.factories import CategoryFactory, ToolPageFactory

pytestmark = pytest.mark.django_db

LIST = reverse("wagtailsnippets_content_category:list")


def outline():
    return [(category.name, category.depth) for category in Category.objects.all()]


def grown():
    web = CategoryFactory(name="Web")
    data = CategoryFactory(name="Data")
    api = CategoryFactory(name="API", parent=web)
    return web, data, api, CategoryFactory(name="GraphQL", parent=api)


def edit(client, category, **changed):
    form = {"name": category.name, "slug": category.slug, "parent": category.parent_id or "", "sort_order": 0}
    address = reverse("wagtailsnippets_content_category:edit", args=[category.pk])
    return client.post(address, {**form, **changed, "action-publish": "on"})


def test_the_tree_is_read_in_its_order_by_one_query(django_assert_num_queries):
    grown()
    with django_assert_num_queries(1):
        assert outline() == [("Data", 0), ("Web", 0), ("API", 1), ("GraphQL", 2)]


def test_moving_one_takes_along_what_stands_below_it(admin_client):
    _, data, api, _ = grown()
    assert edit(admin_client, api, parent=data.pk).status_code == 302
    assert outline() == [("Data", 0), ("API", 1), ("GraphQL", 2), ("Web", 0)]


def test_the_editors_order_comes_before_the_alphabet(admin_client):
    web, *_ = grown()
    assert edit(admin_client, web, sort_order=-1).status_code == 302
    assert [name for name, _ in outline()] == ["Web", "API", "GraphQL", "Data"]


def test_one_cannot_stand_below_itself(admin_client):
    web, _, api, graphql = grown()
    for parent in (web, api, graphql):
        response = edit(admin_client, web, parent=parent.pk)
        message = "A category cannot stand below itself. Choose another one."
        assert response.context["form"].errors == {"parent": [message]}
    assert outline() == [("Data", 0), ("Web", 0), ("API", 1), ("GraphQL", 2)]


def test_an_older_draft_does_not_bring_its_old_place_among_the_others_back():
    web, *_ = grown()
    draft = web.save_revision()
    CategoryFactory(name="Admin")
    draft.publish()
    assert outline() == [("Admin", 0), ("Data", 0), ("Web", 0), ("API", 1), ("GraphQL", 2)]


def test_one_with_others_below_it_is_not_deleted(admin_client):
    web, *_ = grown()
    address = reverse("wagtailsnippets_content_category:delete", args=[web.pk])
    admin_client.post(address)
    assert Category.objects.filter(pk=web.pk).exists()


def test_the_listing_shows_the_tree(admin_client):
    grown()
    html = admin_client.get(LIST).content.decode().partition("<main")[2]
    positions = [html.index(text) for text in ("Data", "Web", "\u2003API", "\u2003\u2003GraphQL")]
    assert positions == sorted(positions)


def test_a_tool_chooses_from_the_tree(admin_client):
    grown()
    tool = ToolPageFactory()
    html = admin_client.get(reverse("wagtailadmin_pages:edit", args=[tool.pk])).content.decode()
    assert html.index("\u2003API") < html.index("\u2003\u2003GraphQL")
