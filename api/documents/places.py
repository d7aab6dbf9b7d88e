"""Where the pages of a whole section are in public, computed by the database.

It says of every page what `build.World` says of one; `verify_documents` holds the two against each other.
"""

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import BooleanField, Case, CharField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat, Left, Substr
from django.db.models.lookups import Exact
from wagtail.models import Page

from api.documents import registry
from api.documents.build import World
from content.sites import SiteRoot


def places_of(pages: QuerySet[Page], world: World) -> QuerySet[Page, dict[str, Any]]:
    """For each page its `key`, whether it is `public`, and its `host`, `language` and `front_path`."""
    models = [model for model in registry.sources if issubclass(model, Page)]
    types = ContentType.objects.get_for_models(*models, for_concrete_models=False).values()
    host = _by_root(world, lambda root: Value(root.host))
    is_public = Q(live=True, content_type__in=[each.pk for each in types]) & ~Q(host="")
    if world.restricted_paths:
        is_public &= ~reduce(or_, (Q(path__startswith=path) for path in world.restricted_paths))
    return (
        pages.order_by()
        .annotate(
            key=Concat(Value("page:"), Cast("pk", CharField())),
            host=host,
            language=_by_root(world, lambda root: Value(root.locale)),
            front_path=_by_root(world, _front_path),
        )
        .annotate(public=Case(When(is_public, then=True), default=False, output_field=BooleanField()))
        .values("key", "public", "host", "language", "front_path")
    )


def _front_path(root: SiteRoot) -> Any:
    return Concat(Value(root.path_of(root.url_path)), Substr("url_path", len(root.url_path) + 1))


def _by_root(world: World, value: Callable[[SiteRoot], Any]) -> Case:
    """A value that depends on the innermost site a page is in; empty outside every site.

    Prefixes are compared by length, since SQLite's LIKE does not tell upper from lower case.
    """
    inside = [
        When(Exact(Left("url_path", len(root.url_path)), Value(root.url_path)), then=value(root))
        for root in sorted(world.roots, key=lambda root: len(root.url_path), reverse=True)
    ]
    return Case(*inside, default=Value(""), output_field=CharField())
