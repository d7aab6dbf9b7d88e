"""Says on every screen of the admin that this is a copy."""

from typing import Any

from django import template

from api.copies import Copy, is_copy

register = template.Library()


@register.inclusion_tag("api/copy_banner.html")
def copy_banner() -> dict[str, Any]:
    return {"copy": Copy.objects.first() if is_copy() else None}
