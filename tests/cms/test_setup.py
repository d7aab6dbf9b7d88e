"""The first day: what `manage.py setup` makes of a migrated database, and what it leaves alone."""

import io
import os
import subprocess
import sys

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from wagtail.models import Page, Site

from api.documents.models import Document, Event
from cms import env
from cms.env import BASE_DIR
from content.changes import changes
from content.models.article import ArticleIndexPage
from content.models.home import HomePage
from tests.factories import remove_tree
from tests.processes import empty_database

pytestmark = pytest.mark.django_db

PASSWORD = "seven-brown-owls"
NEW = {"username": "ada", "email": "ada@example.com"}
ROLES = "Roles: Writers, Fact checkers, Editors, Publishers.\n"
FIRST_PAGES = """{
  site { name url navigation { label path } }
  home: resolve(path: "/") { ... on Home { title intro } }
  articles: resolve(path: "/articles/") { __typename }
  tools: resolve(path: "/tools/") { __typename }
  comparisons: resolve(path: "/comparisons/") { __typename }
}"""


@pytest.fixture
def first_day(monkeypatch):
    with changes():
        remove_tree()
        Site.objects.update(hostname="localhost", port=80)
    monkeypatch.setattr(env, "SETUP_PASSWORD", PASSWORD)


def setup(**options):
    out = io.StringIO()
    call_command("setup", stdout=out, **options)
    return out.getvalue()


def everything():
    return (
        list(Page.objects.order_by("pk").values()),
        list(Site.objects.values()),
        list(User.objects.values()),
        list(Document.objects.order_by("pk").values()),
        list(Event.objects.order_by("pk").values()),
    )


def test_a_site_without_content_is_answered_by_the_api(first_day, graphql, settings):
    settings.FRONTEND_URL = "https://shelf.example.com:8443"
    assert setup(**NEW) == (
        "Site: https://shelf.example.com:8443 created, with “Toolshelf”, “Articles”, “Tools”, “Comparisons”.\n"
        f"{ROLES}User: ada created.\n"
    )
    sections = ["Articles", "Tools", "Comparisons"]
    assert graphql(FIRST_PAGES)["data"] == {
        "site": {
            "name": "Toolshelf",
            "url": "https://shelf.example.com:8443",
            "navigation": [{"label": name, "path": f"/{name.lower()}/"} for name in sections],
        },
        "home": {
            "title": "Toolshelf",
            "intro": "This site has just been set up. What is published in the CMS appears here.",
        },
        "articles": {"__typename": "ArticleIndex"},
        "tools": {"__typename": "ToolIndex"},
        "comparisons": {"__typename": "ComparisonIndex"},
    }
    site = Site.objects.get()
    assert (site.hostname, site.port, site.is_default_site) == ("shelf.example.com", 8443, True)
    assert Page.objects.filter(depth=2).count() == 1, "Wagtail's welcome page has gone"


