"""Building the public form of objects from the database: what is public, on which site, at which path.

Always from fresh rows, never from an instance a signal hands over: saving the draft of a live page sends `post_save`
with the draft's values and `live=True`.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db import models
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, TranslatableMixin

from api.documents import codecs, contract, registry
from api.search.words import fold
from content.files import restricted_collections
from content.sites import SiteRoot, root_of, site_roots

NEVER = datetime.fromtimestamp(0, tz=UTC)
"""When a page was last published that was put live by hand, without ever being published; a fixed moment, so that
builds agree.
"""

PLACE = ("site", "locale", "path")
"""The columns that say where a document is. Only they follow a page's section (`api.documents.sections`)."""


@dataclass(frozen=True)
class Built:
    """The public form of one object, ready to be stored as a version."""

    key: str
    type: str
    columns: dict[str, Any]
    groups: dict[str, dict[str, Any]]
    targets: dict[str, list[str]]

    @cached_property
    def digest(self) -> str:
        """Equal for equal public values, the place aside, whatever the order in which they were found."""
        columns = {name: value for name, value in self.columns.items() if name not in PLACE}
        values = [self.type, columns, self.groups, self.targets]
        return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


@dataclass
class World:
    """What decides about all pages and images alike; read once per build, 5 queries at most."""

    now: datetime = field(default_factory=timezone.now)

    @cached_property
    def roots(self) -> list[SiteRoot]:
        return site_roots()

    @cached_property
    def restricted_paths(self) -> list[str]:
        return list(PageViewRestriction.objects.values_list("page__path", flat=True))

    @cached_property
    def restricted_collections(self) -> set[int]:
        return restricted_collections()

    def place_of(self, page: Page) -> tuple[SiteRoot, str] | None:
        """The site and the path at which the front end shows a page; None for a page outside every site."""
        root = root_of(page.url_path, self.roots)
        return (root, root.path_of(page.url_path)) if root else None

    def is_public(self, source: models.Model) -> bool:
        """Whether anybody may see the object, its expiry aside: that is asked when it is read."""
        if getattr(source, "live", True) is False:
            return False
        if isinstance(source, Page):
            return self.place_of(source) is not None and not any(
                source.path.startswith(path) for path in self.restricted_paths
            )
        return getattr(source, "collection_id", None) not in self.restricted_collections


def build(keys: Iterable[str]) -> tuple[dict[str, Built | None], set[str]]:
    """The public form of each key, None for what is not public; and the keys whose object does not exist any more.

    Kinds that have no document are left out of both, but one that lies inside others is told when it is gone.
    """
    world = World()
    wanted: dict[str, set[str]] = {}
    for key in keys:
        kind, _, pk = key.partition(":")
        wanted.setdefault(kind, set()).add(pk)
    built: dict[str, Built | None] = {}
    gone: set[str] = set()
    for kind, models_ in contract.kinds().items():
        pks = wanted.get(kind, set())
        if not pks:
            continue
        found = {str(source.pk): source for source in _load(models_, pks)}
        for pk in pks:
            key, source = f"{kind}:{pk}", found.get(pk)
            if source is None:
                gone.add(key)
            is_public = source is not None and type(source) in registry.sources and world.is_public(source)
            built[key] = build_instance(source, key, world) if source is not None and is_public else None
    for kind, place in registry.inside.items():
        pks = wanted.get(kind, set())
        left = {str(pk) for pk in place.model._default_manager.filter(pk__in=pks).values_list("pk", flat=True)}
        gone |= {f"{kind}:{pk}" for pk in pks - left}
    return built, gone


def _load(models_: list[type[models.Model]], pks: set[str]) -> list[models.Model]:
    if issubclass(models_[0], Page):
        return list(Page.objects.filter(pk__in=pks).select_related("locale").specific())
    found: list[models.Model] = []
    for model in models_:
        rows = model._default_manager.filter(pk__in=pks).prefetch_related(*registry.prefetched.get(model, ()))
        found += rows.select_related("locale") if issubclass(model, TranslatableMixin) else rows
    return found


def build_instance(source: models.Model, key: str, world: World) -> Built:
    """The public form of this very instance, saved or not; whether it is public is not asked."""
    cls = registry.sources[type(source)]
    dump = codecs.Dump()
    groups = codecs.dump_fields(cls, source, dump)
    title = str(getattr(source, "title", None) or getattr(source, "name", None) or source)[:255]
    columns: dict[str, Any] = {
        "site": "",
        "locale": "",
        "path": "",
        "slug": getattr(source, "slug", "") or "",
        "title": title,
        "sort_title": sort_title(title),
        "published_at": getattr(source, "first_published_at", None),
        "updated_at": getattr(source, "last_published_at", None),
        "expires_at": getattr(source, "expire_at", None),
    }
    if isinstance(source, Page):
        place = world.place_of(source)
        if place:
            root, path = place
            columns |= {"site": root.host, "locale": root.locale, "path": path}
        columns["updated_at"] = (
            source.last_published_at or source.first_published_at or source.latest_revision_created_at or NEVER
        )
    elif isinstance(source, TranslatableMixin):
        locale = source.locale if source.locale_id else source.get_default_locale()
        columns["locale"] = locale.language_code
    if hasattr(cls, "columns"):
        columns |= cls.columns(source)
    return Built(key, cls.__name__, columns, groups, dump.targets)


def sort_title(title: str) -> str:
    """What a title is ordered by, the same on every database: without upper case, accents and leading punctuation."""
    return fold(title).lstrip(" \"'“‘«(")[:255]


def sites() -> list[dict[str, Any]]:
    """What every request needs to know of the sites, the default one first."""
    result: dict[int, dict[str, Any]] = {}
    for root in site_roots():
        known = {"id": root.site, "host": root.host, "url": root.address, "locale": root.locale, "locales": []}
        result.setdefault(root.site, known)["locales"].append(root.locale)
    return list(result.values())
