"""The screens of the admin that belong to content: they open, and do not ask more the more there is."""

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.snippets.models import get_snippet_models

from tests import factories

pytestmark = pytest.mark.django_db

PAGES = [model for model in apps.get_app_config("content").get_models() if issubclass(model, Page)]
SNIPPETS = get_snippet_models()


def made(model):
    return getattr(factories, f"{model.__name__}Factory")()


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_a_page_type_can_be_edited_and_says_what_it_is_for(admin_client, model):
    page = made(model)
    assert admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
    assert model.page_description


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_a_page_type_can_be_added_where_it_belongs(admin_client, model):
    parent = made(model).get_parent()
    if model.max_count_per_parent:
        parent = factories.HomePageFactory()
    address = reverse("wagtailadmin_pages:add", args=["content", model._meta.model_name, parent.pk])
    assert admin_client.get(address).status_code == 200


@pytest.mark.parametrize("model", SNIPPETS, ids=lambda model: model.__name__)
def test_a_snippet_can_be_listed_added_edited_and_chosen(admin_client, model):
    views = model.snippet_viewset
    instance = made(model)
    addresses = [
        reverse(views.get_url_name("list")),
        reverse(views.get_url_name("add")),
        reverse(views.get_url_name("edit"), args=[instance.pk]),
        reverse(views.get_url_name("list")) + "?q=nothing",
        reverse(views.chooser_viewset.get_url_name("choose")),
    ]
    assert [admin_client.get(address).status_code for address in addresses] == [200] * 5


def test_the_library_is_in_the_menu(admin_client):
    home = admin_client.get(reverse("wagtailadmin_home")).content.decode()
    positions = [home.index(f'"label": "{name}"') for name in ("Library", "Facts", "Attributes", "Sources", "People")]
    assert positions == sorted(positions)


@pytest.mark.parametrize("model", [*SNIPPETS, get_image_model()], ids=lambda model: model.__name__)
def test_a_listing_asks_the_same_however_much_there_is(admin_client, model):
    views = getattr(model, "snippet_viewset", None)
    address = reverse(views.get_url_name("list") if views else "wagtailimages:index")

    made(model)
    admin_client.get(address)
    with CaptureQueriesContext(connection) as few:
        admin_client.get(address)
    for _ in range(4):
        made(model)
    # Once before counting: a picture is made smaller when it is first listed.
    admin_client.get(address)
    with CaptureQueriesContext(connection) as many:
        admin_client.get(address)
    assert len(many) == len(few), [query["sql"] for query in many]
