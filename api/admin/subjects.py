"""Which object one of our screens, or a button among an editor's, is about."""

from typing import Any

from django.apps import apps
from django.db import models
from django.http import Http404
from wagtail.models import Page


def model_named(kind: str) -> type[models.Model]:
    if kind == "page":
        return Page
    try:
        model = apps.get_model(kind)
    except (LookupError, ValueError):
        raise Http404 from None
    if model._meta.app_label != "content":
        raise Http404
    return model


def edited(context: dict[str, Any]) -> models.Model | None:
    instance = context.get("page") or context.get("instance")
    return instance if context["view"] == "edit" and instance is not None and instance.pk else None
