"""A copy for staging looks like its original and cannot touch it."""

import logging

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from wagtail.models import Site

from api import purging
from api.documents.models import PUBLISHED, Document
from api.documents.state import State
from api.preview.models import PreviewGrant, ShareLink
from cms.mail import wait_until_sent
from content.changes import changes
from tests import factories
from tests.api.test_preview import edited
from tests.api.test_purging import listening
from tests.api.test_sharing import refused, share, tagline

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
BANNER = "This is a copy of "


def signed_in():
    client = Client()
    client.force_login(User.objects.get(username="ada"))
    return client


@pytest.fixture
def original(settings, tmp_path):
    """A backup of a site with two addresses, an editor at work and a shared draft; with the token of the draft."""
    settings.CMS_URL, settings.FRONTEND_URL = "https://cms.example.com", "https://reader.example"
    settings.ADMIN_ORIGINS = ["http://testserver"]
    site = factories.tree().site
    with changes():
        Site.objects.filter(pk=site.pk).update(hostname="reader.example", port=443)
        Site.objects.create(hostname="docs.example.com", port=443, root_page=site.root_page)
    User.objects.create_superuser("ada", "ada@example.com", "secret of hers")
    tool = factories.ToolPageFactory(tagline="Published")
    editor = signed_in()
    edited(editor, tool, tagline="As typed")
    token = share(editor, tool)
    file = tmp_path / "backup.tar"
    call_command("backup", str(file))
    return file, token


@pytest.fixture
def copy(original, settings):
    settings.CMS_URL, settings.FRONTEND_URL = "https://cms.staging.test", "https://www.staging.test"
    call_command("restore", str(original[0]), replace=True, as_copy=True)


def test_its_sites_have_addresses_of_their_own(copy):
    hosts = {site.hostname: site.port for site in Site.objects.all()}
    assert hosts == {"www.staging.test": 443, "docs.example.com.www.staging.test": 443}
    addresses = {site.url for site in State.read().sites}
    assert addresses == {"https://www.staging.test", "https://docs.example.com.www.staging.test"}


def test_nothing_opens_it_that_opens_the_original(original, graphql, settings):
    file, token = original
    assert tagline(graphql, token) == "Published"
    assert Session.objects.exists()
    call_command("restore", str(file), replace=True)
    assert tagline(graphql, token) == "Published"
    settings.CMS_URL, settings.FRONTEND_URL = "https://cms.staging.test", "https://www.staging.test"
    call_command("restore", str(file), replace=True, as_copy=True)
    refused(graphql, token)
    assert not Session.objects.exists()
    assert ShareLink.objects.get().revoked_at
    assert PreviewGrant.objects.get().token_hash.startswith("revoked:")
    assert not Document.objects.exclude(layer=PUBLISHED).exists()


def test_it_sends_no_mail_and_says_so_in_the_log(copy, settings, caplog):
    settings.EMAIL_BACKEND, settings.DELIVERY_BACKEND = "cms.mail.AfterCommitBackend", LOCMEM
    with caplog.at_level(logging.INFO, "cms.mail"):
        mail.send_mail("Please review", "…", None, ["ada@example.com"])
    wait_until_sent()
    assert mail.outbox == []
    assert "This is a copy, which sends no mail: Please review" in caplog.text
    assert "ada@example.com" not in caplog.text


def test_it_purges_no_caches(copy, settings):
    with listening() as cache:
        settings.PURGE_BACKEND, settings.PURGE_URLS, settings.CACHE_TAG_HEADER = "varnish", [cache.address], "xkey"
        factories.TopicFactory()
        purging.tell_caches.call()
        assert cache.told == []


def test_every_screen_of_the_admin_says_that_it_is_a_copy(original, settings):
    addresses = [reverse("wagtailadmin_home"), reverse("wagtailadmin_explore_root"), reverse("wagtailsites:index")]
    assert [BANNER in signed_in().get(each).content.decode() for each in addresses] == [False, False, False]
    settings.CMS_URL, settings.FRONTEND_URL = "https://cms.staging.test", "https://www.staging.test"
    call_command("restore", str(original[0]), replace=True, as_copy=True)
    assert [BANNER in signed_in().get(each).content.decode() for each in addresses] == [True, True, True]


@pytest.mark.parametrize("name", ["CMS_URL", "FRONTEND_URL"])
def test_a_copy_with_an_address_of_its_original_is_refused(original, settings, name):
    kept = getattr(settings, name)
    settings.CMS_URL, settings.FRONTEND_URL = "https://cms.staging.test", "https://www.staging.test"
    setattr(settings, name, kept)
    with pytest.raises(CommandError, match=f"{name} is {kept}, an address of the original"):
        call_command("restore", str(original[0]), replace=True, as_copy=True)
    assert Site.objects.filter(hostname="reader.example").exists()
    assert Session.objects.exists()


def test_a_copy_of_a_copy_is_one_and_a_plain_restore_is_none(copy, original, settings, tmp_path):
    call_command("backup", str(tmp_path / "copy.tar"))
    call_command("restore", str(original[0]), replace=True)
    address = reverse("wagtailadmin_home")
    assert BANNER not in signed_in().get(address).content.decode()
    call_command("restore", str(tmp_path / "copy.tar"), replace=True)
    assert BANNER in signed_in().get(address).content.decode()
