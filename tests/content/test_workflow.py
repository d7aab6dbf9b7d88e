"""An article on its way from its writer to its readers."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Comment, Page, TaskState, WorkflowState

from content.roles import group_of
from tests import factories
from tests.admin import page_address, page_form, snippet_address

pytestmark = pytest.mark.django_db

BODY = [("heading", {"text": "First things first", "level": "2"})]
TITLE = '{ article(slug: "one") { title } }'


def as_role(role):
    user = User.objects.create_user(role, password="sufficiently long")
    user.groups.add(group_of(role))
    client = Client()
    client.force_login(user)
    return client


def submit(client, page):
    return client.post(page_address(page), {**page_form(client, page, body=BODY), "action-submit": "x"})


def decide(client, page, action, **data):
    state = TaskState.objects.get(status="in_progress")
    return client.post(reverse("wagtailadmin_pages:workflow_action", args=[page.pk, action, state.pk]), data)


@pytest.fixture
def article():
    return factories.ArticlePageFactory(slug="one", title="One", live=False)


def test_three_roles_bring_an_article_to_its_readers(graphql, article):
    writer, checker, editor = as_role("writer"), as_role("fact_checker"), as_role("editor")
    assert submit(writer, article).status_code == 302
    assert graphql(TITLE)["data"] == {"article": None}
    assert checker.get(page_address(article)).status_code == 200, "whoever checks it may open and correct it"
    decide(checker, article, "approve")
    assert graphql(TITLE)["data"] == {"article": None}
    decide(editor, article, "approve")
    assert graphql(TITLE)["data"] == {"article": {"title": "One"}}
    assert WorkflowState.objects.get().status == "approved"


def test_the_last_approval_keeps_to_the_day_that_was_set(graphql, article):
    writer, checker, editor = as_role("writer"), as_role("fact_checker"), as_role("editor")
    day = (timezone.now() + timezone.timedelta(days=2)).strftime("%Y-%m-%d %H:%M")
    form = page_form(writer, article, body=BODY, go_live_at=day)
    writer.post(page_address(article), {**form, "action-submit": "x"})
    decide(checker, article, "approve")
    decide(editor, article, "approve")
    assert graphql(TITLE)["data"] == {"article": None}
    assert Page.objects.get(pk=article.pk).approved_schedule


def test_what_is_sent_back_can_be_mended_and_sent_again(article):
    writer, checker = as_role("writer"), as_role("fact_checker")
    submit(writer, article)
    decide(checker, article, "reject", comment="The third figure is wrong.")
    assert WorkflowState.objects.get().status == "needs_changes"
    form = {**page_form(writer, article, body=BODY, title="Mended"), "action-restart-workflow": "x"}
    assert writer.post(page_address(article), form).status_code == 302
    assert WorkflowState.objects.active().get().status == "in_progress"


def test_a_page_in_review_is_closed_to_others(article):
    writer, editor = as_role("writer"), as_role("editor")
    submit(writer, article)
    for client in (writer, editor):
        client.post(page_address(article), {**page_form(writer, article, body=BODY), "title": "Slipped in"})
    assert Page.objects.get(pk=article.pk).draft_title == "One"


def test_a_publisher_needs_no_review(graphql, article):
    publisher = as_role("publisher")
    form = {**page_form(publisher, article, body=BODY), "action-publish": "x"}
    assert publisher.post(page_address(article), form).status_code == 302
    assert graphql(TITLE)["data"] == {"article": {"title": "One"}}


@pytest.mark.parametrize("section", ["Article", "Tool", "Comparison"])
@pytest.mark.parametrize("hostname", ["", "other.example"])
def test_the_review_reaches_every_section_of_every_site(section, hostname):
    tree = factories.tree(hostname)
    parent = {"Article": tree.articles, "Tool": tree.tools, "Comparison": tree.comparisons}[section]
    page = getattr(factories, f"{section}PageFactory")(parent=parent, live=False)
    assert page.get_workflow().name == "Review"
    assert [task.name for task in page.get_workflow().tasks] == ["Fact check", "Editing"]


def test_facts_are_not_reviewed():
    fact = factories.FactFactory()
    assert not fact.has_workflow
    html = as_role("fact_checker").get(snippet_address(fact)).content.decode()
    assert "action-publish" in html
    assert "action-submit" not in html


def test_comments_stay_with_the_page(article):
    editor = as_role("editor")
    comment = {
        "comments-TOTAL_FORMS": "1",
        "comments-INITIAL_FORMS": "0",
        "comments-0-text": "Who says so?",
        "comments-0-contentpath": "dek",
        "comments-0-position": "",
        "comments-0-deleted": "",
        "comments-0-resolved": "",
        "comments-0-id": "",
        "comments-0-replies-TOTAL_FORMS": "0",
        "comments-0-replies-INITIAL_FORMS": "0",
        "comments-0-replies-MIN_NUM_FORMS": "0",
        "comments-0-replies-MAX_NUM_FORMS": "0",
    }
    form = {**page_form(editor, article, body=BODY), **comment}
    assert editor.post(page_address(article), form).status_code == 302
    assert Comment.objects.get(page=article.pk).text == "Who says so?"


def test_earlier_versions_can_be_seen_and_compared(article):
    editor = as_role("editor")
    first = article.latest_revision or article.save_revision()
    editor.post(page_address(article), page_form(editor, article, body=BODY, title="Second"))
    last = Page.objects.get(pk=article.pk).latest_revision
    history = editor.get(page_address(article, "history"))
    assert history.status_code == 200
    address = reverse("wagtailadmin_pages:revisions_compare", args=[article.pk, first.pk, last.pk])
    assert "Second" in editor.get(address).content.decode()


def test_a_locked_page_is_closed_to_others(article):
    editor, writer = as_role("editor"), as_role("writer")
    editor.post(page_address(article, "lock"))
    writer.post(page_address(article), {**page_form(writer, article, body=BODY), "title": "Slipped in"})
    assert Page.objects.get(pk=article.pk).draft_title == "One"
