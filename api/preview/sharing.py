"""Sharing a draft by a link: a copy in a layer of its own that opens without an account until it ends or is revoked."""

import logging
import time
from datetime import timedelta
from threading import Lock
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Revision

from api.documents.publishing import clear
from api.preview.models import PreviewGrant, ShareLink
from api.preview.responding import admin_origin, fill, front_end_of, shown_for
from api.preview.tokens import hash_of, new_nonce, session_hash, token_of
from content.changes import key_of
from content.preview import may_preview, subject_of

logger = logging.getLogger("api")

DAYS = 1, 7, 30, 90
"""So long a link may live; it is 7 days unless somebody chooses."""
USES_NOTED_EVERY = 60.0
"""Seconds; the last use of a link is known to the minute."""


class NothingToShare(Exception):
    """The draft lacks what it cannot be shown without."""


def share(instance: Any, request: HttpRequest, *, days: int, recipient: str = "", follows: bool = False) -> ShareLink:
    """A link to the draft of a saved object, as it was last saved. Raises NothingToShare; PermissionDenied for a user
    who may not edit it.
    """
    user: Any = request.user
    if not may_preview(user, subject_of(instance)):
        raise PermissionDenied
    now, nonce = timezone.now(), new_nonce()
    with transaction.atomic():
        grant = PreviewGrant.objects.create(
            user=user,
            subject=subject_of(instance),
            nonce=nonce,
            token_hash=hash_of(token_of(nonce)),
            session_hash=session_hash(user),
            origin=admin_origin(request),
            status=PreviewGrant.Status.SHARED,
            updated_at=now,
            expires_at=now + timedelta(days=days),
        )
        link = ShareLink(grant=grant, title=_title(instance)[:255], recipient=recipient, follows=follows)
        _copy(link, instance)
        link.save()
        _log(link, instance, "api.share", days=days, follows=follows)
    return link


def update(link: ShareLink, user: Any) -> None:
    """Let a link show the draft as it is saved now. Raises NothingToShare."""
    instance = instance_of(link.grant)
    if instance is not None:
        with transaction.atomic():
            _copy(link, instance)
            _log(link, instance, "api.share_update", user=user)


def revoke(link: ShareLink, user: Any) -> None:
    """End a link at once; it says from now on that it was withdrawn."""
    with transaction.atomic():
        ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())
        PreviewGrant.objects.filter(pk=link.grant_id).update(token_hash=f"revoked:{link.grant_id}")
        clear([link.grant_id])
        instance = instance_of(link.grant)
        if instance is not None:
            _log(link, instance, "api.share_revoke", user=user)


def address_of(link: ShareLink) -> str:
    """The link itself. Its token stands in the fragment, which no server is sent."""
    instance = instance_of(link.grant)
    shown, page = shown_for(instance) if instance is not None else (None, None)
    place = page or shown
    return f"{front_end_of(place)}/preview#token={token_of(link.grant.nonce)}" if place is not None else ""


def links_to(subject: str) -> QuerySet[ShareLink]:
    return ShareLink.objects.filter(grant__subject=subject).select_related("grant__user")


def is_open(link: ShareLink) -> bool:
    return link.revoked_at is None and link.grant.expires_at > timezone.now()


def instance_of(grant: PreviewGrant) -> Any:
    """The object of a grant with what was saved last; None if it was deleted."""
    label, _, pk = grant.subject.partition(":")
    model: Any = apps.get_model(label)
    found = model._default_manager.filter(pk=pk).first()
    return None if found is None else draft_of(found)


def draft_of(saved: Any) -> Any:
    """An object with what was saved last, published or not."""
    return saved.get_latest_revision_as_object() if getattr(saved, "latest_revision_id", None) else saved


def _copy(link: ShareLink, instance: Any) -> None:
    shown, page = shown_for(instance)
    if shown is None:
        raise NothingToShare
    now, key = timezone.now(), key_of(shown)
    link.grant.object_key = key_of(page) if page else key
    link.grant.updated_at = _saved_at(instance) or now
    link.grant.save(update_fields=["object_key", "updated_at"])
    fill(link.grant.pk, shown, key, now)


def _saved_at(instance: Any) -> Any:
    revision = getattr(instance, "latest_revision", None)
    return revision.created_at if revision else None


def _title(instance: Any) -> str:
    return str(getattr(instance, "draft_title", "") or instance)


def _log(link: ShareLink, instance: models.Model, action: str, *, user: Any = None, **data: Any) -> None:
    said = {"recipient": link.recipient, "until": link.grant.expires_at.isoformat(), **data}
    log(instance=instance, action=action, user=user or link.grant.user, data=said)


# Following ------------------------------------------------------------------------------------------------------------


def on_revision_saved(*, instance: Revision, **_: Any) -> None:
    """Receives `post_save` of revisions: links that follow this draft show it when its saving is committed. One query
    if there are none.
    """
    model = instance.content_type.model_class()
    if model is None:
        return
    subject = f"{model._meta.label_lower}:{instance.object_id}"
    following = links_to(subject).filter(follows=True, revoked_at=None, grant__expires_at__gt=timezone.now())
    if following.exists():
        transaction.on_commit(lambda: _follow(list(following)), robust=True)


def _follow(links: list[ShareLink]) -> None:
    for link in links:
        draft = instance_of(link.grant)
        if draft is not None:
            try:
                with transaction.atomic():
                    _copy(link, draft)
            except NothingToShare:
                pass  # it goes on to show what could be shown last


# Uses -----------------------------------------------------------------------------------------------------------------

_used: dict[int, float] = {}
_waiting: set[int] = set()
_lock = Lock()


def note_use(grant: PreviewGrant) -> None:
    """Remember that a link was opened; it is written when the answer has been sent, so that reading writes nothing."""
    now = time.monotonic()
    with _lock:
        if now - _used.get(grant.pk, -USES_NOTED_EVERY) >= USES_NOTED_EVERY:
            _used[grant.pk] = now
            _waiting.add(grant.pk)


def on_request_finished(**_: Any) -> None:
    """Receives Django's signal, when an answer has been sent."""
    with _lock:
        used = list(_waiting)
        _waiting.clear()
        if len(_used) > 1_000:
            _used.clear()
    if used:
        try:
            ShareLink.objects.filter(grant__in=used).update(last_used_at=timezone.now())
        except DatabaseError:
            logger.exception("The last use of a shared draft could not be written.")
