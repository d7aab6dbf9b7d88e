"""Who may do what: writers draft, fact checkers answer for facts, editors review, publishers publish.

A role is a group of users whose rights an administrator may change. `set_up` runs after every migration and gives each
role its rights over each noun once; so a new snippet model gets its rights, and nothing taken away comes back.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, connection, models, transaction
from wagtail import hooks
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.settings.registry import registry as settings_registry
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection, DraftStateMixin, GroupCollectionPermission, GroupPagePermission, Page
from wagtail.snippets.models import create_extra_permissions, get_snippet_models

from content import review

WRITER, FACT_CHECKER, EDITOR, PUBLISHER = "writer", "fact_checker", "editor", "publisher"
NAMES = {WRITER: "Writers", FACT_CHECKER: "Fact checkers", EDITOR: "Editors", PUBLISHER: "Publishers"}

Rights = Mapping[str, str]
"""What each role may do with one noun: actions as Django and Wagtail call them."""

ALL = "view add change delete publish lock unlock"
PAGES: Rights = {
    WRITER: "add change",
    # They see every page, can hold one while they check it, and edit those that wait for their check.
    FACT_CHECKER: "lock",
    EDITOR: "add change lock unlock",
    PUBLISHER: "add change publish bulk_delete lock unlock",
}
FILES: Rights = {
    # Whoever may add a file may also change and delete those that are their own.
    WRITER: "add choose",
    FACT_CHECKER: "choose",
    EDITOR: "add change choose",
    PUBLISHER: "add change choose",
}
DRAFTED: Rights = {WRITER: "view add change", FACT_CHECKER: "view", EDITOR: ALL, PUBLISHER: ALL}
"""What is in the library and has drafts."""

IMMEDIATE: Rights = {WRITER: "view", FACT_CHECKER: "view", EDITOR: ALL, PUBLISHER: ALL}
"""What is in the library and public as soon as it is saved."""

SETTINGS: Rights = {PUBLISHER: "change"}
EXCEPTIONS: Mapping[str, Rights] = {
    "content.fact": {**DRAFTED, FACT_CHECKER: "view add change publish lock unlock"},
    # Nobody reads a source before a published fact names it.
    "content.source": {**IMMEDIATE, WRITER: "view add", FACT_CHECKER: "view add change"},
}


def rights_of(model: type[models.Model]) -> Rights:
    """Over one snippet model."""
    rule = DRAFTED if issubclass(model, DraftStateMixin) else IMMEDIATE
    return EXCEPTIONS.get(model._meta.label_lower, rule)


def group_of(key: str) -> Group | None:
    """The group that has this role; None if an administrator has deleted it."""
    from content.models.role import Role

    return Group.objects.filter(pk__in=Role.objects.filter(key=key).values("group")).first()


def set_up(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Create what is missing of the roles and their review. Listens to `post_migrate`; one query when there is nothing
    to do.
    """
    from content.models.role import Role

    if using != DEFAULT_DB_ALIAS or Role._meta.db_table not in connection.introspection.table_names():
        return
    known = {role.key: role for role in Role.objects.select_related("group")}
    if not known.keys() ^ NAMES.keys() and all(set(_nouns()) <= set(role.given) for role in known.values()):
        return
    with transaction.atomic():
        _create_permissions()
        if not known:
            review.retire_defaults()
        for key, name in NAMES.items():
            role = known.get(key) or Role.objects.create(key=key, group=_new_group(name))
            _give(role)


def _nouns() -> list[str]:
    return ["admin", "pages", "files", "review", *(model._meta.label_lower for model in _models())]


def _models() -> dict[type[models.Model], Rights]:
    """The models whose rights are Django's own: snippets, settings and redirects."""
    hooks.search_for_hooks()  # snippets are registered in them
    return {
        **{model: rights_of(model) for model in get_snippet_models()},
        **dict.fromkeys(settings_registry, SETTINGS),
        Redirect: {PUBLISHER: ALL},
    }


def _create_permissions() -> None:
    """Django makes the rows of permissions after all migrations, application by application, and some after us."""
    for label in {"wagtailadmin", *(model._meta.app_label for model in (Page, Image, Document, *_models()))}:
        create_permissions(apps.get_app_config(label), verbosity=0)
    create_extra_permissions(apps.get_app_config("wagtailsnippets"))  # to publish, lock and unlock


def _new_group(name: str) -> Group:
    """A group with no rights. One that somebody made before keeps its name and its rights; ours takes another name."""
    taken = Group.objects.filter(name=name).exists()
    return Group.objects.create(name=f"{name} (Toolshelf)" if taken else name)


def _give(role: Any) -> None:
    role.give("admin", lambda group: group.permissions.add(Permission.objects.get(codename="access_admin")))
    root = Page.objects.filter(depth=1).first()
    if root is not None:
        role.give("pages", lambda group: _give_pages(group, root, PAGES[role.key]))
        role.give("review", lambda group: review.add_reviewers(role.key, group, root))
    folder = Collection.objects.filter(depth=1).first()
    if folder is not None:
        role.give("files", lambda group: _give_files(group, folder, FILES[role.key]))
    for model, rights in _models().items():
        wanted = _permissions(model, rights.get(role.key, ""))
        role.give(model._meta.label_lower, lambda group, wanted=wanted: group.permissions.add(*wanted))


def _give_pages(group: Group, root: Page, actions: str) -> None:
    for permission in _permissions(Page, actions):
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)


def _give_files(group: Group, folder: Collection, actions: str) -> None:
    for model in (Image, Document):
        for permission in _permissions(model, actions):
            GroupCollectionPermission.objects.get_or_create(group=group, collection=folder, permission=permission)


def _permissions(model: type[models.Model], actions: str) -> Iterable[Permission]:
    """Those of the actions that the model knows."""
    codenames = [f"{action}_{model._meta.model_name}" for action in actions.split()]
    kind = ContentType.objects.get_for_model(model, for_concrete_model=False)
    return Permission.objects.filter(content_type=kind, codename__in=codenames)
