"""Every snippet that editors write and review can be looked at before it is published."""

import pytest
from wagtail.models import PreviewableMixin
from wagtail.snippets.models import get_snippet_models

from content.models.base import BaseSnippet
from tests import factories
from tests.admin import snippet_address, snippet_form

pytestmark = pytest.mark.django_db

REVIEWED = [model for model in get_snippet_models() if issubclass(model, PreviewableMixin)]


def test_what_is_reviewed_has_a_preview():
    assert {model.__name__ for model in REVIEWED} >= {"Announcement", "Category", "Fact", "Menu", "Person", "Topic"}
    assert [model.__name__ for model in get_snippet_models() if issubclass(model, BaseSnippet)] == [
        model.__name__ for model in REVIEWED
    ]


@pytest.mark.parametrize("model", REVIEWED, ids=lambda model: model.__name__)
def test_a_draft_is_shown_in_the_front_end(admin_client, graphql, settings, model):
    settings.ADMIN_ORIGINS = ["http://testserver"]
    factories.tree()
    instance = getattr(factories, f"{model.__name__}Factory")()
    address = snippet_address(instance, "preview_on_edit")
    sent = admin_client.post(address, snippet_form(admin_client, instance)).json()
    assert sent == {"is_valid": True, "is_available": True}
    response = admin_client.get(address, {"in_preview_panel": "true"})
    assert response.status_code == 302
    token = response["Location"].partition("#token=")[2]
    shown = graphql("{ preview { status object { __typename id } } }", token=token)["data"]["preview"]
    assert shown["status"] == "UNSAVED"
    assert shown["object"]["id"]
