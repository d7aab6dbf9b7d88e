"""Reports of published pages that need somebody's hand."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageViewRestriction

from content.admin.page_reports import REPORTS
from content.changes import changes
from tests.factories import ArticlePageFactory, ComparisonPageFactory, CustomImageFactory, ToolPageFactory, tree

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


def address(name):
    return reverse(f"content_{name}")


def titles(client, name, **query):
    response = client.get(address(name), query)
    assert response.status_code == 200
    return [row.title for row in response.context["object_list"]]


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_in_the_menu_says_when_all_is_well_and_is_exported(admin_client, name):
    view = REPORTS[name][0]
    assert view.page_title in admin_client.get(reverse("wagtailadmin_home")).content.decode()
    tree().home.delete()
    assert view.no_results_message in admin_client.get(address(name)).content.decode()
    assert admin_client.get(address(name), {"export": "xlsx"}).status_code == 200
    assert admin_client.get(reverse(f"content_{name}_results")).status_code == 200


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_for_those_who_may_do_something_about_it(client, django_user_model, name):
    client.force_login(django_user_model.objects.create_user("reader"))
    assert client.get(address(name)).status_code == 302


@pytest.mark.parametrize(("days", "is_due"), [(-1, True), (0, True), (1, False)])
def test_a_review_is_due_on_its_day(admin_client, days, is_due):
    ArticlePageFactory(title="Late", review_due_on=TODAY + timedelta(days=days))
    ArticlePageFactory(title="Never")
    assert titles(admin_client, "reviews_due") == (["Late"] if is_due else [])


def test_reviews_are_looked_at_ahead_and_by_type(admin_client):
    ArticlePageFactory(title="Soon", review_due_on=TODAY + timedelta(days=20))
    ComparisonPageFactory(title="Later", review_due_on=TODAY + timedelta(days=80))
    assert titles(admin_client, "reviews_due") == []
    assert titles(admin_client, "reviews_due", due="30") == ["Soon"]
    assert titles(admin_client, "reviews_due", due="90") == ["Soon", "Later"]


def test_a_draft_needs_no_review(admin_client):
    ArticlePageFactory(live=False, review_due_on=TODAY)
    assert titles(admin_client, "reviews_due") == []


def lose(tool, how):
    with changes():
        if how == "unpublished":
            tool.unpublish()
        elif how == "restricted":
            PageViewRestriction.objects.create(page=tool, restriction_type="login")
        else:
            tool.delete()


@pytest.mark.parametrize("how", ["unpublished", "restricted", "deleted"])
def test_a_comparison_that_lost_a_tool_is_told(admin_client, how):
    tools = [ToolPageFactory(title=title) for title in ("Django", "Flask", "FastAPI")]
    ComparisonPageFactory(title="Frameworks", tools=tools)
    ComparisonPageFactory(title="Whole")
    assert titles(admin_client, "comparisons_that_lost_a_tool") == []
    lose(tools[1], how)
    response = admin_client.get(address("comparisons_that_lost_a_tool"))
    rows = [(row.title, row.lost, row.left) for row in response.context["object_list"]]
    assert rows == [("Frameworks", "a deleted tool" if how == "deleted" else "Flask", 2)]


def test_a_comparison_with_a_deleted_tool_is_served_and_edited(admin_client, graphql):
    tools = [ToolPageFactory(title=title) for title in ("Django", "Flask", "FastAPI")]
    comparison = ComparisonPageFactory(slug="frameworks", tools=tools)
    lose(tools[1], "deleted")
    answer = graphql('{ comparison(slug: "frameworks") { tools { name } } }')
    assert answer["data"] == {"comparison": {"tools": [{"name": "Django"}, {"name": "FastAPI"}]}}
    assert admin_client.get(reverse("wagtailadmin_pages:edit", args=[comparison.pk])).status_code == 200


def test_pages_without_description_or_image(admin_client):
    picture = CustomImageFactory()
    ArticlePageFactory(title="Both", search_description="Said.", hero=picture)
    ArticlePageFactory(title="Undescribed", hero=picture)
    ArticlePageFactory(title="Unseen", search_description="Said.")
    ToolPageFactory(title="Neither")
    named = ["Undescribed", "Unseen", "Neither"]
    found = [title for title in titles(admin_client, "pages_without_description_or_image") if title in [*named, "Both"]]
    assert found == sorted(named)
    described = titles(admin_client, "pages_without_description_or_image", missing="description")
    assert "Undescribed" in described
    assert "Unseen" not in described
    unseen = titles(admin_client, "pages_without_description_or_image", missing="image")
    assert "Unseen" in unseen
    assert "Undescribed" not in unseen


@pytest.mark.parametrize("name", ["reviews_due", "comparisons_that_lost_a_tool", "pages_without_description_or_image"])
def test_a_report_asks_the_same_however_much_it_tells(admin_client, name):
    def more():
        ArticlePageFactory(review_due_on=TODAY)
        lost = ToolPageFactory()
        ComparisonPageFactory(tools=[lost, ToolPageFactory(), ToolPageFactory()], review_due_on=TODAY)
        lose(lost, "unpublished")

    more()
    admin_client.get(address(name))
    with CaptureQueriesContext(connection) as few:
        admin_client.get(address(name))
    for _ in range(3):
        more()
    with CaptureQueriesContext(connection) as many:
        admin_client.get(address(name))
    assert len(many) == len(few), [query["sql"] for query in many]
