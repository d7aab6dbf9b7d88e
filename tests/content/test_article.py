"""Articles as editors write them in the admin."""

from datetime import timedelta

import pytest
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from content.changes import changes
from content.models.article import ArticlePage
from tests.admin import page_address, page_form
from tests.factories import (
    ArticlePageFactory,
    DisclosureFactory,
    PersonFactory,
    SourceFactory,
    ToolPageFactory,
    TopicFactory,
    UseCaseFactory,
    tree,
)

pytestmark = pytest.mark.django_db


HEADING = ("heading", {"text": "Why", "level": "2"})


def form(
    *,
    publish=True,
    body=(HEADING,),
    authors=(),
    topics=(),
    use_cases=(),
    tools=(),
    takeaways=(),
    sources=(),
    corrections=(),
    **fields,
):
    """What the editor's browser sends; an author is a person or a pair of a person and their role."""
    values = {"title": "Do web developers use Python?", "slug": "python", "dek": "Yes, on the server.", **fields}
    credits = [author if isinstance(author, tuple) else (author, "author") for author in authors]
    data = nested_form_data(
        {
            **values,
            "body": streamfield(list(body)),
            "article_authors": inline_formset([{"person": person.pk, "role": role} for person, role in credits]),
            "article_topics": inline_formset([{"topic": topic.pk} for topic in topics]),
            "article_use_cases": inline_formset([{"use_case": use_case.pk} for use_case in use_cases]),
            "article_tools": inline_formset([{"tool": tool.pk} for tool in tools]),
            "takeaways": inline_formset([{"text": text} for text in takeaways]),
            "article_sources": inline_formset([{"source": source.pk} for source in sources]),
            "corrections": inline_formset(list(corrections)),
            "comments": inline_formset([]),
        }
    )
    return data | ({"action-publish": "on"} if publish else {})


@pytest.fixture
def add():
    return reverse("wagtailadmin_pages:add", args=["content", "articlepage", tree().articles.pk])


def test_it_is_created_and_published(admin_client, add):
    ada, grace = PersonFactory(), PersonFactory()
    topics, tools = TopicFactory.create_batch(2), ToolPageFactory.create_batch(2)
    use_case, source, disclosure = UseCaseFactory(), SourceFactory(), DisclosureFactory()
    body = [
        ("heading", {"text": "Why", "level": "2"}),
        ("rich_text", {"content": rich_text("<p>Because it <b>ships</b>.</p>")}),
        ("code", {"language": "python", "file_name": "", "code": "    indented = True\n"}),
        ("tool_card", {"tool": tools[0].pk, "note": ""}),
    ]
    corrections = [{"on": "2026-02-01", "text": "Said 3.9; it is 3.10."}]
    data = form(
        short_answer="Yes.",
        body=body,
        authors=[grace, (ada, "photographer")],
        reviewer=PersonFactory(name="Joan").pk,
        topics=topics[::-1],
        use_cases=[use_case],
        tools=tools[::-1],
        takeaways=["It ships.", "It stays."],
        sources=[source],
        disclosure=disclosure.pk,
        corrections=corrections,
    )

    response = admin_client.post(add, data)

    assert response.status_code == 302
    article = ArticlePage.objects.get()
    assert (article.live, article.title, article.dek) == (True, "Do web developers use Python?", "Yes, on the server.")
    assert (article.short_answer, article.reviewer.name, article.disclosure) == ("Yes.", "Joan", disclosure)
    assert [(row.person, row.role) for row in article.article_authors.all()] == [
        (grace, "author"),
        (ada, "photographer"),
    ]
    assert [row.text for row in article.corrections.all()] == ["Said 3.9; it is 3.10."]
    assert [row.topic for row in article.article_topics.all()] == topics[::-1]
    assert [row.tool for row in article.article_tools.all()] == tools[::-1]
    assert [row.use_case for row in article.article_use_cases.all()] == [use_case]
    assert [row.source for row in article.article_sources.all()] == [source]
    assert [row.text for row in article.takeaways.all()] == ["It ships.", "It stays."]
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


