"""The admin's forms as a browser would send them back."""

from typing import Any

from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, streamfield


def page_form(client: Client, page: Any, **changed: Any) -> dict[str, Any]:
    """What the editing form of a page would send, with some values changed. `body` is a list of (block name, value)."""
    body = changed.pop("body", [])
    html = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    form = querydict_from_html(html, form_id="page-edit-form")
    data: dict[str, Any] = {name: values if len(values) > 1 else values[0] for name, values in form.lists()}
    return {**data, **nested_form_data({"body": streamfield(body)}), **changed}


def snippet_form(client: Client, instance: Any, **changed: Any) -> dict[str, Any]:
    """What the editing form of a snippet would send, with some values changed."""
    html = client.get(snippet_address(instance)).content.decode()
    form = querydict_from_html(html, form_id="w-editor-form") or querydict_from_html(html)
    return {**{name: values[0] for name, values in form.lists()}, **changed}


def snippet_address(instance: Any, view: str = "edit") -> str:
    return reverse(type(instance).snippet_viewset.get_url_name(view), args=[instance.pk])


def page_address(page: Any, view: str = "edit") -> str:
    return reverse(f"wagtailadmin_pages:{view}", args=[page.pk])