def test_first_user_signs_in_and_may_do_everything(first_day, client):
    setup(**NEW)
    answer = client.post("/admin/login/?next=/admin/", {"username": "ada", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    user = User.objects.get()
    assert (user.is_superuser, user.is_active, user.email) == (True, True, "ada@example.com")


def test_a_second_run_changes_nothing(first_day):
    setup(**NEW)
    before = everything()
    assert setup(username="eve", email="eve@example.com") == (
        "User: ada may do everything already; `createsuperuser` makes another.\n"
        f"Site: “Toolshelf” is there already.\n{ROLES}"
    )
    assert everything() == before


def test_what_editors_changed_or_deleted_stays_so(first_day):
    setup(**NEW)
    with changes():
        HomePage.objects.get().unpublish()
        ArticleIndexPage.objects.get().delete()
        Site.objects.update(hostname="elsewhere.example.com", site_name="Ours")
    Group.objects.filter(name="Writers").delete()
    before = everything()
    assert "Roles: Fact checkers, Editors, Publishers.\n" in setup()
    assert everything() == before


def test_a_page_that_somebody_made_the_front_page_stays_it(first_day):
    with changes():
        root = Page.get_first_root_node()
        own = root.add_child(instance=HomePage(title="Ours", slug="ours"))
        Site.objects.update(root_page=own)
    assert "Site: “Ours” is there already.\n" in setup(**NEW)
    assert HomePage.objects.get().get_children().count() == 0


@pytest.mark.parametrize(
    "lose",
    [
        lambda: Site.objects.get(is_default_site=True).delete(),
        lambda: Site.objects.filter(is_default_site=True).update(is_default_site=False),
    ],
    ids=["deleted", "no longer the default one"],
)
def test_a_site_that_somebody_lost_is_found_again(first_day, graphql, lose):
    setup(**NEW)
    pages, answer = list(Page.objects.order_by("pk").values("pk", "slug", "live")), graphql(FIRST_PAGES)
    with changes():
        root = Page.get_first_root_node()
        other = root.add_child(instance=HomePage(title="Another site's", slug="a"))
        other.move(HomePage.objects.get(slug="start"), "left")
        Site.objects.create(hostname="other.example.com", root_page_id=other.pk)
    with changes():
        lose()
    assert " shows “Toolshelf” again.\n" in setup()
    assert graphql(FIRST_PAGES) == answer
    assert list(Page.objects.exclude(pk=other.pk).order_by("pk").values("pk", "slug", "live")) == pages


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("", "This password is too short. It must contain at least 10 characters."),
        ("1234567890", "This password is too common.\nThis password is entirely numeric."),
        ("ada@example.com", "The password is too similar to the email address."),
    ],
)
def test_a_weak_password_leaves_everything_as_it_was(first_day, monkeypatch, password, message):
    before = everything()
    monkeypatch.setattr(env, "SETUP_PASSWORD", "")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    with pytest.raises(CommandError) as refusal:
        setup(**NEW)
    assert str(refusal.value) == message
    assert everything() == before


@pytest.mark.parametrize("given", [{}, {"username": "ada"}, {"email": "ada@example.com"}])
def test_somebody_must_be_able_to_sign_in(first_day, given):
    before = everything()
    with pytest.raises(
        CommandError, match="^Nobody can sign in yet: name the first user with --username and --email.$"
    ):
        setup(**given)
    assert everything() == before


def test_a_taken_or_impossible_name_is_refused(first_day):
    User.objects.create_user("ada")
    for name, message in (
        ("ada", "A user with that username already exists."),
        ("a b", "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."),
    ):
        with pytest.raises(CommandError) as refusal:
            setup(username=name, email="ada@example.com")
        assert str(refusal.value) == message


def test_migrate_and_setup_make_a_new_database_ready(tmp_path):
    """With the settings of production, and the password from standard input."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.production",
        "SECRET_KEY": "only-for-this-test-" * 3,
        "ALLOWED_HOSTS": "cms.example.com",
        "CMS_URL": "https://cms.example.com",
        "FRONTEND_URL": "https://www.example.com",
        "PROXY_COUNT": "1",
        "VAR_DIR": str(tmp_path),
        "CACHE_URL": "locmemcache://",
        "SETUP_PASSWORD": "",
    }

    def manage(*command, words=""):
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=BASE_DIR, env=environment, input=words, capture_output=True, text=True,
        )  # fmt: skip

    ada = ("--username", "ada", "--email", "ada@example.com")
    with empty_database(tmp_path) as environment["DATABASE_URL"]:
        early = manage("setup", *ada, words=PASSWORD)
        assert early.returncode == 1
        assert early.stderr.endswith("migrations have not been applied. Run `manage.py migrate` first.\n")
        assert manage("migrate", "--verbosity", "0").returncode == 0
        done = manage("setup", *ada, words=f"{PASSWORD}\n")
        assert done.returncode == 0, done.stderr
        assert done.stdout == (
            "Site: https://www.example.com created, with “Toolshelf”, “Articles”, “Tools”, “Comparisons”.\n"
            f"{ROLES}User: ada created.\n"
        )
        assert manage("verify_documents").returncode == 0
