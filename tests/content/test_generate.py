"""Made-up content is the same every time, can be edited like any other, and is published as a whole."""

import pytest
from django.core.management import call_command
from wagtail.models import Page, Revision

from content.models.article import ArticlePage
from content.models.comparison import ComparisonPage
from content.models.fact import Fact
from content.models.tool import ToolPage
from tests import factories
from tests.admin import page_address, page_form

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small_library(monkeypatch):
    monkeypatch.setattr("content.generate.library.PEOPLE", 3)
    monkeypatch.setattr("content.generate.library.SOURCES", 3)


def generate(capsys, *more):
    factories.tree()
    call_command("generate_content", "--articles", "4", "--tools", "3", "--comparisons", "2", "--facts", "5", *more)
    return capsys.readouterr().out


def words():
    """What could differ between two runs, ids aside."""
    articles = ArticlePage.objects.order_by("slug")
    facts = Fact.objects.order_by("tool__slug", "attribute__key").values_list("state", "value", "note")
    return [(page.title, page.short_answer, page.body.raw_data[0]["id"]) for page in articles], list(facts)


def test_the_same_seed_gives_the_same_and_a_second_run_only_what_is_missing(capsys):
    assert generate(capsys) == "Tools: 3\nArticles: 4\nComparisons: 2\nGenerated: 9 pages.\n"
    counts = [model.objects.filter(live=True).count() for model in (ArticlePage, ToolPage, ComparisonPage, Fact)]
    assert counts == [4, 3, 2, 15]
    first = words()
    assert generate(capsys) == "Generated: nothing, all of it is there.\n"
    ArticlePage.objects.get(slug="generated-article-1").delete()
    assert generate(capsys) == "Articles: 1\nGenerated: 1 pages.\n"
    assert words() == first
    Page.objects.filter(slug__startswith="generated-").delete()
    generate(capsys, "--seed", "2")
    assert words() != first


def test_the_store_the_tree_and_the_search_are_whole(capsys, graphql, admin_client):
    generate(capsys)
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out
    assert Page.find_problems() == ([], [], [], [], [])
    ask = '{ tools { totalCount } comparison(slug: "generated-comparison-0") { matrix { cells { fact { state } } } } }'
    data = graphql(ask)["data"]
    assert data["tools"]["totalCount"] == 3
    assert len(data["comparison"]["matrix"]) == 5
    tool = ToolPage.objects.get(slug="generated-tool-1")
    assert tool.title in admin_client.get("/admin/pages/search/", {"q": tool.title}).content.decode()


def test_an_editor_changes_and_publishes_one(capsys, admin_client, graphql):
    generate(capsys)
    page = ArticlePage.objects.get(slug="generated-article-0")
    assert Revision.page_revisions.filter(object_id=str(page.pk)).count() == 1
    authors = [row.person_id for row in page.article_authors.all()]
    form = page_form(admin_client, page, title="Edited", body=[("heading", {"text": "New", "level": "2"})])
    answer = admin_client.post(page_address(page), {**form, "action-publish": "action-publish"})
    assert answer.status_code == 302
    assert graphql('{ article(slug: "generated-article-0") { title } }')["data"] == {"article": {"title": "Edited"}}
    assert [row.person_id for row in ArticlePage.objects.get(pk=page.pk).article_authors.all()] == authors
