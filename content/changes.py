"""What changed: one transaction per change, and one signal at its end that names every object touched.

Whoever changes content does it inside `changes()`. At its end, still inside the transaction, `content_changed` is sent
with the keys of everything touched ("page:12", "person:3"); listeners write what follows from it in the same
transaction, so a killed process leaves the old state whole or the new one whole.

Pages that did not change themselves but moved, went or came back with the page above them are not named one by one: a
*section* ("section:12") is the page 12 and every page below it.

A change made outside `changes()` (a shell, a third-party view) leaves a `PendingChange` row *before* it happens; the
row is swept right after, or by a worker if the process died in between.
"""

import fcntl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import wraps
from typing import Any

from django.apps import apps
from django.contrib.messages import ERROR, get_messages
from django.db import connection, models, transaction
from django.db.models import signals
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils import timezone
from modelcluster.fields import ParentalKey
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import (
    Collection,
    CollectionMember,
    CollectionViewRestriction,
    Locale,
    Page,
    PageViewRestriction,
    RevisionMixin,
    Site,
    TranslatableMixin,
)
from wagtail.signals import post_page_move

from content import storage

content_changed = Signal()
"""Sent once per `changes()` that touched something, in its transaction, with `keys: frozenset[str]` and
`sections: frozenset[int]`, the pages of which all below may be elsewhere now, or no longer or newly be seen.
"""

SECTION = "section:"
"""Begins what is touched in place of the keys of all pages of a section; the primary key of its page follows."""

# Editors' bookkeeping on a page or snippet row: nothing of it is public.
BOOKKEEPING = frozenset(
    {
        "draft_title",
        "expire_at_pending",
        "has_unpublished_changes",
        "latest_revision",
        "latest_revision_created_at",
        "locked",
        "locked_at",
        "locked_by",
    }
)
SWEEP_AFTER = timedelta(seconds=30)

_touched: ContextVar[set[str] | None] = ContextVar("touched", default=None)
_queue = threading.Lock()


@contextmanager
def changes() -> Iterator[None]:
    """Change content in one transaction and tell at its end what was touched. Inside another `changes()` it joins that
    one. Files follow: those written are removed if it fails, and those deleted go when it is committed.

    Raises RuntimeError inside a transaction that was begun otherwise: the signal could not be sent at its end.
    """
    if _touched.get() is not None:
        yield
        return
    with storage.following_the_change(), turn():
        token = _touched.set(set())
        try:
            storage.begin()
            yield
            _send(_touched.get() or set())
            storage.end()
        finally:
            _touched.reset(token)


def _send(touched: set[str]) -> None:
    from content.files import put_in_place

    if touched and not transaction.get_rollback():
        sections = {key for key in touched if key.startswith(SECTION)}
        pks = frozenset(int(key.removeprefix(SECTION)) for key in sections)
        # First: what is built from here on shows the addresses of files.
        put_in_place(touched)
        content_changed.send(sender=changes, keys=frozenset(touched - sections), sections=pks)


@contextmanager
def turn() -> Iterator[None]:
    """A writing transaction of which nobody is told, for what is not content; on SQLite it waits in the queue."""
    with _write_queue(), transaction.atomic(durable=True):
        yield