REPEATED = {
    "article_authors": ("authors", PersonFactory, "person", "This person has this role above already."),
    "article_topics": ("topics", TopicFactory, "topic", "This topic is listed above already."),
    "article_use_cases": ("use_cases", UseCaseFactory, "use_case", "This use case is listed above already."),
    "article_tools": ("tools", ToolPageFactory, "tool", "This tool is listed above already."),
    "article_sources": ("sources", SourceFactory, "source", "This source is listed above already."),
    "takeaways": ("takeaways", lambda: "It ships.", "text", "This is said above already."),
}


@pytest.mark.parametrize("relation", REPEATED)
def test_nothing_is_listed_twice(admin_client, add, relation):
    argument, make, field, message = REPEATED[relation]
    one = make()
    response = admin_client.post(add, form(**{argument: [one, one]}))
    assert response.context["form"].formsets[relation].errors == [{}, {field: [message]}]
    assert not ArticlePage.objects.exists()


def test_a_person_may_have_two_roles(admin_client, add):
    ada = PersonFactory()
    assert admin_client.post(add, form(authors=[ada, (ada, "photographer")])).status_code == 302


def test_a_role_is_one_of_the_list(admin_client, add):
    response = admin_client.post(add, form(authors=[(PersonFactory(), "witness")]))
    assert response.context["form"].formsets["article_authors"].errors == [
        {"role": ["Select a valid choice. witness is not one of the available choices."]}
    ]


def test_nobody_reviews_what_they_made(admin_client, add):
    ada = PersonFactory()
    response = admin_client.post(add, form(authors=[ada], reviewer=ada.pk))
    assert response.context["form"].errors == {"reviewer": ["Choose somebody who is not in the byline."]}
    assert not ArticlePage.objects.exists()


def test_a_short_answer_is_short(admin_client, add):
    assert admin_client.post(add, form(slug="fits", short_answer="x" * 320)).status_code == 302
    response = admin_client.post(add, form(slug="does-not", short_answer="x" * 321))
    assert response.context["form"].errors == {
        "short_answer": ["Ensure this value has at most 320 characters (it has 321)."]
    }
    # What was typed beyond the limit is not lost: the browser is not told to cut it.
    assert "x" * 321 in response.content.decode()
    assert "maxlength" not in str(response.context["form"]["short_answer"])


def test_a_correction_is_not_dated_in_the_future(admin_client, add):
    tomorrow = timezone.localdate() + timedelta(days=1)
    response = admin_client.post(add, form(corrections=[{"on": tomorrow.isoformat(), "text": "Said 3.9."}]))
    assert response.context["form"].formsets["corrections"].errors == [
        {"on": ["A correction cannot be dated in the future."]}
    ]
    today = timezone.localdate().isoformat()
    assert admin_client.post(add, form(corrections=[{"on": today, "text": "Said 3.9."}])).status_code == 302


def test_a_review_is_due_on_a_day_to_come(admin_client, add):
    yesterday = timezone.localdate() - timedelta(days=1)
    response = admin_client.post(add, form(review_due_on=yesterday.isoformat()))
    assert response.context["form"].errors == {
        "review_due_on": ["This day has passed. Choose one to come, or leave the field empty."]
    }
    assert not ArticlePage.objects.exists()


def test_an_overdue_article_can_be_mended_and_the_editor_is_told(admin_client):
    article = ArticlePageFactory(review_due_on=timezone.localdate() - timedelta(days=1))
    data = page_form(admin_client, article, title="Mended", body=[HEADING]) | {"action-publish": "on"}
    response = admin_client.post(page_address(article), data, follow=True)
    article.refresh_from_db()
    assert article.title == "Mended"
    assert "review has been due since" in response.content.decode()


def test_a_disclosure_in_use_is_not_deleted():
    article = ArticlePageFactory(disclosure=DisclosureFactory())
    with pytest.raises(ProtectedError):
        article.disclosure.delete()


def test_it_lives_below_the_article_index_only():
    assert ArticlePage.allowed_parent_page_models() == [type(tree().articles)]
    assert ArticlePage.allowed_subpage_models() == []


def test_a_topic_in_another_language_is_refused_at_its_row(admin_client, add):
    with changes():
        german = Locale.objects.create(language_code="de")
    response = admin_client.post(add, form(topics=[TopicFactory(locale=german), TopicFactory()]))
    assert response.context["form"].formsets["article_topics"].errors == [
        {"topic": ["This is written in another language. Choose its translation."]},
        {},
    ]
    assert not ArticlePage.objects.exists()
