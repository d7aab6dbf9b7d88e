"""The first screen after signing in."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, TaskState
from wagtail.test.utils import WagtailTestUtils

from content.changes import changes
from content.roles import group_of
from tests import factories

pytestmark = pytest.mark.django_db


def user_of(role, name=None):
    user = User.objects.create_user(name or role, password="sufficiently long")
    user.groups.add(group_of(role))
    return user


def panel(user, name):
    client = Client()
    client.force_login(user)
    html = client.get(reverse("wagtailadmin_home")).content.decode()
    section = WagtailTestUtils.get_soup(html).select_one(f"#{name}-section")
    return " ".join(section.get_text(" ", strip=True).split()) if section else None


def submit(page, user):
    with changes():
        page.save_revision(user=user)
        return page.get_workflow().start(page, user)


def schedule(instance, day):
    instance.go_live_at = day
    with changes():
        instance.save_revision().publish()


def test_panels_are_there_with_nothing_to_show():
    factories.tree().home.delete()
    editor = user_of("editor")
    assert panel(editor, "waiting").startswith("Waiting for somebody Nothing is in review.")
    assert panel(editor, "my-drafts") == "My drafts You have no unpublished changes."
    assert panel(editor, "scheduled") == "Scheduled Nothing is waiting for its day."
    assert panel(editor, "last-published") == "Last published Nothing is published yet."
    assert panel(editor, "stale-facts") == "Facts to look up again Every fact was looked up in time."


def test_it_shows_what_waits_on_whom_and_since_when():
    article = factories.ArticlePageFactory(title="Django or Flask", live=False)
    submit(article, user_of("writer", "wim"))
    TaskState.objects.update(started_at=timezone.now() - timedelta(days=3, hours=1))
    line = "Django or Flask article · Fact check by Fact checkers, sent by wim · 3\xa0days, 1\xa0hour ago"
    assert " ".join(line.split()) in panel(user_of("editor"), "waiting")
    assert "waits on you" not in panel(User.objects.get(username="editor"), "waiting")
    assert "1 hour ago waits on you" in panel(user_of("fact_checker"), "waiting")


def test_an_article_sent_back_waits_on_its_writer():
    writer, checker = user_of("writer", "wim"), user_of("fact_checker", "fay")
    state = submit(factories.ArticlePageFactory(title="Django or Flask", live=False), writer)
    with changes():
        state.current_task_state.reject(user=checker)
    assert "changes asked of wim" in panel(checker, "waiting")
    assert "waits on you" in panel(writer, "waiting")


def test_my_drafts_are_mine():
    wim, mia = user_of("writer", "wim"), user_of("writer", "mia")
    article = factories.ArticlePageFactory(title="Begun by Wim", owner=wim, live=False)
    fact = factories.FactFactory(live=False)
    with changes():
        article.save_revision(user=wim)
        fact.save_revision(user=wim)
    drafts = panel(wim, "my-drafts")
    assert "Begun by Wim article" in drafts
    assert f"{fact} fact" in drafts
    assert "Begun by Wim" not in panel(mia, "my-drafts")


def test_scheduled_pages_and_facts_stand_in_the_order_of_their_days():
    now = timezone.now()
    schedule(factories.ArticlePageFactory(title="Later"), now + timedelta(days=2))
    schedule(factories.FactFactory(live=False), now + timedelta(days=1))
    leaving = factories.ArticlePageFactory(title="Leaving")
    Page.objects.filter(pk=leaving.pk).update(expire_at=now + timedelta(days=3))
    text = panel(user_of("publisher"), "scheduled")
    positions = [text.index(each) for each in ("Attribute", "Later", "Leaving")]
    assert positions == sorted(positions)
    assert "will be unpublished" in text


def test_last_published_begins_with_the_newest():
    factories.ArticlePageFactory(title="First")
    factories.ArticlePageFactory(title="Second")
    text = panel(user_of("publisher"), "last-published")
    assert text.index("Second") < text.index("First")


def test_stale_facts_are_counted_to_the_day():
    today = timezone.localdate()
    attribute = factories.AttributeFactory(ttl_days=30)
    factories.FactFactory(attribute=attribute, verified_on=today - timedelta(days=29))
    assert panel(user_of("editor"), "stale-facts") == "Facts to look up again Every fact was looked up in time."
    stale = factories.FactFactory(attribute=attribute, verified_on=today - timedelta(days=30))
    factories.FactFactory(attribute=attribute, live=False, verified_on=today - timedelta(days=90))
    factories.FactFactory(attribute=attribute)
    text = panel(User.objects.get(username="editor"), "stale-facts")
    assert "1 fact should have been looked up again by now. 1 fact was never looked up." in text
    assert str(stale) in text


def test_panels_ask_the_same_however_much_there_is():
    editor, client = user_of("editor"), Client()
    client.force_login(editor)
    attribute = factories.AttributeFactory(ttl_days=30)
    old = timezone.localdate() - timedelta(days=90)

    def more():
        for _ in range(2):
            article = factories.ArticlePageFactory(owner=editor, live=False)
            submit(article, editor)
            schedule(factories.ArticlePageFactory(), timezone.now() + timedelta(days=1))
            factories.FactFactory(attribute=attribute, verified_on=old)

    def queries():
        client.get(reverse("wagtailadmin_home"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("wagtailadmin_home"))
        return [query["sql"] for query in captured]

    more()
    few = queries()
    more()
    more()
    many = queries()
    assert len(many) == len(few), many
    assert len(many) <= 60


def test_whoever_may_see_no_content_sees_none_of_it():
    from django.contrib.auth.models import Permission

    factories.ArticlePageFactory(title="Secret plan", live=False)
    outsider = User.objects.create_user("out", password="sufficiently long")
    outsider.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(outsider)
    html = client.get(reverse("wagtailadmin_home")).content.decode()
    assert "toolshelf-home" not in html
    assert "Secret plan" not in html


def test_whoever_may_see_one_site_is_told_nothing_of_the_other():
    from django.contrib.auth.models import Group, Permission
    from wagtail.models import GroupPagePermission

    here, there = factories.tree(), factories.tree("other.example")
    group = Group.objects.create(name="Guests")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    permission = Permission.objects.get(codename="change_page")
    GroupPagePermission.objects.create(group=group, page=there.home, permission=permission)
    guest = User.objects.create_user("guest", password="sufficiently long")
    guest.groups.add(group)
    writer = user_of("writer")
    for parent, title in ((here.articles, "Secret plan"), (there.articles, "Open plan")):
        submit(factories.ArticlePageFactory(parent=parent, title=title, live=False), writer)
        schedule(factories.ArticlePageFactory(parent=parent, title=f"{title} B"), timezone.now() + timedelta(days=1))
        factories.ArticlePageFactory(parent=parent, title=f"{title} C")
    told = [panel(guest, name) for name in ("waiting", "scheduled", "last-published")]
    assert all("Open plan" in text for text in told), told
    assert not any("Secret" in text for text in told), told
