"""Answering the editor's preview panel: the object as it is being typed goes into a layer of its own, and the front end
shows it.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from wagtail.models import Page, Revision

from api.documents import registry
from api.documents.build import World, build_instance
from api.documents.models import PUBLISHED, Document
from api.documents.publishing import clear, insert, row_of
from api.preview.models import PreviewGrant
from api.preview.tokens import hash_of, new_nonce, session_hash, token_of
from content.changes import key_of, kind_of
from content.preview import subject_of

LIFE = timedelta(hours=1)
"""A preview that is neither refreshed nor renewed ends after this. An open editor renews it."""


def respond(instance: Any, request: HttpRequest, is_unsaved: bool) -> HttpResponse:
    """Show `instance` to the editor who asks for it: a redirect to the front end with the token in the fragment.

    Deletes and inserts one document; the token is the same until the preview ends.
    """
    shown, page = shown_for(instance)
    if shown is None:
        return TemplateResponse(request, "api/nothing_to_preview.html")
    status = PreviewGrant.Status.UNSAVED if is_unsaved else PreviewGrant.Status.SAVED
    token = _open(instance, shown, key_of(page) if page else None, request, status)
    response = HttpResponseRedirect(f"{front_end_of(page or shown)}/preview#token={token}")
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def shown_for(instance: Any) -> tuple[models.Model | None, models.Model | None]:
    """What goes into the layer to show an object, if it can be shown yet; and the published page to look at, if that is
    another one.
    """
    substitute = registry.substitutes.get(type(instance))
    shown = substitute(instance) if substitute else instance
    surroundings = registry.surroundings.get(type(instance)) if shown is not None else None
    return shown, surroundings(instance) if surroundings else None


def _open(instance: Any, shown: models.Model, page_key: str | None, request: HttpRequest, status: str) -> str:
    """The token. `page_key` names the published page to look at, if that is not what is put into the layer."""
    user: Any = request.user
    now = timezone.now()
    nonce = new_nonce()
    fresh = {"nonce": nonce, "token_hash": hash_of(token_of(nonce))}
    current = {
        "subject": subject_of(instance),
        "session_hash": session_hash(user),
        "origin": admin_origin(request),
        "status": status,
        "updated_at": now if status == PreviewGrant.Status.UNSAVED else _saved_at(instance, request) or now,
        "expires_at": now + LIFE,
    }
    with transaction.atomic():
        # Locked: a panel and a tab that open at once get the same token.
        grants = PreviewGrant.objects.select_for_update()
        grant, is_new = grants.get_or_create(user=user, address=request.path, defaults={**fresh, **current})
        has_ended = not is_new and grant.expires_at <= now
        key = key_of(shown) if shown.pk else f"{kind_of(type(shown))}:new-{grant.pk}"
        for name, value in {**(fresh if has_ended else {}), **current, "object_key": page_key or key}.items():
            setattr(grant, name, value)
        grant.save()
        fill(grant.pk, shown, key, now)
    return token_of(grant.nonce)


def fill(layer: int, shown: models.Model, key: str, now: datetime) -> None:
    """Let a layer hold this draft and nothing else. Call it inside a transaction."""
    world = World(now=now)
    _settle_path(shown, world)
    built = build_instance(shown, key, world)
    # A draft shows as it would be if it were published now, and does not expire while it is looked at.
    columns = {**built.columns, "expires_at": None, "published_at": built.columns["published_at"] or now}
    columns["updated_at"] = now
    row = row_of(type(built)(built.key, built.type, columns, built.groups, built.targets), layer=layer)
    row.generation, row.valid_from = 0, now
    clear([layer])
    insert([row])


def _settle_path(shown: models.Model, world: World) -> None:
    """With a new slug a page is shown where it will be, and not where it is. A section stays where its pages are."""
    if not isinstance(shown, Page) or not shown.pk or not shown.is_leaf():
        return
    if shown.url_path not in {root.url_path for root in world.roots}:
        shown.set_url_path(shown.get_parent())


def _saved_at(instance: Any, request: HttpRequest) -> datetime | None:
    """When the draft was saved that this request asks to see: an older one, or else the last."""
    asked = request.resolver_match.kwargs.get("revision_id") if request.resolver_match else None
    revision = Revision.objects.filter(pk=asked or instance.latest_revision_id)
    return revision.values_list("created_at", flat=True).first()


def renew(user: Any, address: str) -> datetime | None:
    """Let this user's preview of an address of the admin go on, and say until when; None if it has ended. One query."""
    if not address:
        return None
    now = timezone.now()
    ends = now + LIFE
    renewed = PreviewGrant.objects.filter(user=user, address=address, expires_at__gt=now).update(expires_at=ends)
    return ends if renewed else None


def on_user_logged_out(*, user: Any, **_: Any) -> None:
    """Receives `user_logged_out`: with the session end all previews of its user, but not what they have shared. An
    editor that is open elsewhere opens them anew. One query.
    """
    now = timezone.now()
    previews = PreviewGrant.objects.filter(user=user, expires_at__gt=now).exclude(status=PreviewGrant.Status.SHARED)
    previews.update(expires_at=now)


def prune() -> int:
    """Forget previews that ended `KEEP_PREVIEWS_HOURS` ago or whose owner is gone, with their layers; return how
    many. Until then a token is told that it has expired, later that it opens nothing. With nothing to do it costs two
    queries.
    """
    ended = PreviewGrant.objects.filter(expires_at__lt=timezone.now() - timedelta(hours=settings.KEEP_PREVIEWS_HOURS))
    rows = Document.objects.filter(layer__gt=PUBLISHED).exclude(layer__in=PreviewGrant.objects.values("pk"))
    orphaned = set(rows.values_list("layer", flat=True).distinct())
    if not orphaned and not ended.exists():
        return 0
    with transaction.atomic():
        # Read again: somebody may have opened one of them anew.
        layers = orphaned | set(ended.select_for_update().values_list("pk", flat=True))
        clear(layers)
        PreviewGrant.objects.filter(pk__in=layers).delete()
    return len(layers)


def admin_origin(request: HttpRequest) -> str:
    """The address under which the editor has the admin open. Raises PermissionDenied for one that is not configured."""
    origin = f"{request.scheme}://{request.get_host()}"
    if origin not in settings.ADMIN_ORIGINS:
        raise PermissionDenied(f"The admin is not meant to be used at {origin}: add it to ADMIN_ORIGINS.")
    return origin


def front_end_of(instance: models.Model) -> str:
    """Where the front end of the object's site is reached; the default site's for what belongs to every site."""
    page = instance.specific if isinstance(instance, Page) else instance
    address = getattr(page, "full_url", None)
    if not address:
        return str(settings.FRONTEND_URL)
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
