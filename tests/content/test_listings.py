"""The lists of all articles, tools and comparisons."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from content.changes import changes
from tests import factories

pytestmark = pytest.mark.django_db

LISTS = {"articles": "ArticlePage", "tools": "ToolPage", "comparisons": "ComparisonPage"}


def titles(client, name, **query):
    response = client.get(reverse(f"{name}:index"), query)
    assert response.status_code == 200
    return {page.title for page in response.context["pages"]}


def test_the_lists_are_in_the_menu(admin_client):
    home = admin_client.get(reverse("wagtailadmin_home")).content.decode()
    positions = [home.index(f'"label": "{label}"') for label in ("Articles", "Tools", "Comparisons", "Library")]
    assert positions == sorted(positions)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_the_same_however_much_there_is(admin_client, name):
    def more():
        kwargs = {"live": False}
        if name == "articles":
            kwargs |= {"authors": [factories.PersonFactory()], "topics": [factories.TopicFactory()]}
        page = getattr(factories, f"{LISTS[name]}Factory")(owner=User.objects.first(), **kwargs)
        with changes():
            page.save_revision()
            page.get_workflow().start(page, User.objects.first())

    def queries():
        admin_client.get(reverse(f"{name}:index"))
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(reverse(f"{name}:index"))
        return [query["sql"] for query in captured]

    more()
    few = queries()
    for _ in range(3):
        more()
    many = queries()
    assert len(many) == len(few), many


def test_an_article_is_listed_with_its_authors_topics_and_status(admin_client):
    factories.ArticlePageFactory(
        title="Jobs",
        authors=[factories.PersonFactory(name="Ada Lind"), factories.PersonFactory(name="Bo Berg")],
        topics=[factories.TopicFactory(name="Queues")],
    )
    html = " ".join(admin_client.get(reverse("articles:index")).content.decode().split())
    for text in ("Ada Lind, Bo Berg", "Queues", "live"):
        assert text in html


def test_articles_are_found_by_status(admin_client):
    factories.ArticlePageFactory(title="Out")
    changed = factories.ArticlePageFactory(title="Changed")
    draft = factories.ArticlePageFactory(title="Draft", live=False)
    coming = factories.ArticlePageFactory(title="Coming", live=False)
    gone = factories.ArticlePageFactory(title="Gone")
    with changes():
        changed.save_revision()
        draft.save_revision()
        draft.get_workflow().start(draft, User.objects.first())
        coming.go_live_at = timezone.now() + timedelta(days=1)
        coming.save_revision().publish()
        gone.unpublish(set_expired=True)
    found = {status: titles(admin_client, "articles", status=status) for status in STATUSES}
    assert found == STATUSES


STATUSES = {
    "live": {"Out"},
    "changed": {"Changed"},
    "draft": {"Draft", "Coming"},
    "review": {"Draft"},
    "scheduled": {"Coming"},
    "expired": {"Gone"},
}


def test_articles_are_found_by_author_topic_and_words_together(admin_client):
    ada, topic = factories.PersonFactory(), factories.TopicFactory()
    factories.ArticlePageFactory(title="Background jobs", authors=[ada], topics=[topic])
    factories.ArticlePageFactory(title="Background noise", topics=[topic])
    factories.ArticlePageFactory(title="Forms", authors=[ada])
    assert titles(admin_client, "articles", author=ada.pk) == {"Background jobs", "Forms"}
    assert titles(admin_client, "articles", topic=topic.pk) == {"Background jobs", "Background noise"}
    assert titles(admin_client, "articles", q="background", author=ada.pk, status="live") == {"Background jobs"}


def test_tools_are_found_by_category_and_lifecycle(admin_client):
    category = factories.CategoryFactory()
    factories.ToolPageFactory(title="Django", categories=[category])
    factories.ToolPageFactory(title="Pylons", lifecycle="end_of_life")
    assert titles(admin_client, "tools", category=category.pk) == {"Django"}
    assert titles(admin_client, "tools", lifecycle="end_of_life", q="pyl") == {"Pylons"}


def test_a_list_can_be_taken_along_as_a_table(admin_client):
    article = factories.ArticlePageFactory(title="Jobs", slug="jobs")
    response = admin_client.get(reverse("articles:index"), {"export": "csv"})
    heading, row = b"".join(response.streaming_content).decode().splitlines()
    assert heading == "Title,Address,Status,First published,Updated"
    assert row.startswith(f"Jobs,{article.full_url},live,")


def test_the_lists_show_all_sites(admin_client):
    factories.ArticlePageFactory(title="Here")
    factories.ArticlePageFactory(title="There", parent=factories.tree("other.example").articles)
    assert titles(admin_client, "articles") == {"Here", "There"}
    assert Page.objects.filter(title="There").exists()
