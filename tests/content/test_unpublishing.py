"""Unpublishing everything below a page leaves what Wagtail would leave, at once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.shortcuts import redirect
from django.test import override_settings
from django.utils import timezone
from wagtail import hooks
from wagtail.models import (
    GroupApprovalTask,
    GroupPagePermission,
    Locale,
    Page,
    PageLogEntry,
    Workflow,
    WorkflowTask,
)
from wagtail.signals import page_unpublished

from content.changes import changes
from content.models.article import ArticleIndexPage, ArticlePage
from tests import factories
from tests.admin import page_address

pytestmark = pytest.mark.django_db


def section(count):
    index = factories.ArticleIndexPageFactory(parent=factories.tree().home, slug="guides")
    for number in range(count):
        factories.ArticlePageFactory(parent=index, slug=f"article-{number}")
    return index


def unpublish(client, page):
    assert client.post(page_address(page, "unpublish"), {"include_descendants": "on"}).status_code == 302


def test_the_log_and_the_rows_are_those_of_wagtail(admin_client, admin_user):
    page = section(2)
    unpublish(admin_client, page)
    for child in page.get_children():
        assert (child.live, child.has_unpublished_changes, child.live_revision) == (False, True, None)
        entry = PageLogEntry.objects.get(page=child.pk, action="wagtail.unpublish")
        assert (entry.label, entry.user, entry.content_type, entry.data) == (
            child.title,
            admin_user,
            child.content_type,
            {},
        )
        assert (entry.deleted, entry.content_changed) == (False, False)
        assert entry.uuid == PageLogEntry.objects.get(page=page.pk, action="wagtail.unpublish").uuid


def test_those_who_listen_are_told(admin_client):
    told = []

    def listen(sender, instance, **_):
        told.append((sender, instance.slug, instance.live))

    page = section(2)
    page_unpublished.connect(listen)
    try:
        unpublish(admin_client, page)
    finally:
        page_unpublished.disconnect(listen)
    assert sorted(told, key=str) == [
        (ArticleIndexPage, "guides", False),
        (ArticlePage, "article-0", False),
        (ArticlePage, "article-1", False),
    ]


def lock(page):
    Page.objects.filter(pk=page.pk).update(locked=True)


def schedule(page):
    page.go_live_at = timezone.now() + timedelta(days=1)
    page.save_revision().publish()


def submit(page):
    page.save_revision()
    workflow = Workflow.objects.create(name="A review")
    task = GroupApprovalTask.objects.create(name="A task")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    workflow.start(page, None)


@pytest.mark.parametrize("close", [lock, schedule, submit])
def test_what_is_locked_stays(client, django_user_model, close):
    page = section(2)
    locked = page.get_first_child()
    with changes():
        close(locked.specific)
    assert Page.objects.get(pk=locked.pk).live
    client.force_login(publisher(django_user_model, page))
    unpublish(client, page)
    assert list(page.get_children().live()) == [locked]


def publisher(model, *pages):
    """Somebody who may enter the admin and publish these sections."""
    user = model.objects.create_user("ed", "ed@example.com", "password")
    group = Group.objects.create(name="Publishers of sections")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for page in pages:
        for name in ("change_page", "publish_page"):
            GroupPagePermission.objects.create(group=group, page=page, permission=Permission.objects.get(codename=name))
    user.groups.add(group)
    return user


def test_aliases_elsewhere_and_their_aliases_go_along(admin_client, graphql):
    page = section(1)
    with changes():
        alias = page.get_first_child().specific.create_alias(parent=factories.tree().articles)
        second = alias.create_alias(parent=factories.tree().articles, update_slug="second")
    assert graphql("{ articles { totalCount } }")["data"] == {"articles": {"totalCount": 3}}
    unpublish(admin_client, page)
    assert not Page.objects.filter(pk__in=[alias.pk, second.pk], live=True).exists()
    assert not PageLogEntry.objects.filter(page__in=[alias.pk, second.pk], action="wagtail.unpublish").exists()
    assert graphql("{ articles { totalCount } }")["data"] == {"articles": {"totalCount": 0}}


def translate(page, locale):
    with changes():
        for each in page.get_ancestors(inclusive=True).filter(depth__gt=1):
            if not each.has_translation(locale):
                each.specific.copy_for_translation(locale).save_revision().publish()
        for each in page.get_children():
            each.specific.copy_for_translation(locale).save_revision().publish()
    return page.get_translation(locale)


@pytest.mark.parametrize(("has_right", "left"), [(True, 0), (False, 1)])
def test_translations_that_go_with_a_section_go_with_what_the_user_may_unpublish(
    client, django_user_model, settings, has_right, left
):
    settings.WAGTAIL_CONTENT_LANGUAGES = settings.LANGUAGES = [("en", "English"), ("de", "German")]
    page = section(1)
    copy = translate(page, Locale.objects.create(language_code="de"))
    client.force_login(publisher(django_user_model, page, *([copy] if has_right else [])))
    with override_settings(WAGTAILSIMPLETRANSLATION_SYNC_PAGE_TREE=True):
        unpublish(client, page)
    assert page.get_children().live().count() == 0
    assert copy.get_children().live().count() == left


def test_nothing_is_unpublished_when_another_hook_answers(admin_client):
    page = section(1)
    with hooks.register_temporarily("before_unpublish_page", lambda request, page: redirect("/admin/")):
        unpublish(admin_client, page)
    assert page.get_children().live().count() == 1
