"""Everything that editors write can be looked at: as it is typed, as a saved draft, and before it is saved for the first
time. The cells are made from the models, so that a new type is covered the day it is added.
"""

import pytest
from django.urls import reverse
from wagtail.models import Page, PreviewableMixin, get_page_models
from wagtail.snippets.models import get_snippet_models
from wagtail.test.utils.form_data import nested_form_data, streamfield

from api.documents import registry
from content.changes import changes
from content.models.base import BaseSnippet
from content.models.disclosure import Disclosure
from content.models.organization import Organization
from content.models.use_case import UseCase
from content.preview import HeadlessPreviewMixin
from tests import factories
from tests.admin import page_address, page_form, snippet_address, snippet_form, values_of

pytestmark = pytest.mark.django_db

PAGES = [model for model in get_page_models() if model is not Page]
SNIPPETS = [model for model in get_snippet_models() if issubclass(model, PreviewableMixin)]
SHOWN_AS = {"Announcement": "Home", "Fact": "Tool", "Menu": "Home"}
"""Types that are looked at on a page of something else."""
USED = {
    Organization: lambda it: factories.ToolPageFactory(vendor=it),
    UseCase: lambda it: factories.ArticlePageFactory(use_cases=[it]),
    Disclosure: lambda it: factories.ArticlePageFactory(disclosure=it),
}
"""What readers meet on the pages that name it only."""
WORD = "Zephyranthes"
"""Stands in the draft and nowhere else."""


@pytest.fixture(autouse=True)
def _admin(settings):
    settings.ADMIN_ORIGINS = ["http://testserver"]
    factories.tree()


def test_everything_that_has_drafts_has_previews():
    assert {model.__name__ for model in SNIPPETS} >= {"Announcement", "Category", "Fact", "Menu", "Person", "Topic"}
    assert [model for model in get_snippet_models() if issubclass(model, BaseSnippet)] == SNIPPETS
    assert {model.__name__ for model in PAGES} >= {"ArticlePage", "ComparisonPage", "HomePage", "ToolPage"}
    assert all(issubclass(model, HeadlessPreviewMixin) for model in [*PAGES, *SNIPPETS])


def named_field(model):
    """The field that holds what an object is called, if it is called anything."""
    names = {field.name for field in model._meta.get_fields()}
    return next((name for name in ("title", "name") if name in names), None)


def make(model):
    return getattr(factories, f"{model.__name__}Factory")()


def form_of(client, instance, **changed):
    form = page_form if isinstance(instance, Page) else snippet_form
    return form(client, instance, **changed)


def address_of(instance, view):
    return page_address(instance, view) if isinstance(instance, Page) else snippet_address(instance, view)


def sent(client, address, form):
    answer = client.post(address, form).json()
    assert answer == {"is_valid": True, "is_available": True}
    return client.get(address, {"in_preview_panel": "true"})


def typed(client, model, instance, word):
    return sent(client, address_of(instance, "preview_on_edit"), form_of(client, instance, **word))


def saved(client, model, instance, word):
    for name, value in word.items():
        setattr(instance, name, value)
    revision = instance.save_revision()
    if isinstance(instance, Page):
        return client.get(page_address(instance, "view_draft"))
    views = model.snippet_viewset
    return client.get(reverse(views.get_url_name("revisions_view"), args=[instance.pk, revision.pk]))


def created(client, model, instance, word):
    """With the values that an object had which is there no more."""
    values = form_of(client, instance, **word)
    if isinstance(instance, Page):
        place = ["content", model._meta.model_name, instance.get_parent().pk]
        add, preview = (reverse(f"wagtailadmin_pages:{name}", args=place) for name in ("add", "preview_on_add"))
    else:
        views = model.snippet_viewset
        add, preview = (reverse(views.get_url_name(name)) for name in ("add", "preview_on_add"))
    with changes():
        instance.delete()
    form = {**values_of(client, add), **nested_form_data({"body": streamfield([])})}
    # Rows and blocks are numbered and known by their ids: those of another object do not fit.
    form |= {name: value for name, value in values.items() if name in form and "-" not in name}
    return sent(client, preview, form)


@pytest.mark.parametrize("opened", [typed, saved, created], ids=lambda each: each.__name__)
@pytest.mark.parametrize("model", [*PAGES, *SNIPPETS], ids=lambda model: model.__name__)
def test_a_draft_is_shown_to_whoever_has_the_token(admin_client, graphql, model, opened):
    instance = make(model)
    name = named_field(model)
    given = {name: f"{WORD} {model.__name__}"} if name else {}
    response = opened(admin_client, model, instance, given)
    assert response.status_code == 302, response.content.decode()
    token = response["Location"].partition("#token=")[2]
    shown = graphql("{ preview { status object { __typename id } } }", token=token)["data"]["preview"]
    assert shown["status"] == ("SAVED" if opened is saved else "UNSAVED")
    shown_as = SHOWN_AS.get(model.__name__) or registry.sources[model].__name__
    assert shown["object"]["__typename"] == shown_as
    assert graphql("{ preview { status } }")["data"] == {"preview": None}
    fields = {each.name for each in registry.documents[shown_as].__strawberry_definition__.fields}
    if name in fields and model.__name__ not in SHOWN_AS:
        ask = f"query ($id: ID!) {{ node(id: $id) {{ ... on {shown_as} {{ {name} }} }} }}"
        draft = graphql(ask, {"id": shown["object"]["id"]}, token=token)["data"]
        assert draft == {"node": {name: f"{WORD} {model.__name__}"}}
        assert WORD not in str(graphql(ask, {"id": shown["object"]["id"]})["data"])


@pytest.mark.parametrize("model", USED, ids=lambda model: model.__name__)
def test_what_has_no_page_is_looked_at_where_it_is_used(admin_client, graphql, model):
    instance = make(model)
    ask = "{ preview { object { __typename id } } }"
    token = typed(admin_client, model, instance, {})["Location"].partition("#token=")[2]
    assert graphql(ask, token=token)["data"]["preview"]["object"]["__typename"] == model.__name__
    page = USED[model](instance)
    token = typed(admin_client, model, instance, {})["Location"].partition("#token=")[2]
    looked_at = graphql(ask, token=token)["data"]["preview"]["object"]
    assert looked_at == {"__typename": registry.sources[type(page)].__name__, "id": f"page:{page.pk}"}


def test_an_organization_is_shown_as_typed_on_the_page_of_its_tool(admin_client, graphql):
    maker = factories.OrganizationFactory(name="As published")
    factories.ToolPageFactory(vendor=maker)
    response = typed(admin_client, type(maker), maker, {"name": "As typed"})
    ask = "{ tools { nodes { vendor { name } } } }"
    shown = graphql(ask, token=response["Location"].partition("#token=")[2])
    assert shown["data"] == {"tools": {"nodes": [{"vendor": {"name": "As typed"}}]}}
    assert graphql(ask)["data"] == {"tools": {"nodes": [{"vendor": {"name": "As published"}}]}}