@contextmanager
def _write_queue() -> Iterator[None]:
    """On SQLite, wait for the other writers in order of arrival: its own polling let single requests wait 19 s."""
    if connection.vendor != "sqlite":
        yield
        return
    name = str(connection.settings_dict["NAME"])
    if "mode=memory" in name or name == ":memory:":
        with _queue:
            yield
        return
    with _queue, open(f"{name}.queue", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def touch(keys: Iterable[str]) -> None:
    """Say that these objects, or the pages of these sections, may look different in public now. Outside `changes()`
    they are told after the current transaction.
    """
    keys = set(keys)
    if not keys:
        return
    touched = _touched.get()
    if touched is not None:
        touched |= keys
        return
    _mark(keys)
    _sweep_on_commit(keys)


def _mark(keys: Iterable[str]) -> None:
    from content.models.pending import PendingChange

    PendingChange.objects.bulk_create([PendingChange(key=key) for key in sorted(keys)])


def _sweep_on_commit(keys: Iterable[str]) -> None:
    keys = set(keys)
    transaction.on_commit(lambda: sweep(keys), robust=True)


def sweep(keys: Iterable[str] | None = None, *, everything: bool = False) -> int:
    """Tell pending changes: of these keys, or all, or all that are older than `SWEEP_AFTER`; return how many rows were
    swept.

    A younger one may belong to a change that is still being made, and will be told at its end.
    """
    from content.models.pending import PendingChange

    rows = PendingChange.objects.all()
    if keys is not None:
        rows = rows.filter(key__in=set(keys))
    elif not everything:
        rows = rows.filter(created_at__lt=timezone.now() - SWEEP_AFTER)
    if not rows.exists():
        return 0
    with changes():
        pending = list(rows)
        touch(row.key for row in pending)
        PendingChange.objects.filter(pk__in=[row.pk for row in pending]).delete()
    return len(pending)


def key_of(instance: models.Model) -> str:
    """The key under which an object is published: "page:12" for every page type, "image:7", else the model's name
    ("person:3").
    """
    return f"{kind_of(type(instance))}:{instance.pk}"


def kind_of(model: type[models.Model]) -> str:
    if issubclass(model, Page):
        return "page"
    return getattr(model, "key_kind", model._meta.model_name or "")


def page_keys(pages: Any) -> set[str]:
    """Keys of a page queryset; one query."""
    return {f"page:{pk}" for pk in pages.values_list("pk", flat=True)}


def section_key(page_pk: int) -> str:
    return f"{SECTION}{page_pk}"


def touched_by(instance: models.Model) -> set[str]:
    """The keys, and sections, whose public form may change when this object is saved or deleted.

    A model of ours says so itself in `touched_keys()`; without it, an object with a parental key touches its parent,
    any other itself. What it touches in addition where it stood until now, it says in `touched_by_moving()`, which is
    asked before it is saved, and in `touched_by_deleting()`: whoever is killed in between has left word of it.
    """
    if isinstance(instance, Page):
        # A page below a site's front page, in whatever language, is an entry of its menu.
        parent = instance.path[: -instance.steplen] if instance.path else ""
        front = Page.objects.filter(path=parent).values("translation_key")
        menus = Site.objects.filter(root_page__translation_key__in=front).values_list("pk", flat=True) if parent else []
        return {key_of(instance)} | {f"site:{pk}" for pk in menus}
    if isinstance(instance, PageViewRestriction):
        return {section_key(instance.page_id)}
    if isinstance(instance, Site):
        return {key_of(instance)} | _belonging_to(instance)
    if isinstance(instance, Locale):
        return _site_keys() | _written_in(instance)
    if isinstance(instance, Collection | CollectionViewRestriction):
        collection = instance.collection if isinstance(instance, CollectionViewRestriction) else instance
        return _member_keys(collection)
    if isinstance(instance, CollectionMember):
        return {key_of(instance)}
    if instance._meta.label == "wagtailredirects.Redirect":
        return {key_of(instance)}
    if instance._meta.app_label != "content" or instance._meta.auto_created:
        return set()
    if hasattr(instance, "touched_keys"):
        return set(instance.touched_keys())
    parents = [field for field in instance._meta.fields if isinstance(field, ParentalKey)]
    if parents:
        return {f"{kind_of(field.related_model)}:{getattr(instance, field.attname)}" for field in parents}
    return {key_of(instance)}


def _site_keys() -> set[str]:
    return {f"site:{pk}" for pk in Site.objects.values_list("pk", flat=True)}


def _belonging_to(site: Site) -> set[str]:
    """What names the site it is on: its pages in every language, its menus and announcements."""
    fronts = site.root_page.get_translations(inclusive=True)
    keys = {section_key(pk) for pk in fronts.values_list("pk", flat=True)}
    for model in apps.get_app_config("content").get_models():
        for each in model._meta.concrete_fields:
            if each.related_model is Site and issubclass(model, RevisionMixin):
                rows = model._default_manager.filter(**{each.name: site.pk})
                keys |= {f"{kind_of(model)}:{pk}" for pk in rows.values_list("pk", flat=True)}
    return keys


def _written_in(locale: Locale) -> set[str]:
    """Everything in one language; nothing when it is new."""
    if locale.pk is None:
        return set()
    fronts = Page.objects.filter(translation_key__in=Site.objects.values("root_page__translation_key"))
    keys = {section_key(pk) for pk in fronts.filter(locale=locale.pk).values_list("pk", flat=True)}
    for model in apps.get_app_config("content").get_models():
        if issubclass(model, TranslatableMixin) and not issubclass(model, Page):
            rows = model._default_manager.filter(locale=locale.pk)
            keys |= {f"{kind_of(model)}:{pk}" for pk in rows.values_list("pk", flat=True)}
    return keys


def _member_keys(collection: Collection) -> set[str]:
    """The images and documents of a collection and of all below it."""
    keys = set()
    for model in (get_image_model(), get_document_model()):
        rows = model._default_manager.filter(collection__in=collection.get_descendants(inclusive=True))
        keys |= {f"{kind_of(model)}:{pk}" for pk in rows.values_list("pk", flat=True)}
    return keys


def connect() -> None:
    """Listen to every way in which content changes. Called once, when the application is ready."""
    signals.pre_save.connect(_before_save, dispatch_uid="content.changes")
    signals.post_save.connect(_after_save, dispatch_uid="content.changes")
    signals.pre_delete.connect(_before_delete, dispatch_uid="content.changes")
    signals.post_delete.connect(_after_delete, dispatch_uid="content.changes")
    signals.m2m_changed.connect(_many_to_many_changed, dispatch_uid="content.changes")
    post_page_move.connect(_after_move, dispatch_uid="content.changes")


def _is_bookkeeping(update_fields: Iterable[str] | None) -> bool:
    return update_fields is not None and set(update_fields) <= BOOKKEEPING


def _before_save(sender: Any, instance: models.Model, raw: bool = False, update_fields: Any = None, **_: Any) -> None:
    if raw or _is_bookkeeping(update_fields):
        return
    keys: set[str] = set()
    if isinstance(instance, Page) and instance.pk:
        old = Page.objects.filter(pk=instance.pk).values_list("url_path", flat=True).first()
        # The paths of all pages below follow the slug; Wagtail rewrites them without a signal.
        instance._touched_below = {section_key(instance.pk)} if old and _path_changes(instance, old) else set()
        keys = instance._touched_below
    elif isinstance(instance, Site) and instance.pk:
        # The pages of the root page that is being replaced.
        instance._touched_below = touched_by(Site.objects.select_related("root_page").get(pk=instance.pk))
        keys = instance._touched_below
    elif instance.pk and hasattr(instance, "touched_by_moving"):
        keys = set(instance.touched_by_moving())
        instance._touched_below = keys  # type: ignore[attr-defined]
    if _touched.get() is None:
        _mark(keys | touched_by(instance) if instance.pk else keys)


def _path_changes(page: Page, old: str) -> bool:
    return old.rstrip("/").rpartition("/")[2] != page.slug and page.depth > 1


def _after_save(sender: Any, instance: models.Model, raw: bool = False, update_fields: Any = None, **_: Any) -> None:
    if raw or _is_bookkeeping(update_fields):
        return
    touch(touched_by(instance) | getattr(instance, "_touched_below", set()))


def _before_delete(sender: Any, instance: models.Model, **_: Any) -> None:
    keys = touched_by(instance)
    if hasattr(instance, "touched_by_deleting"):
        keys |= set(instance.touched_by_deleting())
    instance._touched_below = keys  # type: ignore[attr-defined]
    touched = _touched.get()
    if touched is not None:
        touched |= keys
    elif keys:
        _mark(keys)


def _after_delete(sender: Any, instance: models.Model, **_: Any) -> None:
    keys: set[str] = getattr(instance, "_touched_below", set())
    if keys and _touched.get() is None:
        _sweep_on_commit(keys)


def _many_to_many_changed(sender: Any, instance: models.Model, action: str, reverse: bool, **_: Any) -> None:
    if action.startswith("post_") and not reverse:
        touch(touched_by(instance))


def _after_move(sender: Any, instance: Page, **_: Any) -> None:
    # Menus follow the tree: the page may have left one, entered one, or changed its place in one.
    touch({section_key(instance.pk)} | _site_keys())


class _RollBack(Exception):
    """Carries a response out of a transaction that must not be committed."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


Decorated = Callable[..., HttpResponse]


def in_changes(view: Decorated) -> Decorated:
    """Run an admin view that changes something inside `changes()`, its rendering included; an answer of 400 and above
    rolls back.

    Reading, previews, pings and autosaves of drafts stay outside: they write nothing public, and on SQLite they would
    queue.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not _changes_content(request):
            return view(request, *args, **kwargs)
        try:
            with changes():
                response = view(request, *args, **kwargs)
                if isinstance(response, SimpleTemplateResponse):
                    response = response.render()
                if response.status_code >= 400 or _is_refusal(request, response):
                    raise _RollBack(response)
        except _RollBack as rollback:
            # What was queued to be said on the next page ("… has been published") did not happen.
            queue: Any = get_messages(request)
            queue._queued_messages = [each for each in queue._queued_messages if each.level >= ERROR]
            return rollback.response
        return response

    return wrapped


def _is_refusal(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether Wagtail turned a PermissionDenied, which may come after writes, into a redirect with an error message."""
    if response.headers.get("Location") != reverse("wagtailadmin_home"):
        return False
    queue: Any = get_messages(request)
    return any(each.level >= ERROR for each in getattr(queue, "_queued_messages", []))


# Which of a form's buttons change what is public, beside creating, deleting, moving and the like, which have forms of
# their own.
PUBLISHING_ACTIONS = (
    "action-publish",
    "action-workflow-action",
    "action-submit",
    "action-restart-workflow",
    "action-cancel-workflow",
)
# The upload of facts makes its own changes, a few lines in each.
UNWRAPPED = (
    "wagtailadmin_login",
    "wagtailadmin_editing_sessions",
    "wagtailadmin_dismissibles",
    "content_facts_upload",
)


def _changes_content(request: HttpRequest) -> bool:
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return False
    match = request.resolver_match
    name = match.view_name if match else ""
    if name.startswith(UNWRAPPED) or "preview" in name:
        return False
    is_autosave = not request.accepts("text/html")
    return not is_autosave or any(action in request.POST for action in PUBLISHING_ACTIONS)
