"""Previews: an unsaved object in a layer of its own, opened by a token that only its owner can get."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission
from wagtail.test.utils.form_data import nested_form_data, streamfield

from api.documents.models import Content, Document, Event, Generation
from api.preview.models import PreviewGrant
from api.preview.responding import prune
from tests import factories
from tests.admin import page_form, snippet_form

pytestmark = pytest.mark.django_db

SHOWN = (
    "{ preview { path origin status object { __typename id ... on Tool { name tagline } ... on Person { name } } } }"
)


@pytest.fixture(autouse=True)
def _front_end(settings):
    settings.FRONTEND_URL = "https://reader.example"
    settings.ADMIN_ORIGINS = ["http://testserver"]


@pytest.fixture
def tool():
    return factories.ToolPageFactory(title="Django", slug="django", tagline="As published")


def previewed(client, address, form):
    """What the panel does: send the form, then follow to the preview; returns the token."""
    sent = client.post(address, form).json()
    assert sent == {"is_valid": True, "is_available": True}
    response = client.get(address, {"in_preview_panel": "true"})
    assert response.status_code == 302, response.content
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))
    assert response["Referrer-Policy"] == "no-referrer"
    target = urlsplit(response["Location"])
    assert (target.scheme, target.netloc, target.path, target.query) == ("https", "reader.example", "/preview", "")
    return target.fragment.removeprefix("token=")


def edited(client, tool, **changed):
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[tool.pk])
    return previewed(client, address, page_form(client, tool, **changed))


def test_an_unsaved_edit_is_seen_with_the_token_and_by_nobody_else(admin_client, client, graphql, tool):
    generation, events = Generation.objects.get().value, Event.objects.count()
    token = edited(admin_client, tool, tagline="As typed")
    assert graphql(SHOWN, token=token)["data"]["preview"] == {
        "path": "/tools/django/",
        "origin": "http://testserver",
        "status": "UNSAVED",
        "object": {"__typename": "Tool", "id": f"page:{tool.pk}", "name": "Django", "tagline": "As typed"},
    }
    published = '{ preview { path } tool(slug: "django") { tagline } }'
    assert graphql(published)["data"] == {"preview": None, "tool": {"tagline": "As published"}}
    assert (Generation.objects.get().value, Event.objects.count()) == (generation, events)


def test_lists_filters_counts_and_references_show_the_draft(admin_client, graphql, tool):
    category = factories.CategoryFactory(name="Frameworks")
    factories.ArticlePageFactory(slug="one", tools=[tool])
    token = edited(admin_client, tool, title="Django 6", categories=[category.pk], lifecycle="deprecated")
    ask = (
        "query ($category: ID) { tools(filter: {category: $category, lifecycle: DEPRECATED}) { totalCount nodes { name } } "
        'article(slug: "one") { tools { name } } }'
    )
    variables = {"category": f"category:{category.pk}"}
    seen = {"tools": {"totalCount": 1, "nodes": [{"name": "Django 6"}]}, "article": {"tools": [{"name": "Django 6"}]}}
    assert graphql(ask, variables, token=token)["data"] == seen
    whole = "{ tools { totalCount nodes { name } } active: tools(filter: {lifecycle: ACTIVE}) { totalCount } }"
    only_the_draft = {"tools": {"totalCount": 1, "nodes": [{"name": "Django 6"}]}, "active": {"totalCount": 0}}
    assert graphql(whole, token=token)["data"] == only_the_draft, "the published version is hidden behind it"
    hidden = {"tools": {"totalCount": 0, "nodes": []}, "article": {"tools": [{"name": "Django"}]}}
    assert graphql(ask, variables)["data"] == hidden


def test_a_page_that_is_being_created_is_shown_where_it_will_be(admin_client, graphql):
    parent = factories.tree().tools
    address = reverse("wagtailadmin_pages:preview_on_add", args=["content", "toolpage", parent.pk])
    form = {"title": "Brand new", "slug": "brand-new", "tagline": "Typed", "lifecycle": "active"}
    inline = {"alternatives": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}}
    form |= {f"alternatives-{name}": value for name, value in inline["alternatives"].items()}
    form |= {f"tool_use_cases-{name}": value for name, value in inline["alternatives"].items()}
    form |= {f"comments-{name}": value for name, value in inline["alternatives"].items()}
    token = previewed(admin_client, address, {**form, **nested_form_data({"body": streamfield([])})})
    shown = graphql(SHOWN, token=token)["data"]["preview"]
    assert (shown["path"], shown["object"]["name"]) == ("/tools/brand-new/", "Brand new")
    listed = graphql("{ tools { nodes { name } } }", token=token)["data"]
    assert listed == {"tools": {"nodes": [{"name": "Brand new"}]}}


def test_a_snippet_is_shown_wherever_it_is_named(admin_client, graphql):
    person = factories.PersonFactory(name="Ada")
    factories.ArticlePageFactory(slug="one", authors=[person])
    views = type(person).snippet_viewset
    address = reverse(views.get_url_name("preview_on_edit"), args=[person.pk])
    token = previewed(admin_client, address, snippet_form(admin_client, person, name="Ada Lind"))
    assert graphql(SHOWN, token=token)["data"]["preview"]["object"]["name"] == "Ada Lind"
    byline = '{ article(slug: "one") { authors { name } } }'
    assert graphql(byline, token=token)["data"] == {"article": {"authors": [{"name": "Ada Lind"}]}}
    assert graphql(byline)["data"] == {"article": {"authors": [{"name": "Ada"}]}}


def test_a_fact_is_shown_in_its_tool(admin_client, graphql, tool):
    fact = factories.FactFactory(tool=tool, state="no", sources=[factories.SourceFactory()])
    address = reverse(type(fact).snippet_viewset.get_url_name("preview_on_edit"), args=[fact.pk])
    token = previewed(admin_client, address, snippet_form(admin_client, fact, state="yes"))
    facts = "{ preview { path object { ... on Tool { facts { display } } } } }"
    shown = {"path": "/tools/django/", "object": {"facts": [{"display": "Yes"}]}}
    assert graphql(facts, token=token)["data"] == {"preview": shown}
    assert graphql('{ tool(slug: "django") { facts { display } } }')["data"] == {"tool": {"facts": [{"display": "No"}]}}


def test_a_draft_with_an_empty_required_value_is_still_shown(admin_client, graphql, tool):
    body = [("heading", {"text": "", "level": "2"}), ("image", {"image": "", "caption": "", "credit": ""})]
    token = edited(admin_client, tool, tagline="", body=body)
    shown = "{ preview { object { ... on Tool { tagline body { __typename ... on ImageBlock { image { url } } } } } } }"
    body = [{"__typename": "HeadingBlock"}, {"__typename": "ImageBlock", "image": None}]
    assert graphql(shown, token=token)["data"]["preview"]["object"] == {"tagline": "", "body": body}


def test_typing_on_replaces_the_one_row(admin_client, graphql, tool):
    first = edited(admin_client, tool, tagline="One")
    second = edited(admin_client, tool, tagline="Two")
    assert first == second
    assert Document.objects.filter(layer__gt=0).count() == 1
    assert graphql(SHOWN, token=first)["data"]["preview"]["object"]["tagline"] == "Two"


def test_two_editors_do_not_see_each_others_draft(admin_client, django_user_model, client, graphql, tool):
    django_user_model.objects.create_superuser("second", "second@example.org", "long enough 1")
    client.force_login(django_user_model.objects.get(username="second"))
    mine, theirs = edited(admin_client, tool, tagline="Mine"), edited(client, tool, tagline="Theirs")
    seen = [graphql(SHOWN, token=token)["data"]["preview"]["object"]["tagline"] for token in (mine, theirs)]
    assert seen == ["Mine", "Theirs"]


def test_a_saved_draft_is_shown_as_such(admin_client, graphql, tool):
    tool.tagline = "Saved"
    tool.save_revision()
    response = admin_client.get(reverse("wagtailadmin_pages:view_draft", args=[tool.pk]))
    token = urlsplit(response["Location"]).fragment.removeprefix("token=")
    shown = graphql(SHOWN, token=token)["data"]["preview"]
    assert (shown["status"], shown["object"]["tagline"]) == ("SAVED", "Saved")


def test_a_saved_draft_and_what_is_typed_do_not_stand_in_each_others_place(admin_client, graphql, tool):
    tool.tagline = "Saved"
    first = tool.save_revision()
    typed = edited(admin_client, tool, tagline="Typed")
    tool.tagline = "Saved later"
    last = tool.save_revision()
    addresses = [reverse("wagtailadmin_pages:view_draft", args=[tool.pk])]
    addresses += [
        reverse("wagtailadmin_pages:revisions_view", args=[tool.pk, revision.pk]) for revision in (first, last)
    ]
    saved = [urlsplit(admin_client.get(each)["Location"]).fragment.removeprefix("token=") for each in addresses]
    ask = "{ preview { status updatedAt object { ... on Tool { tagline } } } }"
    seen = [graphql(ask, token=token)["data"]["preview"] for token in (typed, *saved)]
    assert [each["object"]["tagline"] for each in seen] == ["Typed", "Saved later", "Saved", "Saved later"]
    assert [each["status"] for each in seen] == ["UNSAVED", "SAVED", "SAVED", "SAVED"]
    saved_at = [revision.created_at for revision in (last, first, last)]
    assert [datetime.fromisoformat(each["updatedAt"]) for each in seen[1:]] == saved_at
    assert datetime.fromisoformat(seen[0]["updatedAt"]) > first.created_at


def test_who_may_publish_but_not_edit_sees_the_saved_draft(client, django_user_model, graphql, tool):
    group = Group.objects.create(name="Only publish")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    publish = Permission.objects.get(content_type__model="page", codename="publish_page")
    GroupPagePermission.objects.create(group=group, page=factories.tree().home, permission=publish)
    django_user_model.objects.create_user("chief", password="long enough 1").groups.add(group)
    client.force_login(django_user_model.objects.get(username="chief"))
    tool.tagline = "Saved"
    tool.save_revision()
    response = client.get(reverse("wagtailadmin_pages:view_draft", args=[tool.pk]))
    token = urlsplit(response["Location"]).fragment.removeprefix("token=")
    assert graphql(SHOWN, token=token)["data"]["preview"]["object"]["tagline"] == "Saved"
    group.page_permissions.all().delete()
    refused(graphql, token, "TOKEN_INVALID")


def refused(graphql, token, code):
    answer = graphql(SHOWN, token=token, status=401)
    assert set(answer) == {"errors"}
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]


def test_an_expired_token_is_refused(admin_client, graphql, tool):
    token = edited(admin_client, tool)
    PreviewGrant.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(graphql, token, "TOKEN_EXPIRED")


@pytest.mark.parametrize("hours", [24, 2])
def test_an_ended_preview_is_forgotten_when_its_time_is_over(admin_client, graphql, tool, settings, hours):
    assert settings.KEEP_PREVIEWS_HOURS == 24
    settings.KEEP_PREVIEWS_HOURS = hours
    token = edited(admin_client, tool)
    assert prune() == 0
    PreviewGrant.objects.update(expires_at=timezone.now() - timedelta(hours=hours - 1))
    assert prune() == 0
    refused(graphql, token, "TOKEN_EXPIRED")
    PreviewGrant.objects.update(expires_at=timezone.now() - timedelta(hours=hours + 1))
    assert prune() == 1
    assert not Document.objects.filter(layer__gt=0).exists()
    refused(graphql, token, "TOKEN_INVALID")


def test_what_is_typed_goes_with_its_author(admin_client, admin_user, tool):
    contents = Content.objects.count()
    edited(admin_client, tool, tagline="As typed")
    assert Content.objects.count() == contents + 1
    admin_user.delete()
    assert not PreviewGrant.objects.exists()
    assert prune() == 1
    assert not Document.objects.filter(layer__gt=0).exists()
    assert Content.objects.count() == contents
    assert prune() == 0


def test_a_preview_that_is_opened_again_while_it_is_being_forgotten_stays(admin_client, graphql, tool, monkeypatch):
    edited(admin_client, tool)
    PreviewGrant.objects.update(expires_at=timezone.now() - timedelta(hours=25))
    tokens = []

    def opened_first():
        monkeypatch.undo()
        tokens.append(edited(admin_client, tool, tagline="As typed now"))
        return transaction.atomic()

    monkeypatch.setattr(transaction, "atomic", opened_first)
    assert prune() == 0
    shown = graphql(SHOWN, token=tokens[0])["data"]["preview"]
    assert shown["object"]["tagline"] == "As typed now"


@pytest.mark.parametrize("token", ["x", "0" * 43, "é", "a b", "\u2028", "." * 5000])
def test_a_garbled_token_is_refused(client, graphql, token):
    body = {"query": SHOWN}
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    response = client.post("/graphql", body, content_type="application/json", **headers)
    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"] == {"code": "TOKEN_INVALID"}
    assert response["Cache-Control"] == "private, no-store"


def test_another_scheme_is_refused(client):
    response = client.post(
        "/graphql", {"query": SHOWN}, content_type="application/json", HTTP_AUTHORIZATION="Basic eDp5"
    )
    assert response.status_code == 401


def test_a_token_ends_with_its_owners_password(admin_client, admin_user, graphql, tool):
    token = edited(admin_client, tool)
    admin_user.set_password("another long one 2")
    admin_user.save()
    refused(graphql, token, "TOKEN_INVALID")


def test_a_token_ends_with_its_owners_rights(admin_client, admin_user, graphql, tool):
    token = edited(admin_client, tool)
    admin_user.is_superuser = False
    admin_user.save()
    refused(graphql, token, "TOKEN_INVALID")


def test_a_token_ends_with_its_owners_account(admin_client, admin_user, graphql, tool):
    token = edited(admin_client, tool)
    admin_user.is_active = False
    admin_user.save()
    refused(graphql, token, "TOKEN_INVALID")


def test_a_token_ends_when_its_owner_signs_out(admin_client, graphql, tool):
    token = edited(admin_client, tool)
    admin_client.post(reverse("wagtailadmin_logout"))
    refused(graphql, token, "TOKEN_EXPIRED")


def renewed(client, address):
    return client.post(reverse("renew_preview"), {"address": address})


def test_an_open_editor_renews_its_preview(admin_client, graphql, tool):
    token = edited(admin_client, tool, tagline="As typed")
    shown = graphql("{ preview { updatedAt } }", token=token)
    soon = timezone.now() + timedelta(minutes=1)
    PreviewGrant.objects.update(expires_at=soon)
    answer = renewed(admin_client, reverse("wagtailadmin_pages:preview_on_edit", args=[tool.pk])).json()
    ends = graphql("{ preview { expiresAt } }", token=token)["data"]["preview"]["expiresAt"]
    assert datetime.fromisoformat(ends) == datetime.fromisoformat(answer["expiresAt"])
    assert datetime.fromisoformat(ends) > soon + timedelta(minutes=50)
    assert graphql("{ preview { updatedAt } }", token=token) == shown, "nothing new was typed"


def test_what_has_ended_is_not_renewed_but_opened_anew(admin_client, graphql, tool):
    token = edited(admin_client, tool, tagline="As typed")
    PreviewGrant.objects.update(expires_at=timezone.now())
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[tool.pk])
    assert renewed(admin_client, address).json() == {"expiresAt": None}
    refused(graphql, token, "TOKEN_EXPIRED")
    response = admin_client.get(address)
    again = urlsplit(response["Location"]).fragment.removeprefix("token=")
    assert again != token
    assert graphql(SHOWN, token=again)["data"]["preview"]["object"]["tagline"] == "As typed"
    refused(graphql, token, "TOKEN_INVALID")


def test_nobody_renews_the_preview_of_somebody_else(admin_client, client, django_user_model, tool):
    edited(admin_client, tool)
    soon = timezone.now() + timedelta(minutes=1)
    PreviewGrant.objects.update(expires_at=soon)
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[tool.pk])
    assert renewed(client, address).status_code == 302
    django_user_model.objects.create_superuser("second", "second@example.org", "long enough 1")
    client.force_login(django_user_model.objects.get(username="second"))
    assert renewed(client, address).json() == {"expiresAt": None}
    assert admin_client.get(reverse("renew_preview")).status_code == 405
    assert PreviewGrant.objects.get().expires_at == soon


def test_tokens_are_not_stored(admin_client, tool):
    token = edited(admin_client, tool)
    grant = PreviewGrant.objects.get()
    assert len(token) == 43
    assert token not in {str(value) for value in vars(grant).values()}


def test_the_admin_is_previewed_from_its_known_addresses_only(admin_client, settings, tool):
    settings.ADMIN_ORIGINS = ["https://cms.example"]
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[tool.pk])
    admin_client.post(address, page_form(admin_client, tool))
    response = admin_client.get(address)
    assert "reader.example" not in response.get("Location", "")
    assert not PreviewGrant.objects.exists()


def test_a_preview_answer_is_kept_by_nobody(admin_client, client, tool):
    token = edited(admin_client, tool)
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    response = client.post("/graphql", {"query": SHOWN}, content_type="application/json", **headers)
    assert response["Cache-Control"] == "private, no-store"
