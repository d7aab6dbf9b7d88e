"""System checks: what editors can write has a public form, and the forms fit together."""

from collections.abc import Collection, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, connection
from wagtail.blocks import Block, ListBlock, StreamBlock
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.snippets.models import get_snippet_models

from api import purging
from api.documents import registry
from api.documents.models import Document
from api.documents.publishing import is_outdated
from api.schema import schema
from api.trusted import releases
from api.trusted.models import TrustedDocument


@register
def every_content_has_a_type(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """A page type, snippet or block without a GraphQL class would be published as nothing at all."""
    found: list[CheckMessage] = []
    for model in get_snippet_models():
        # One that is shown inside others (a fact, a source) is a part of the same name.
        if model not in registry.sources and model.__name__ not in registry.declared:
            hint = (
                f"Add a class with @document({model.__name__}) to a module in api/types/, "
                f"or a @part named {model.__name__} if it is shown inside another object only."
            )
            found.append(Error(f"{model.__name__} has no GraphQL type.", hint=hint, obj=model, id="api.E004"))
    used: dict[type, Block] = {}
    for model in apps.get_app_config("content").get_models():
        if issubclass(model, Page) and model not in registry.sources:
            hint = f"Add a class with @document({model.__name__}) to a module in api/types/."
            found.append(Error(f"{model.__name__} has no GraphQL type.", hint=hint, obj=model, id="api.E001"))
        for each in model._meta.get_fields():
            if isinstance(each, StreamField):
                used |= {type(block): block for block in _members(each.stream_block)}
    for block_class in used:
        if block_class not in registry.blocks:
            hint = f"Add a class with @block(blocks.{block_class.__name__}) to api/blocks.py."
            found.append(
                Error(f"{block_class.__name__} has no GraphQL type.", hint=hint, obj=block_class, id="api.E002")
            )
    return found


def _members(block: Block) -> Iterator[Block]:
    """The blocks of every stream inside a block, however deep; rows of lists and structs are parts of theirs."""
    if isinstance(block, StreamBlock):
        yield from block.child_blocks.values()
    inner = [block.child_block] if isinstance(block, ListBlock) else getattr(block, "child_blocks", {}).values()
    for each in inner:
        yield from _members(each)


@register
def blocks_agree_on_their_fields(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """GraphQL refuses a query that selects one field name with two types on two blocks of one list."""
    found: list[CheckMessage] = []
    first: dict[str, tuple[str, str]] = {}
    for name, kind in schema._schema.type_map.items():
        if not any(interface.name == "Block" for interface in getattr(kind, "interfaces", ())):
            continue
        for field_name, field in kind.fields.items():  # type: ignore[attr-defined]
            other, kind_there = first.setdefault(field_name, (name, str(field.type)))
            if kind_there != str(field.type):
                message = f"`{field_name}` is {field.type} on {name} and {kind_there} on {other}."
                found.append(Error(message, hint="Give one of them another name.", obj=name, id="api.E003"))
    return found


@register
def caches_can_be_told(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """A cache that is not told keeps what is not public any more."""
    found: list[CheckMessage] = []
    for name in ("RESPONSE_CACHE_MB", "SHARED_CACHE_SECONDS"):
        if getattr(settings, name) < 0:
            found.append(Error(f"{name} is less than 0.", hint="0 switches it off.", id="api.E005"))
    if not settings.PURGE_BACKEND:
        return found
    try:
        purging.backend()
    except ImportError:
        hint = f"Take {' or '.join(purging.BACKENDS)}, or the path of a class like those in api/purging.py."
        found.append(Error(f"There is no PURGE_BACKEND {settings.PURGE_BACKEND}.", hint=hint, id="api.E006"))
    for name, hint in (
        ("PURGE_URLS", "List the addresses of the caches to be told, separated by commas."),
        ("CACHE_TAG_HEADER", "Caches find answers by their tags: name the header that yours reads (docs/caching.md)."),
    ):
        if not getattr(settings, name):
            found.append(Error(f"PURGE_BACKEND needs {name}.", hint=hint, id="api.E007"))
    return found


@register(Tags.database)
def documents_are_of_the_declared_types(
    app_configs: Any, databases: Collection[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Asks the database, so only when it may: `check --database default`, and `migrate` by itself."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    if Document._meta.db_table not in connection.introspection.table_names() or not is_outdated():
        return []
    hint = "Run `manage.py migrate` if it has to be, then `manage.py rebuild_documents`: editors may publish meanwhile."
    return [Warning("What is public has changed since documents were built.", hint=hint, id="api.W001")]


@register(Tags.database)
def trusted_documents_are_answered(
    app_configs: Any, databases: Collection[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """A front end that is in use would get errors for them."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    if TrustedDocument._meta.db_table not in connection.introspection.table_names():
        return []
    hint = "Bring the field back as deprecated, or publish a front end without it and retire the releases before."
    return [
        Warning(f"A trusted document is not answered any more: {each}", hint=hint, id="api.W002")
        for each in releases.invalid()
    ]
