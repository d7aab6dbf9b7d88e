"""Files of restricted collections, shown to those who see their image or document in the admin."""

from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from wagtail import hooks
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import CollectionMember
from wagtail.permissions import policy_registry

from content.changes import key_of, touch
from content.storage import PICTURES, RESTRICTED

SEEN_BY = ["add", "change", "delete", "choose"]
"""Whoever has one of these rights in the collection finds the image or document in the admin's lists or choosers."""

# Whatever is in a file, nothing of it runs.
INERT = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}


@require_safe
@cache_control(private=True, no_store=True)
def private_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """404 for everybody who may not see it, as for a file that does not exist."""
    owner = _owner(f"{RESTRICTED}{name}")
    if owner is None or not _may_see(request.user, owner):
        raise Http404
    try:
        file = default_storage.open(f"{RESTRICTED}{name}")
    except FileNotFoundError:
        raise Http404 from None
    kind = PICTURES.get(PurePosixPath(name).suffix.lower())
    return FileResponse(
        file,
        as_attachment=kind is None,
        filename=PurePosixPath(name).name,
        content_type=kind or "application/octet-stream",
        headers=INERT | {"Cross-Origin-Resource-Policy": "same-origin"},
    )


def _owner(name: str) -> Any:
    """The image or document of a file, or None; at most three queries."""
    image = get_image_model()
    for rows in (image.objects, get_document_model().objects):
        found = rows.filter(file=name).first()
        if found is not None:
            return found
    rendition = image.get_rendition_model().objects.filter(file=name).select_related("image").first()
    return rendition.image if rendition is not None else None


def _may_see(user: Any, owner: Any) -> bool:
    policy = policy_registry.get_by_type(type(owner))
    return user.has_perm("wagtailadmin.access_admin") and policy.user_has_any_permission_for_instance(
        user, SEEN_BY, owner
    )


@hooks.register("after_bulk_action")
def tell_of_members(request: HttpRequest, action_type: str, objects: Any, action: Any) -> None:
    """Wagtail puts many images or documents into another collection without a signal for any."""
    touch(key_of(each) for each in objects if isinstance(each, CollectionMember))
