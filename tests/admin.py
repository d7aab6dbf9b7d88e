"""The admin's forms as a browser would send them back, and its screens."""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import get_resolver, reverse
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, Locale, Page, Site, Task, Workflow
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, streamfield


def page_form(client: Client, page: Any, **changed: Any) -> dict[str, Any]:
    """What the editing form of a page would send, with some values changed. `body` is a list of (block name, value)."""
    body = changed.pop("body", [])
    data = values_of(client, reverse("wagtailadmin_pages:edit", args=[page.pk]))
    return {**data, **nested_form_data({"body": streamfield(body)}), **changed}


def snippet_form(client: Client, instance: Any, **changed: Any) -> dict[str, Any]:
    """What the editing form of a snippet would send, with some values changed."""
    return {**values_of(client, snippet_address(instance)), **changed}


def values_of(client: Client, address: str) -> dict[str, Any]:
    """What the editing form at this address would send, unchanged."""
    html = client.get(address).content.decode()
    name = next((each for each in ("page-edit-form", "w-editor-form") if f'id="{each}"' in html), None)
    form = querydict_from_html(html, form_id=name)
    return {name: values if len(values) > 1 else values[0] for name, values in form.lists()}


def snippet_address(instance: Any, view: str = "edit") -> str:
    return reverse(type(instance).snippet_viewset.get_url_name(view), args=[instance.pk])


def page_address(page: Any, view: str = "edit") -> str:
    return reverse(f"wagtailadmin_pages:{view}", args=[page.pk])


# Every screen ---------------------------------------------------------------------------------------------------------

OF_PAGES = ("wagtailadmin_pages", "wagtailadmin_explore", "wagtailadmin_choose_page", "simple_translation:submit_page")
UNSEEN = re.compile(
    # What is no screen, or is the inner part of one that is here as well.
    "_api|test|logout|login|password|sprite|catalog|preview|view_draft|_results|ping|release|dismissible|chosen_multiple|:choose$|:copy$"
)
SEARCHED = ("index", "list", "search", "explore", "choose_results", "choose_page_search", "wagtailadmin_home")

# What is in the names of generated objects, where it is not the name of their kind.
WORDS = {
    "pages": "reasons",
    "explore": "reasons",
    "choose_page": "reasons",
    "content_attribute": "handles",
    "content_source": "manual",
    "content_fact": "a",
    "content_usecase": "use",
    "images": "image",
    "docs": "document",
    "users": "user",
    "groups": "group",
}


def screens() -> Iterator[tuple[str, str]]:
    """Every address of the admin that can be opened: name and address. What takes an object gets the first of its kind,
    and what can be searched is there a second time, with a search.
    """
    for name, path in _patterns(get_resolver().url_patterns):
        if not path.startswith("admin/") or (UNSEEN.search(name) and not name.endswith("choose_results")):
            continue
        for label, arguments in _arguments(name, path):
            address = reverse(name, args=arguments)
            yield f"{name} {label}".rstrip(), address
            if name.endswith(SEARCHED):
                word = next((word for key, word in WORDS.items() if key in name), name.split("_")[-1].partition(":")[0])
                yield f"{name} {label} search".replace("  ", " "), f"{address}?q={word}"


def _patterns(patterns: Any, path: str = "", spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    for each in patterns:
        if hasattr(each, "url_patterns"):
            inner = (*spaces, each.namespace) if each.namespace else spaces
            yield from _patterns(each.url_patterns, path + str(each.pattern), inner)
        elif each.name:
            yield ":".join((*spaces, each.name)), path + str(each.pattern)


def _arguments(name: str, path: str) -> Iterator[tuple[str, list[Any]]]:
    count = path.count("<")
    if not count:
        yield "", []
    elif count == 1:
        for instance in _instances(name):
            yield instance._meta.model_name, [instance.pk]


def _instances(name: str) -> list[Any]:
    """The objects that the screens of this name are about."""
    space, _, own = name.partition(":")
    if name.startswith(OF_PAGES):
        is_tree = "explore" in name or "choose" in name or "add_subpage" in name
        models = [each for each in apps.get_models() if issubclass(each, Page) and each is not Page]
        pages = [each.objects.order_by("pk").first() for each in models]
        return [each for each in pages if each and bool(each.numchild) == is_tree]
    model = _model(space, own)
    return [model._default_manager.order_by("pk").first()] if model else []


def _model(space: str, own: str) -> Any:
    snippet = re.fullmatch("wagtailsnippet(?:s|choosers)_content_(.*)", space)
    if snippet:
        return apps.get_model("content", snippet[1])
    return {
        "wagtailadmin_collections": Collection,
        "wagtailadmin_workflows": Task if "task" in own else Workflow,
        "wagtaildocs": get_document_model(),
        "wagtaildocs_chooser": get_document_model(),
        "wagtailimages": get_image_model(),
        "wagtailimages_chooser": get_image_model(),
        "wagtaillocales": Locale,
        "wagtailredirects": Redirect,
        "wagtailsites": Site,
        "wagtailusers_groups": Group,
        "wagtailusers_users": get_user_model(),
        "api_delivery": apps.get_model("api", "delivery"),
        "api_webhook_connect": apps.get_model("api", "webhook"),
        "webhooks": apps.get_model("api", "webhook"),
        "content_verify_fact": apps.get_model("content", "fact"),
        "content_facts_grid": apps.get_model("content", "toolpage"),
    }.get(space)
