"""Shows, before something is changed, which published pages will look different."""

from typing import Any

from django import template
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from wagtail.models import Page

from api.admin.where_used import address_of
from api.where_used import uses_of

register = template.Library()

SHOWN = 10
"""So many pages are named at once; a link leads to all."""


@register.inclusion_tag("api/where_used/notice.html", takes_context=True)
def where_used(context: dict[str, Any], action: str = "") -> dict[str, Any]:
    """The pages that use the object this screen is about; nothing for what has not been saved yet. `action` says
    whether it goes away ("unpublish", "delete", "restrict", "merge"), moves ("move") or changes ("").
    """
    instance = _subject(context)
    if instance is None or instance.pk is None:
        return {}
    if context.get("is_partial"):
        # Twice a second while somebody types: only where to look.
        return {"address": address_of(instance)}
    is_section = isinstance(instance, Page) and action != "" and not instance.is_leaf()
    uses = uses_of(instance, with_descendants=is_section)
    return {
        "uses": uses,
        "shown": uses.pages[:SHOWN],
        "more": max(0, len(uses.pages) - SHOWN),
        "action": action,
        "is_section": is_section,
        "is_public": _is_public(instance),
        "address": address_of(instance),
    }


def _subject(context: dict[str, Any]) -> models.Model | None:
    """The object of one of Wagtail's many screens, which name it differently; rows of bulk actions wrap it."""
    for name in ("snippet", "image", "page_to_move", "page", "object"):
        found = context.get(name)
        if isinstance(found, dict):
            found = found.get("item")
        if isinstance(found, AbstractBaseUser):
            return None
        if isinstance(found, models.Model):
            return found
    return None


def _is_public(instance: models.Model) -> bool:
    return bool(getattr(instance, "live", True))


@register.simple_tag(takes_context=True)
def overridden(context: Any) -> str:
    """What the template that this one stands in front of would show: for those that have no blocks to fill."""
    current = context.render_context.template
    template, _ = current.engine.find_template(current.name, skip=[current.origin])
    rendered: str = template.render(context)
    return rendered
