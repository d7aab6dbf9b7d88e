"""The roles that every installation begins with, and what an administrator may make of them."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management.sql import emit_post_migrate_signal
from wagtail.models import GroupPagePermission, Page, Workflow, WorkflowPage, WorkflowState
from wagtail.snippets.models import get_snippet_models

from content import review, roles
from content.models.role import Role
from tests.factories import ArticlePageFactory

pytestmark = pytest.mark.django_db


def rights(name):
    group = Group.objects.get(name=name)
    return {permission.codename for permission in group.permissions.all()}


def page_rights(name):
    rows = GroupPagePermission.objects.filter(group__name=name).select_related("permission", "page")
    return {(row.page.depth, row.permission.codename) for row in rows}


def forget():
    """As in a database that was made before there were roles."""
    Group.objects.filter(pk__in=Role.objects.values("group")).delete()
    Role.objects.all().delete()
    Workflow.objects.all().delete()


def test_an_installation_begins_with_four_roles_and_nothing_of_wagtails_own():
    assert set(Group.objects.values_list("name", flat=True)) == {"Writers", "Fact checkers", "Editors", "Publishers"}
    assert list(Workflow.objects.values_list("name", flat=True)) == ["Review"]


def test_roles_have_their_rights_over_pages_of_all_sites():
    assert {name: page_rights(name) for name in roles.NAMES.values()} == {
        "Writers": {(1, "add_page"), (1, "change_page")},
        "Fact checkers": {(1, "lock_page")},
        "Editors": {(1, f"{action}_page") for action in ("add", "change", "lock", "unlock")},
        "Publishers": {
            (1, f"{action}_page") for action in ("add", "change", "publish", "bulk_delete", "lock", "unlock")
        },
    }


@pytest.mark.parametrize("model", get_snippet_models(), ids=lambda model: model.__name__)
def test_every_snippet_can_be_managed_by_editors_and_seen_by_all(model):
    name = model._meta.model_name
    for group in roles.NAMES.values():
        assert f"view_{name}" in rights(group)
    for group in ("Editors", "Publishers"):
        own = {codename for codename in rights(group) if codename.endswith(f"_{name}")}
        known = Permission.objects.filter(content_type__app_label="content", content_type__model=name)
        assert own == set(known.values_list("codename", flat=True))
    assert f"publish_{name}" not in rights("Writers")
    assert f"delete_{name}" not in rights("Writers") | rights("Fact checkers")


def test_facts_are_published_by_fact_checkers_and_drafted_by_writers():
    assert {"add_fact", "change_fact", "publish_fact"} <= rights("Fact checkers")
    assert rights("Writers") & {"add_fact", "change_fact", "publish_fact"} == {"add_fact", "change_fact"}


def test_what_an_administrator_changed_stays_changed():
    writers = Group.objects.get(name="Writers")
    writers.permissions.remove(Permission.objects.get(codename="add_fact"))
    writers.page_permissions.all().delete()
    Group.objects.filter(name="Editors").update(name="Redaktion")
    Group.objects.get(name="Publishers").delete()
    Workflow.objects.all().delete()
    roles.set_up()
    assert "add_fact" not in rights("Writers")
    assert page_rights("Writers") == set()
    assert set(Group.objects.values_list("name", flat=True)) == {"Writers", "Fact checkers", "Redaktion"}
    assert not Workflow.objects.exists()


def test_a_model_that_a_role_has_never_seen_is_given_to_it():
    for role in Role.objects.all():
        role.given.remove("content.topic")
        role.save()
        role.group.permissions.clear()
    roles.set_up()
    assert rights("Writers") == {"view_topic", "add_topic", "change_topic"}


def test_nothing_to_do_is_found_out_by_looking(django_assert_num_queries):
    with django_assert_num_queries(2):  # is there the table, and what is in it
        roles.set_up()


def test_a_database_without_permissions_gets_them_at_once():
    forget()
    Permission.objects.exclude(codename="access_admin").delete()
    roles.set_up()
    assert {"publish_fact", "view_attribute"} <= rights("Fact checkers")
    assert page_rights("Fact checkers") == {(1, "lock_page")}


def test_a_group_in_use_keeps_its_name_and_its_rights():
    forget()
    editors = Group.objects.create(name="Editors")
    editors.user_set.add(User.objects.create_user("ada"))
    editors.permissions.add(Permission.objects.get(codename="access_admin"))
    roles.set_up()
    assert rights("Editors") == {"access_admin"}
    assert "publish_fact" in rights("Editors (Toolshelf)")


def test_wagtails_own_groups_and_workflow_go_when_nobody_uses_them():
    forget()
    old = Workflow.objects.create(name=review.DEFAULT_NAME)
    WorkflowPage.objects.create(page=Page.objects.get(depth=1), workflow=old)
    Group.objects.create(name="Moderators")
    roles.set_up()
    assert not Group.objects.filter(name="Moderators").exists()
    assert WorkflowPage.objects.get(page__depth=1).workflow.name == "Review"


def test_a_workflow_in_use_stays_at_the_root():
    forget()
    article = ArticlePageFactory(live=False)
    old = Workflow.objects.create(name=review.DEFAULT_NAME)
    WorkflowPage.objects.create(page=Page.objects.get(depth=1), workflow=old)
    WorkflowState.objects.create(
        workflow=old,
        content_type=article.get_content_type(),
        base_content_type=article.get_base_content_type(),
        object_id=str(article.pk),
    )
    roles.set_up()
    assert WorkflowPage.objects.get(page__depth=1).workflow == old
    assert Workflow.objects.filter(name="Review").exists()


def test_a_database_without_pages_gets_the_rest_first():
    forget()
    Page.objects.all().delete()
    roles.set_up()
    assert page_rights("Writers") == set()
    Page.add_root(title="Root", slug="root")
    roles.set_up()
    assert page_rights("Writers") == {(1, "add_page"), (1, "change_page")}


def test_going_back_before_roles_leaves_migrate_alone(monkeypatch):
    monkeypatch.setattr(Role._meta, "db_table", "not_there_yet")
    roles.set_up()


def test_roles_are_set_up_after_every_migration():
    forget()
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    assert Role.objects.count() == 4
