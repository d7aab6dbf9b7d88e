"""The admin asks the same number of queries however much content there is: on every screen, and to save."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.models import Collection, PageViewRestriction
from wagtail.snippets.models import get_snippet_models

from api.webhooks.models import Delivery, Webhook
from content.models.article import ArticlePage
from content.models.category import Category
from content.models.comparison import ComparisonPage
from content.models.fact import Fact
from content.models.images import CustomImage
from content.models.menu import Menu
from content.models.organization import Organization
from content.models.person import Person
from content.models.tool import ToolPage
from content.models.topic import Topic
from tests import factories
from tests.admin import page_address, page_form, screens, snippet_address, snippet_form

pytestmark = pytest.mark.django_db

PAGES = (ArticlePage, ToolPage, ComparisonPage)
SNIPPETS = (Fact, Topic, Category)
# Generated in bulk; there are as many of anything else as here is of it.
GENERATED = {"topic", "person", "category", "fact", "attribute", "source"}


def fill(count, monkeypatch):
    """`count` of whatever there can be, and half as many in every state that a listing tells of."""
    factories.tree()
    for kind in ("PEOPLE", "TOPICS", "CATEGORIES", "SOURCES"):
        monkeypatch.setattr(f"content.generate.library.{kind}", count)
    amounts = [f"--{kind}={count}" for kind in ("articles", "tools", "comparisons", "facts")]
    call_command("generate_content", *amounts, verbosity=0)
    Menu.objects.exists() or factories.MenuFactory()
    for model in get_snippet_models():
        # A menu more would be a site more.
        if model._meta.model_name not in {*GENERATED, "menu"}:
            for _ in range(count - model.objects.count()):
                getattr(factories, f"{model.__name__}Factory")()
    for number in range(get_document_model().objects.count(), count):
        get_document_model().objects.create(title=f"Document {number}", file=ContentFile(b"Text", name="text.txt"))
        Collection.get_first_root_node().add_child(name=f"Collection {number}")
        Group.objects.create(name=f"Group {number}")
        webhook = Webhook.objects.create(description=f"Webhook {number}", url="https://example.org/", is_enabled=False)
        Delivery.objects.create(webhook=webhook, body="{}", event="content.changed")
        user = get_user_model().objects.create_user(f"user-{number}")
        Redirect.objects.create(old_path=f"/old-{number}", redirect_link="https://example.org/")
        image = factories.CustomImageFactory()
        page = ArticlePage.objects.get(slug=f"generated-article-{number}")
        page.owner, page.hero = user, image if number else None
        page.save()
        settle(page, number, user)
    # What everything leads to.
    ArticlePage.objects.update(reviewer=Person.objects.get_or_create(name="Reviewer")[0])
    ToolPage.objects.update(logo=first(CustomImage), vendor=first(Organization))
    for instance in (*map(first, PAGES), *map(first, SNIPPETS)):
        for _ in range(count):
            instance.save_revision(log_action=True, user=user)
    call_command("rebuild_references_index", verbosity=0)


def settle(page, number, user):
    """Bring the page into the state whose turn it is."""
    state = number % 5
    if state == 1:
        page.save_revision(user=user)
        page.get_workflow().start(page, user)
    elif state == 2:
        page.go_live_at = timezone.now() + timedelta(days=1)
        page.save_revision(user=user).publish()
    elif state == 3:
        page.locked, page.locked_by = True, user
        page.save()
    elif state == 4:
        PageViewRestriction.objects.create(page=page, restriction_type="login")


def first(model):
    return model._default_manager.order_by("pk").first()


def queries(act):
    reset_queries()
    with CaptureQueriesContext(connection) as captured:
        response = act()
    return response, len(captured)


def of_screens(client, few=None):
    """The queries of each screen; of those that asked more than `few` says, once more, because pictures are made smaller
    when they are first listed.
    """
    found = {}
    for name, address in screens():
        if few is None or name in few:
            response, found[name] = queries(lambda address=address: client.get(address))
            if few is None and response.status_code != 200:
                del found[name]
            elif few is None or found[name] > few[name]:
                _, found[name] = queries(lambda address=address: client.get(address))
    assert len(found) > 250
    return found


def of_saving(client, few=None):
    found = {}
    for model in (*PAGES, *SNIPPETS):
        instance = first(model)
        is_page = model in PAGES
        address = page_address(instance) if is_page else snippet_address(instance)
        heading = [("heading", {"text": "Once more", "level": "2"})]
        form = page_form(client, instance, body=heading) if is_page else snippet_form(client, instance)
        for action in ("save", "publish"):
            data = form if action == "save" else {**form, "action-publish": "action-publish"}
            client.post(address, data)
            response, found[f"{action} {model.__name__}"] = queries(
                lambda address=address, data=data: client.post(address, data)
            )
            assert response.status_code == 302, (action, model, response.context["form"].errors)
    return found


# Wagtail asks for the state of each page that somebody has locked: a page of this list has fifty at most.
LEFT = {"wagtailadmin_reports:locked_pages"}


@pytest.mark.parametrize("measured", [of_screens, of_saving])
def test_the_same_however_much_there_is(admin_client, monkeypatch, measured):
    fill(2, monkeypatch)
    few = measured(admin_client)
    fill(6, monkeypatch)
    many = measured(admin_client, few)
    assert {name: (few[name], many[name]) for name in few if many[name] > few[name] and name not in LEFT} == {}
