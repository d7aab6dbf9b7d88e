"""The names by which objects refer to each other in files, and the way from a name to its object and back.

A page is named by its path ("/tools/django/"), a snippet by its slug or key, an image by its file's name, and what is
known by several things by all of them ("/tools/django/ licence"). What lies outside the default language or site is
named after where it lies: "de:python", "@example.org:/tools/".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from wagtail.images import get_image_model
from wagtail.models import Collection, Locale, Page, PageViewRestriction, Site

from content.interchange.kinds import key_fields, kind_of_model
from content.interchange.nodes import Node, Problem

if TYPE_CHECKING:
    from content.interchange.pictures import Pictures


@dataclass(frozen=True)
class Tree:
    """The pages of one site in one language; the label is "" for the default of both, else "de", "@host" or both."""

    label: str
    url_path: str
    locale_id: int

    @property
    def folder(self) -> str:
        locale, at, host = self.label.partition("@")
        return "pages" + (f".{locale}" if locale else "") + at + host


def trees() -> list[Tree]:
    """Every tree there is, the default one first."""
    found = []
    for site in Site.objects.select_related("root_page").order_by("-is_default_site", "hostname", "port"):
        if site.root_page is None:
            continue
        host = "" if site.is_default_site else f"@{site.hostname}" + (f"_{site.port}" if _is_odd(site.port) else "")
        for root in [site.root_page, *site.root_page.get_translations().select_related("locale").order_by("pk")]:
            found.append(Tree(_locale_label(root.locale) + host, root.url_path, root.locale_id))
    return found


def _is_odd(port: int) -> bool:
    return port not in (80, 443)


def _locale_label(locale: Locale) -> str:
    return "" if locale.language_code == settings.LANGUAGE_CODE else str(locale.language_code)


class References:
    """Loads the names of a model's objects when the first one is asked for: one query for each model."""

    def __init__(self, pictures: "Pictures | None" = None) -> None:
        self.pictures = pictures
        self.names: dict[Any, dict[int, str]] = {}
        self.keys: dict[Any, dict[str, int]] = {}
        self.page_types: dict[int, int] = {}
        self.trees = trees()
        self.locales = {locale.pk: _locale_label(locale) for locale in Locale.objects.all()}
        self.alts: dict[int, str] | None = None
        self.used: dict[Any, set[int]] = {}
        """Which objects were named, by model."""

        self.private_paths = list(PageViewRestriction.objects.order_by("pk").values_list("page__path", flat=True))

    # From an object to its name

    def name(self, model: type[models.Model], pk: Any) -> str | None:
        """None for an object that is gone, or a page outside every site."""
        base = _base(model)
        try:
            name = self._load(base).get(int(pk))
        except (TypeError, ValueError):
            return None
        if name is not None:
            self.used.setdefault(base, set()).add(int(pk))
        return name

    def place_of(self, page: Page) -> tuple[Tree, str] | None:
        """The tree of a page and its path in it, "/articles/x/"."""
        return self._place(page.url_path)

    def _place(self, url_path: str) -> tuple[Tree, str] | None:
        fitting = [tree for tree in self.trees if url_path.startswith(tree.url_path)]
        if not fitting:
            return None
        tree = max(fitting, key=lambda each: len(each.url_path))
        return tree, "/" + url_path[len(tree.url_path) :]

    def alt(self, image: str) -> str:
        """The alternative text kept with an image."""
        pk = self.get(get_image_model(), image)
        return self.alts_by_pk().get(pk, "") if pk else ""

    def alts_by_pk(self) -> dict[int, str]:
        if self.alts is None:
            self.alts = dict(get_image_model().objects.values_list("pk", "alt"))
        return self.alts

    def split(self, name: str) -> tuple[str, str]:
        """The language before a name, and the name."""
        label, colon, rest = name.partition(":")
        return (label, rest) if colon and label in self.locales.values() else ("", name)

    def original_of(self, instance: Any) -> str | None:
        """The object in the default language of which this one is a translation."""
        if not self.locales.get(getattr(instance, "locale_id", None) or 0):
            return None
        same = type(instance)._default_manager.filter(translation_key=instance.translation_key)
        pk = same.filter(locale__language_code=settings.LANGUAGE_CODE).values_list("pk", flat=True).first()
        return self.name(type(instance), pk) if pk else None

    def all_names(self, model: type[models.Model]) -> dict[int, str]:
        """By primary key."""
        return self._load(_base(model))

    # From a name to its object

    def get(self, model: type[models.Model], name: str) -> int | None:
        base = _base(model)
        self._load(base)
        pk = self.keys[base].get(name)
        if pk is None and base is Page and not name.endswith("/"):
            pk = self.keys[base].get(f"{name}/")
        return pk

    def find(self, model: type[models.Model], name: str, line: int) -> int:
        """The primary key. Raises Problem if there is no such object, or it is of another type."""
        pk = self.get(model, name)
        noun = model._meta.verbose_name
        if pk is None:
            near = get_close_matches(name, self.keys[_base(model)], 1)
            hint = f" Did you mean “{near[0]}”?" if near else ""
            raise Problem(f"There is no {noun} “{name}”.{hint}", line)
        if issubclass(model, Page) and model is not Page:
            actual = ContentType.objects.get_for_id(self.page_types[pk]).model_class()
            if not (actual and issubclass(actual, model)):
                raise Problem(f"“{name}” is no {noun}.", line)
        return pk

    def find_node(self, model: type[models.Model], node: Node) -> int | None:
        """The primary key of what a value names; None for an empty value."""
        name = node.text()
        if not name:
            return None
        if model is get_image_model() and self.pictures is not None:
            return self.pictures.find(name, node)
        return self.find(model, name, node.line)

    def page_of_link(self, href: str, line: int) -> int | None:
        """The page that a link in a text leads to; None for an address elsewhere.

        Raises Problem for one below a page that has none of this name. Where no page has the first part of the path
        ("/search"), something else of the front end is meant.
        """
        label, colon, path = href.partition(":/")
        if not colon:
            label, path = "", href[1:] if href.startswith("/") and not href.startswith("//") else ""
            if not path and href != "/":
                return None
        elif label not in {tree.label for tree in self.trees}:
            return None
        prefix = f"{label}:" if label else ""
        pk = self.get(Page, f"{prefix}/{path}")
        section = f"{prefix}/{path.partition('/')[0]}/"
        if pk is None and "?" not in path and "#" not in path and self.get(Page, section) is not None:
            return self.find(Page, f"{prefix}/{path}", line)
        return pk

    def add(self, instance: Any, name: str) -> None:
        """Take in an object that has just been made."""
        base = _base(type(instance))
        self._load(base)[instance.pk] = name
        self.keys[base][name] = instance.pk
        if base is Page:
            self.page_types[instance.pk] = ContentType.objects.get_for_model(type(instance)).pk

    def forget_pages(self) -> None:
        """A site got another first page: every path may differ."""
        Site.clear_site_root_paths_cache()
        self.trees = trees()
        self.names.pop(Page, None)

    # Loading

    def _load(self, base: type[models.Model]) -> dict[int, str]:
        if base not in self.names:
            self.names[base] = dict(self._named(base))
            self.keys[base] = {}
            for pk, name in self.names[base].items():
                self.keys[base].setdefault(name, pk)
        return self.names[base]

    def _named(self, base: Any) -> Iterator[tuple[int, str]]:
        if base is Page:
            for pk, url_path, type_id in Page.objects.order_by("pk").values_list("pk", "url_path", "content_type"):
                place = self._place(url_path)
                if place is not None:
                    self.page_types[pk] = type_id
                    yield pk, prefixed(place[0].label, place[1])
        elif base is get_image_model():
            for pk, file in base.objects.order_by("pk").values_list("pk", "file"):
                yield pk, PurePosixPath(file).name
        elif base is Collection:
            yield from _collections()
        elif base is Site:
            for site in base.objects.order_by("pk"):
                yield site.pk, site.hostname if not _is_odd(site.port) else f"{site.hostname}_{site.port}"
        elif base is Locale:
            yield from base.objects.order_by("pk").values_list("pk", "language_code")
        elif kind_of_model(base) is not None:
            yield from self._by_key(base)

    def _by_key(self, base: Any) -> Iterator[tuple[int, str]]:
        fields = key_fields(base)
        has_locale = any(field.name == "locale" for field in base._meta.concrete_fields)
        columns = [*(field.attname for field in fields), *(["locale_id"] if has_locale else [])]
        for pk, *values in base._default_manager.order_by("pk").values_list("pk", *columns).iterator():
            parts = [self._part(field, value) for field, value in zip(fields, values, strict=False)]
            if None not in parts:
                label = self.locales.get(values[-1], "") if has_locale else ""
                yield pk, prefixed(label, joined(parts))

    def _part(self, field: Any, value: Any) -> str | None:
        return self.name(field.related_model, value) if field.is_relation else str(value)


def prefixed(label: str, name: str) -> str:
    return f"{label}:{name}" if label else name


def joined(parts: list[Any]) -> str:
    return " ".join(parts).rstrip()


def _base(model: type[models.Model]) -> Any:
    return Page if issubclass(model, Page) else model


def _collections() -> Iterator[tuple[int, str]]:
    """Named by the way to them from the root, which itself is named ""."""
    names: list[str] = []
    for collection in Collection.objects.order_by("path"):
        names = [*names[: collection.depth - 1], collection.name]
        yield collection.pk, " / ".join(names[1:])
