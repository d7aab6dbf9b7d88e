"""What stands around the pages of a site: menus, announcements and settings."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from api.documents.models import Event
from api.where_used import uses_of
from content.changes import changes
from content.models.announcement import Announcement
from content.models.menu import Menu, MenuEntry
from content.models.site_settings import PublicationSettings
from tests import factories
from tests.admin import snippet_address, snippet_form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_site():
    factories.tree()


MENUS = "query ($site: String) { site(site: $site) { navigation { label path children { label path } } footer { label path } } }"
ANNOUNCED = "query ($site: String) { site(site: $site) { announcement announcementDetails { text link severity } } }"


def menu(*entries, **fields):
    """A published menu of these entries."""
    site = fields.pop("site", None) or factories.tree().site
    made = Menu(site=site, live=False, **fields)
    made.entries = [MenuEntry(sort_order=place, **entry) for place, entry in enumerate(entries)]
    with changes():
        made.save()
        made.save_revision().publish()
    return Menu.objects.get(pk=made.pk)


def navigation(graphql, **variables):
    return graphql(MENUS, variables)["data"]["site"]["navigation"]


def test_without_a_menu_the_marked_pages_are_the_navigation(graphql):
    articles = factories.tree().articles
    articles.show_in_menus = True
    with changes():
        articles.save_revision().publish()
    assert navigation(graphql) == [{"label": "Articles", "path": "/articles/", "children": []}]
    menu({"page": factories.tree().tools})
    assert navigation(graphql) == [{"label": "Tools", "path": "/tools/", "children": []}]


def test_a_menu_has_pages_and_addresses_on_two_levels(graphql):
    tree = factories.tree()
    tool = factories.ToolPageFactory(title="Django", slug="django")
    menu(
        {"page": tree.tools, "label": "All tools"},
        {"page": tool, "is_below": True},
        {"address": "https://example.org/", "label": "Elsewhere"},
    )
    menu({"address": "/topics/data/", "label": "Data"}, place="footer")
    assert graphql(MENUS)["data"]["site"] == {
        "navigation": [
            {"label": "All tools", "path": "/tools/", "children": [{"label": "Django", "path": "/tools/django/"}]},
            {"label": "Elsewhere", "path": "https://example.org/", "children": []},
        ],
        "footer": [{"label": "Data", "path": "/topics/data/"}],
    }


def test_entries_follow_their_pages(graphql):
    tool = factories.ToolPageFactory(title="Django", slug="django")
    menu({"page": tool})
    tool.title, tool.slug = "Django 6", "django-6"
    with changes():
        tool.save_revision().publish()
    assert navigation(graphql) == [{"label": "Django 6", "path": "/tools/django-6/", "children": []}]


def test_an_entry_whose_page_is_not_public_is_left_out_with_those_below_it(graphql):
    tool, other = factories.ToolPageFactory(), factories.ToolPageFactory(title="Flask", slug="flask")
    menu({"page": tool}, {"page": other, "is_below": True}, {"page": other})
    with changes():
        tool.unpublish()
    assert navigation(graphql) == [{"label": "Flask", "path": "/tools/flask/", "children": []}]


def test_a_draft_of_a_menu_changes_nothing(graphql):
    made = menu({"page": factories.tree().tools})
    made.entries = [MenuEntry(address="/secret/", label="Secret")]
    made.save_revision()
    factories.MenuFactory(place="footer", site=factories.tree().site, live=False, pages=[factories.tree().articles])
    assert graphql(MENUS)["data"]["site"] == {
        "navigation": [{"label": "Tools", "path": "/tools/", "children": []}],
        "footer": [],
    }


@pytest.mark.usefixtures("cold")
def test_menus_cost_the_same_however_long_they_are(graphql):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            graphql(MENUS)
        return len(queries)

    made = menu({"page": factories.tree().tools})
    asked()
    assert asked() == 4, "generation, site, menus, pages"
    made.entries = [MenuEntry(page=factories.ToolPageFactory(), is_below=bool(place)) for place in range(5)]
    with changes():
        made.save_revision().publish()
    assert asked() == 4


def test_each_site_has_its_own_menu(graphql):
    other = factories.tree("other.example")
    menu({"page": factories.tree().tools, "label": "Ours"})
    menu({"page": other.tools, "label": "Theirs"}, {"page": factories.tree().tools, "label": "Abroad"}, site=other.site)
    assert [item["label"] for item in navigation(graphql)] == ["Ours"]
    items = navigation(graphql, site="other.example")
    assert [(item["label"], item["path"]) for item in items] == [
        ("Theirs", "/tools/"),
        ("Abroad", "http://127.0.0.1:4321/tools/"),
    ]


def test_a_menu_follows_its_site_to_another_host(graphql):
    other = factories.tree("other.example")
    menu({"page": other.tools}, site=other.site)
    other.site.hostname = "renamed.example"
    with changes():
        other.site.save()
    assert [item["label"] for item in navigation(graphql, site="renamed.example")] == ["Tools"]


ADD_MENU = reverse("wagtailsnippets_content_menu:add")


def menu_form(site, *entries):
    form = {"place": "main", "site": site.pk, "entries-TOTAL_FORMS": len(entries), "entries-INITIAL_FORMS": 0}
    for number, entry in enumerate(entries):
        blank = {"page": "", "address": "", "label": "", "ORDER": number + 1}
        form |= {f"entries-{number}-{name}": value for name, value in {**blank, **entry}.items()}
    return {**form, "action-publish": "on"}


def test_an_editor_makes_a_menu(admin_client, graphql):
    tree = factories.tree()
    entries = [{"page": tree.tools.pk}, {"page": tree.articles.pk, "is_below": "on"}]
    assert admin_client.post(ADD_MENU, menu_form(tree.site, *entries)).status_code == 302
    below = [{"label": "Articles", "path": "/articles/"}]
    assert navigation(graphql) == [{"label": "Tools", "path": "/tools/", "children": below}]


@pytest.mark.parametrize(
    ("entry", "field", "message"),
    [
        ({}, "page", "Choose a page, or enter an address."),
        ({"address": "/x/"}, "label", "Enter what the link says."),
        ({"address": "javascript:alert(1)", "label": "x"}, "address", "Enter a path such as /topics/data/"),
        ({"address": "//evil.example/", "label": "x"}, "address", "Enter a path such as /topics/data/"),
        ({"address": "data:text/html,x", "label": "x"}, "address", "Enter a path such as /topics/data/"),
        ({"address": "/x/", "label": "x", "is_below": "on"}, "is_below", "The first entry has none above it."),
    ],
)
def test_a_wrong_entry_is_refused_at_its_field(admin_client, entry, field, message):
    response = admin_client.post(ADD_MENU, menu_form(factories.tree().site, {"label": "", **entry}))
    errors = response.context["form"].formsets["entries"].forms[0].errors
    assert list(errors) == [field]
    assert errors[field][0].startswith(message)
    assert not Menu.objects.exists()


def test_a_second_menu_of_a_place_is_refused(admin_client):
    menu({"page": factories.tree().tools})
    response = admin_client.post(ADD_MENU, menu_form(factories.tree().site))
    message = "This site has this menu in this language already. Edit that one."
    assert response.context["form"].errors == {"place": [message]}


# Announcements


def announced(graphql, **variables):
    return graphql(ANNOUNCED, variables)["data"]["site"]["announcementDetails"]


def test_an_announcement_is_on_its_site_only_or_on_all(graphql):
    other = factories.tree("other.example")
    factories.AnnouncementFactory(text="For them", site=other.site)
    assert announced(graphql) is None
    assert announced(graphql, site="other.example")["text"] == "For them"
    factories.AnnouncementFactory(text="For all", severity="warning", address="https://example.org/")
    expected = {"text": "For all", "link": "https://example.org/", "severity": "WARNING"}
    assert graphql(ANNOUNCED)["data"]["site"] == {"announcement": "For all", "announcementDetails": expected}
    assert announced(graphql, site="other.example")["text"] == "For all", "the more severe one"
    factories.AnnouncementFactory(text="Newer and milder")
    assert announced(graphql)["text"] == "For all"


def test_an_announcement_is_gone_the_second_it_expires_though_nobody_takes_it_away(graphql, monkeypatch):
    end = timezone.now() + timedelta(seconds=3600)
    factories.AnnouncementFactory(text="Soon over", expire_at=end)
    assert announced(graphql)["text"] == "Soon over"
    monkeypatch.setattr(timezone, "now", lambda: end)
    assert Announcement.objects.get().live
    assert announced(graphql) is None


def test_an_announcement_for_later_waits(admin_client, graphql):
    later = timezone.now() + timedelta(days=1)
    form = {"text": "Tomorrow", "severity": "info", "page": "", "address": "", "site": ""}
    form |= {"go_live_at": f"{later:%Y-%m-%d %H:%M}", "expire_at": "", "action-publish": "on"}
    assert admin_client.post(reverse("wagtailsnippets_content_announcement:add"), form).status_code == 302
    assert Announcement.objects.get().scheduled_revision
    assert announced(graphql) is None


def test_the_link_of_an_announcement_follows_its_page_and_goes_with_it(graphql):
    tool = factories.ToolPageFactory(slug="django")
    factories.AnnouncementFactory(page=tool, site=factories.tree().site)
    assert announced(graphql)["link"] == "/tools/django/"
    with changes():
        tool.unpublish()
    assert announced(graphql)["link"] is None


# Settings

SETTINGS = "{ site { publisher correctionsEmail footerText socialImage { alt } profiles { name url } } }"


def test_settings_are_public_when_they_are_saved_and_belong_to_one_site(admin_client, graphql):
    site, other = factories.tree().site, factories.tree("other.example").site
    image = factories.CustomImageFactory(alt="The shelf")
    address = reverse("wagtailsettings:edit", args=["content", "publicationsettings", site.pk])
    assert admin_client.get(address).status_code == 200
    form = {"publisher": "Shelf Ltd", "corrections_email": "errata@example.org", "footer_text": "Read on."}
    form |= {"social_image": image.pk, "profiles-TOTAL_FORMS": 1, "profiles-INITIAL_FORMS": 0}
    form |= {"profiles-0-name": "Mastodon", "profiles-0-url": "https://social.example/@shelf", "profiles-0-ORDER": 1}
    before = Event.objects.count()
    assert admin_client.post(address, form).status_code == 302
    assert Event.objects.count() == before + 1
    assert graphql(SETTINGS)["data"]["site"] == {
        "publisher": "Shelf Ltd",
        "correctionsEmail": "errata@example.org",
        "footerText": "Read on.",
        "socialImage": {"alt": "The shelf"},
        "profiles": [{"name": "Mastodon", "url": "https://social.example/@shelf"}],
    }
    theirs = graphql(f'{{ site(site: "{other.hostname}") {{ publisher profiles {{ name }} }} }}')
    assert theirs["data"]["site"] == {"publisher": None, "profiles": []}


def test_a_page_without_an_image_is_shared_with_that_of_its_site(graphql):
    own, shared = factories.CustomImageFactory(alt="Own"), factories.CustomImageFactory(alt="Shared")
    factories.ArticlePageFactory(slug="with", hero=own)
    factories.ArticlePageFactory(slug="without")
    with changes():
        PublicationSettings.objects.create(site=factories.tree().site, social_image=shared)
    ask = "{ articles(order: PUBLISHED_ASC) { nodes { seo { image { alt } } } } }"
    alts = [node["seo"]["image"]["alt"] for node in graphql(ask)["data"]["articles"]["nodes"]]
    assert alts == ["Own", "Shared"]


# What editors are told, and what they see before they publish


def test_a_page_in_a_menu_shows_on_every_page_of_the_site():
    tool = factories.ToolPageFactory()
    made = menu({"page": tool})
    assert uses_of(tool).sites == ["Toolshelf"]
    assert uses_of(made).sites == ["Toolshelf"]


@pytest.fixture
def _front_end(settings):
    settings.ADMIN_ORIGINS = ["http://testserver"]


def preview(client, instance, **changed):
    address = snippet_address(instance, "preview_on_edit")
    assert client.post(address, snippet_form(client, instance, **changed)).json()["is_valid"]
    location = client.get(address, {"in_preview_panel": "true"})["Location"]
    return location.partition("#token=")[2]


@pytest.mark.usefixtures("_front_end")
def test_a_draft_of_a_menu_is_looked_at_on_the_front_page(admin_client, graphql):
    tree = factories.tree()
    made = menu({"page": tree.tools})
    token = preview(admin_client, made, **{"entries-0-label": "As typed"})
    ask = "{ preview { path object { __typename } } site { navigation { label } } }"
    assert graphql(ask, token=token)["data"] == {
        "preview": {"path": "/", "object": {"__typename": "Home"}},
        "site": {"navigation": [{"label": "As typed"}]},
    }
    assert [item["label"] for item in navigation(graphql)] == ["Tools"]


@pytest.mark.usefixtures("_front_end")
def test_a_draft_of_an_announcement_is_looked_at_on_the_front_page(admin_client, graphql):
    factories.tree()
    made = factories.AnnouncementFactory(text="As published")
    token = preview(admin_client, made, text="As typed")
    ask = "{ preview { path } site { announcement } }"
    assert graphql(ask, token=token)["data"] == {"preview": {"path": "/"}, "site": {"announcement": "As typed"}}
    assert announced(graphql)["text"] == "As published"
