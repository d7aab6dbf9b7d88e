"""Articles as editors write them in the admin."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from content.models.article import ArticlePage
from tests.factories import ArticlePageFactory, PersonFactory, ToolPageFactory, TopicFactory, tree

pytestmark = pytest.mark.django_db


HEADING = ("heading", {"text": "Why", "level": "2"})


def form(*, publish=True, body=(HEADING,), authors=(), topics=(), tools=(), corrections=(), **fields):
    """What the editor's browser sends."""
    values = {"title": "Do web developers use Python?", "slug": "python", "dek": "Yes, on the server.", **fields}
    data = nested_form_data(
        {
            **values,
            "body": streamfield(list(body)),
            "article_authors": inline_formset([{"person": person.pk} for person in authors]),
            "corrections": inline_formset(list(corrections)),
            "comments": inline_formset([]),
        }
    )
    data |= {"topics": [topic.pk for topic in topics], "tools": [tool.pk for tool in tools]}
    return data | ({"action-publish": "on"} if publish else {})


@pytest.fixture
def add():
    return reverse("wagtailadmin_pages:add", args=["content", "articlepage", tree().articles.pk])


def test_it_is_created_and_published(admin_client, add):
    ada, grace = PersonFactory(), PersonFactory()
    topic, tool = TopicFactory(), ToolPageFactory()
    body = [
        ("heading", {"text": "Why", "level": "2"}),
        ("rich_text", {"content": rich_text("<p>Because it <b>ships</b>.</p>")}),
        ("code", {"language": "python", "file_name": "", "code": "    indented = True\n"}),
        ("tool_card", {"tool": tool.pk, "note": ""}),
    ]
    corrections = [{"on": "2026-02-01", "text": "Said 3.9; it is 3.10."}]
    data = form(body=body, authors=[grace, ada], corrections=corrections, topics=[topic], tools=[tool])

    response = admin_client.post(add, data)

    assert response.status_code == 302
    article = ArticlePage.objects.get()
    assert (article.live, article.title, article.dek) == (True, "Do web developers use Python?", "Yes, on the server.")
    assert [row.person for row in article.article_authors.all()] == [grace, ada]
    assert [row.text for row in article.corrections.all()] == ["Said 3.9; it is 3.10."]
    assert ([*article.topics.all()], [*article.tools.all()]) == ([topic], [tool])
    assert [block.block_type for block in article.body] == ["heading", "rich_text", "code", "tool_card"]
    assert article.body[2].value["code"] == "    indented = True\n"


def test_without_a_required_field_nothing_is_published_and_nothing_lost(admin_client, add):
    response = admin_client.post(add, form(dek="", question="Do they?"))

    assert response.status_code == 200
    assert response.context["form"].errors == {"dek": ["This field is required."]}
    assert "This field is required." in response.content.decode()
    assert response.context["form"]["question"].value() == "Do they?"
    assert response.context["form"]["body"].value()[0].value["text"] == "Why"
    assert not ArticlePage.objects.exists()


def test_a_missing_value_inside_a_block_is_told_at_the_block(admin_client, add):
    response = admin_client.post(add, form(body=[("heading", {"text": "", "level": "2"})]))
    error = response.context["form"].errors["body"].as_data()[0].block_errors[0].block_errors["text"]
    assert error.messages == ["This field is required."]
    assert not ArticlePage.objects.exists()


def test_a_live_article_keeps_its_text_when_publishing_fails(admin_client):
    article = ArticlePageFactory(title="As before", dek="As it was.")
    edit = reverse("wagtailadmin_pages:edit", args=[article.pk])
    response = admin_client.post(edit, form(slug=article.slug, title="New", dek=""))
    assert response.context["form"].errors == {"dek": ["This field is required."]}
    article.refresh_from_db()
    assert (article.title, article.dek, article.has_unpublished_changes) == ("As before", "As it was.", False)
    assert article.revisions.count() == 1


def test_a_draft_may_be_unfinished(admin_client, add):
    data = form(dek="", body=[("heading", {"text": "", "level": "2"})], publish=False)
    assert admin_client.post(add, data).status_code == 302
    assert ArticlePage.objects.get().live is False


def test_an_author_is_listed_once(admin_client, add):
    ada = PersonFactory()
    response = admin_client.post(add, form(authors=[ada, ada]))
    assert response.context["form"].formsets["article_authors"].errors == [
        {},
        {"person": ["This person is listed above already."]},
    ]
    assert not ArticlePage.objects.exists()


def test_its_tools_are_offered_by_name(admin_client, add):
    for title in ("Wagtail", "Celery", "Django"):
        ToolPageFactory(title=title)
    offered = admin_client.get(add).context["form"].fields["tools"].queryset
    assert [tool.title for tool in offered] == ["Celery", "Django", "Wagtail"]


def test_it_lives_below_the_article_index_only():
    assert ArticlePage.allowed_parent_page_models() == [type(tree().articles)]
    assert ArticlePage.allowed_subpage_models() == []
