"""Making what was restored a copy that cannot touch the site it was taken from."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from wagtail.models import Site

from api.copies import Copy, is_copy
from api.documents.publishing import clear
from api.preview.models import PreviewGrant, ShareLink
from cms.backups.archive import Manifest
from cms.backups.databases import Refused
from content.changes import changes


def check_addresses(manifest: Manifest) -> None:
    """Raises Refused where the copy would have an address of its original."""
    own = {"CMS_URL": settings.CMS_URL, "FRONTEND_URL": settings.FRONTEND_URL}
    for name, address in own.items():
        if address in (manifest.cms_url, manifest.frontend_url):
            raise Refused(f"{name} is {address}, an address of the original: give the copy its own in its environment.")


def make_copy(taken_at: str) -> None:
    """Mark it, end whatever opens it from outside, and give its sites addresses of its own."""
    with transaction.atomic():
        Copy.objects.update_or_create(pk=1, defaults={"taken_at": datetime.fromisoformat(taken_at)})
        Session.objects.all().delete()
        clear(list(PreviewGrant.objects.values_list("pk", flat=True)))
        ShareLink.objects.filter(revoked_at=None).update(revoked_at=timezone.now())
        PreviewGrant.objects.exclude(share=None).update(
            token_hash=Concat(Value("revoked:"), Cast(F("pk"), CharField()))
        )
        PreviewGrant.objects.filter(share=None).delete()
    is_copy.cache_clear()
    _move_sites()


def _move_sites() -> None:
    """The default site to FRONTEND_URL; any other below it, as in "docs.example.com.staging.example.com"."""
    address = urlsplit(settings.FRONTEND_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    with changes():
        for site in Site.objects.order_by("-is_default_site", "pk"):
            site.hostname = address.hostname if site.is_default_site else f"{site.hostname}.{address.hostname}"
            site.port = port
            site.save()
