"""Sharing a draft by a link: what it opens, to whom, and until when."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.signals import request_finished
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageLogEntry

from api.documents.models import Document
from api.preview import sharing
from api.preview.models import PreviewGrant, ShareLink
from api.preview.responding import prune, renew
from content.changes import changes
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

SHOWN = "{ preview { status userbar object { __typename ... on Tool { name tagline } ... on Person { name } } } }"


@pytest.fixture(autouse=True)
def _front_end(settings):
    settings.FRONTEND_URL = "https://reader.example"
    settings.ADMIN_ORIGINS = ["http://testserver"]
    sharing._used.clear()


@pytest.fixture
def tool():
    return factories.ToolPageFactory(title="Django", slug="django", tagline="As published")


def save_draft(tool, tagline):
    tool.tagline = tagline
    with changes():
        tool.save_revision()


def screen(instance):
    return reverse("api_shared", args=[instance._meta.label_lower, instance.pk])


def share(client, instance, **chosen):
    """Share by the form; returns the token of the link, as it stands on the screen."""
    response = client.post(screen(instance), {"days": 7, **chosen})
    assert response.status_code == 302, response.content
    return token_on(client, instance)


def token_on(client, instance):
    response = client.get(screen(instance))
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))
    address = urlsplit(response.context["rows"][0]["address"])
    assert (address.scheme, address.netloc, address.path, address.query) == ("https", "reader.example", "/preview", "")
    return address.fragment.removeprefix("token=")


def tagline(graphql, token):
    return graphql(SHOWN, token=token)["data"]["preview"]["object"]["tagline"]


def refused(graphql, token):
    return graphql(SHOWN, token=token, status=401)["errors"][0]["extensions"]["code"]


def test_a_link_opens_the_draft_without_an_account_and_nothing_else_does(admin_client, client, graphql, tool):
    save_draft(tool, "As drafted")
    token = share(admin_client, tool)
    found = graphql(SHOWN, token=token)["data"]["preview"]
    assert found == {
        "status": "SHARED",
        "userbar": None,
        "object": {"__typename": "Tool", "name": "Django", "tagline": "As drafted"},
    }
    assert graphql('{ tool(slug: "django") { tagline } }')["data"]["tool"]["tagline"] == "As published"


def test_a_link_shows_the_draft_as_it_was_until_it_is_updated(admin_client, graphql, tool):
    save_draft(tool, "First")
    token = share(admin_client, tool)
    save_draft(tool, "Second")
    assert tagline(graphql, token) == "First"
    admin_client.post(reverse("api_shared_update", args=[ShareLink.objects.get().pk]))
    assert tagline(graphql, token) == "Second"


def test_a_link_that_follows_shows_every_saving(admin_client, graphql, tool):
    save_draft(tool, "First")
    token = share(admin_client, tool, follows="on")
    save_draft(tool, "Second")
    assert tagline(graphql, token) == "Second"
    with pytest.raises(RuntimeError), transaction.atomic():
        save_draft(tool, "Taken back")
        raise RuntimeError
    assert tagline(graphql, token) == "Second"


def test_a_withdrawn_link_opens_nothing_and_its_copy_is_gone(admin_client, graphql, tool):
    token = share(admin_client, tool)
    link = ShareLink.objects.get()
    admin_client.post(reverse("api_shared_revoke", args=[link.pk]))
    assert refused(graphql, token) == "TOKEN_INVALID"
    assert not Document.objects.filter(layer=link.grant_id).exists()
    admin_client.post(reverse("api_shared_update", args=[link.pk]))
    assert refused(graphql, token) == "TOKEN_INVALID"
    assert admin_client.get(screen(tool)).context["rows"][0]["state"] == "Withdrawn"


@pytest.mark.parametrize("days", [1, 30])
def test_a_link_lives_as_long_as_was_chosen(admin_client, graphql, tool, days):
    token = share(admin_client, tool, days=days)
    left = PreviewGrant.objects.get().expires_at - timezone.now()
    assert timedelta(days=days) - timedelta(minutes=1) < left <= timedelta(days=days)
    PreviewGrant.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert refused(graphql, token) == "TOKEN_EXPIRED"


def test_seven_days_are_offered_and_others_refused(admin_client, tool):
    assert 'value="7" selected' in admin_client.get(screen(tool)).content.decode()
    assert admin_client.post(screen(tool), {"days": 3650}).status_code == 200
    assert not ShareLink.objects.exists()


def test_signing_out_and_renewing_previews_leave_links_alone(admin_client, admin_user, graphql, tool):
    token = share(admin_client, tool)
    ends = PreviewGrant.objects.get().expires_at
    assert renew(admin_user, "") is None
    admin_client.post(reverse("wagtailadmin_logout"))
    assert PreviewGrant.objects.get().expires_at == ends
    assert tagline(graphql, token) == "As published"


def test_a_link_ends_with_its_owners_rights_password_and_account(admin_client, admin_user, graphql, tool):
    token = share(admin_client, tool)
    admin_user.is_active = False
    admin_user.save()
    assert refused(graphql, token) == "TOKEN_INVALID"
    admin_user.is_active = True
    admin_user.save()
    assert tagline(graphql, token) == "As published"
    admin_user.set_password("another one entirely")
    admin_user.save()
    assert refused(graphql, token) == "TOKEN_INVALID"


def test_only_who_may_edit_shares_lists_updates_and_withdraws(admin_client, client, django_user_model, graphql, tool):
    token = share(admin_client, tool)
    link = ShareLink.objects.get()
    asked = [
        ("get", screen(tool)),
        ("post", screen(tool)),
        ("post", reverse("api_shared_update", args=[link.pk])),
        ("post", reverse("api_shared_revoke", args=[link.pk])),
    ]
    guest = django_user_model.objects.create_user("guest", password="guest")
    group = Group.objects.create(name="guests")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    guest.groups.add(group)
    for is_guest in (False, True):
        if is_guest:
            client.force_login(guest)
        for method, address in asked:
            response = getattr(client, method)(address, {"days": 7})
            assert response.status_code == 302
            assert "shared" not in urlsplit(response["Location"]).path
    assert client.get(reverse("api_shared_drafts")).context["rows"] == []
    assert ShareLink.objects.get().revoked_at is None
    assert tagline(graphql, token) == "As published"
    assert [row["link"] for row in admin_client.get(reverse("api_shared_drafts")).context["rows"]] == [link]


def test_the_report_asks_no_more_for_more_links(admin_client, tool):
    person = factories.PersonFactory()
    share(admin_client, tool)
    share(admin_client, person)
    address = reverse("api_shared_drafts")
    admin_client.get(address)
    with CaptureQueriesContext(connection) as few:
        assert len(admin_client.get(address).context["rows"]) == 2
    for instance in (factories.ToolPageFactory(title="Flask", slug="flask"), factories.PersonFactory()):
        share(admin_client, instance)
    with CaptureQueriesContext(connection) as many:
        assert len(admin_client.get(address).context["rows"]) == 4
    assert len(many) == len(few)


def test_the_last_use_is_known(admin_client, graphql, tool):
    token = share(admin_client, tool)
    assert ShareLink.objects.get().last_used_at is None
    tagline(graphql, token)
    request_finished.send(None)
    assert timezone.now() - ShareLink.objects.get().last_used_at < timedelta(minutes=1)


def test_who_shared_what_is_kept_in_the_history(admin_client, tool):
    share(admin_client, tool, recipient="Our lawyer")
    link = ShareLink.objects.get()
    admin_client.post(reverse("api_shared_update", args=[link.pk]))
    admin_client.post(reverse("api_shared_revoke", args=[link.pk]))
    entries = PageLogEntry.objects.filter(page=tool.pk, action__startswith="api.share").order_by("pk")
    assert [entry.action for entry in entries] == ["api.share", "api.share_update", "api.share_revoke"]
    assert {entry.user.username for entry in entries} == {"admin"}
    assert entries[0].data["recipient"] == "Our lawyer"
    PreviewGrant.objects.update(expires_at=timezone.now() - timedelta(days=400))
    prune()
    assert not ShareLink.objects.exists()
    assert PageLogEntry.objects.filter(action="api.share").exists()


def test_a_snippet_is_shared_too(admin_client, graphql):
    person = factories.PersonFactory(name="Ada")
    person.name = "Ada Lovelace"
    with changes():
        person.save_revision()
    token = share(admin_client, person)
    assert graphql(SHOWN, token=token)["data"]["preview"]["object"]["name"] == "Ada Lovelace"


def test_tokens_are_not_stored(admin_client, tool):
    token = share(admin_client, tool)
    rows = [*ShareLink.objects.values(), *PreviewGrant.objects.values(), *PageLogEntry.objects.values()]
    assert token not in repr(rows)


def test_the_editor_leads_there(admin_client, tool):
    assert screen(tool) in admin_client.get(reverse("wagtailadmin_pages:edit", args=[tool.pk])).content.decode()
