"""Finds the objects that an import speaks of, and makes those that are missing: empty, unpublished, in their place."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from wagtail.models import Locale, Page, Site

from content.interchange.describing import ALIAS, slots_of
from content.interchange.folder import Record
from content.interchange.identity import Identity
from content.interchange.kinds import Kind, kind_of_model
from content.interchange.nodes import Problem
from content.interchange.pictures import Pictures
from content.interchange.references import References
from content.interchange.slots import ReferenceSlot, ValueSlot


class Maker:
    def __init__(self, references: References, pictures: Pictures) -> None:
        self.references, self.pictures = references, pictures

    def kind_below(self, identity: Identity, line: int) -> Kind:
        """The type of a page that names none: what it is already, or the only type its parent allows."""
        pk = self.references.get(Page, identity.name)
        if pk is not None:
            kind = kind_of_model(self._type(pk))
        else:
            parent = self.references.get(Page, identity.parent) if identity.parent else None
            allowed = self._type(parent).creatable_subpage_models() if parent else []
            kind = kind_of_model(allowed[0]) if len(allowed) == 1 else None
        if kind is None:
            raise Problem("Say which type of page this is, as in “type: article”.", line)
        return kind

    def found(self, kind: Kind, identity: Identity, line: int) -> int | None:
        pk = self.references.get(kind.model, identity.name)
        if pk is None and kind.is_image:
            path = self.pictures.path(identity.name, line)
            pk = self.pictures.same(path) if path else None
            if pk is not None:
                self.references.keys[kind.model][identity.name] = pk
        if pk is None or not kind.is_page or self._type(pk) is kind.model:
            return pk
        if identity.parent == "" and self._type(pk) is Page:
            # The welcome page of a fresh installation: ours takes its place.
            return None
        noun = self._type(pk)._meta.verbose_name
        raise Problem(f"“{identity.name}” is there already, but it is of the type “{noun}”.", line)

    def make(self, kind: Kind, identity: Identity, record: Record) -> int:
        is_alias = kind.is_page and ALIAS in record.values
        instance = self._make_alias(kind, identity, record) if is_alias else self._make(kind, identity, record)
        self.references.add(instance, identity.name)
        return int(instance.pk)

    def _make(self, kind: Kind, identity: Identity, record: Record) -> Any:
        instance = kind.model()
        self._fill(kind, identity, record, instance)
        if kind.is_image:
            path = self.pictures.path(identity.name, record.line)
            if path is None:
                raise Problem(f"The file images/{identity.name} is missing.", record.line)
            self.pictures.put(instance, path, record.line)
        elif kind.is_page:
            self._make_page(identity, record, instance)
        else:
            instance.save()
        return instance

    def _fill(self, kind: Kind, identity: Identity, record: Record, instance: Any) -> None:
        """Enough to be saved. What is wrong in it is said when the object gets all its values."""
        if hasattr(instance, "live"):
            instance.live = False
        if kind.is_named_by_file and kind.key:
            setattr(instance, kind.key[0].name, identity.key)
        for slot in slots_of(kind):
            is_needed = isinstance(slot, ReferenceSlot) and not slot.field.null
            if slot.name in record.values and (isinstance(slot, ValueSlot) or is_needed):
                try:
                    slot.load(instance, record.values[slot.name], self.references)
                except Problem:
                    if is_needed:
                        raise
        locale = self._locale(identity, record.line)
        if hasattr(instance, "locale_id") and locale is not None:
            instance.locale = locale
            self._translate(kind, record, instance)

    def _locale(self, identity: Identity, line: int) -> Locale | None:
        code = identity.label.partition("@")[0]
        if not code:
            return None
        locale: Locale | None = Locale.objects.filter(language_code=code).first()
        if locale is None:
            raise Problem(f"The language “{code}” is not set up.", line)
        return locale

    def _translate(self, kind: Kind, record: Record, instance: Any) -> None:
        node = record.values.get("translation_of")
        if node is not None and node.value:
            pk = self.references.find(kind.model, node.text(), node.line)
            instance.translation_key = kind.model._default_manager.values_list("translation_key", flat=True).get(pk=pk)

    # Pages and their tree

    def _type(self, pk: int) -> Any:
        return ContentType.objects.get_for_id(self.references.page_types[pk]).model_class()

    def _make_page(self, identity: Identity, record: Record, page: Any) -> None:
        if not page.title:
            raise Problem("“title” is missing.", record.line)
        page.slug = identity.key
        page.show_in_menus = page.show_in_menus or False
        if identity.parent == "":
            self._make_first(identity, record, page)
            return
        parent = self._parent(type(page), identity, record)
        if not identity.label:
            page.locale = parent.locale
        self._insert(parent, page, record)

    def _make_alias(self, kind: Kind, identity: Identity, record: Record) -> Any:
        """A draft, whatever its original is."""
        node = record.values[ALIAS]
        original = kind.model.objects.get(pk=self.references.find(kind.model, node.text(), node.line))
        locale = self._locale(identity, record.line)
        if identity.parent:
            parent = self._parent(kind.model, identity, record)
            slug = identity.key
        elif locale is not None:
            parent = Page.get_first_root_node()
            slug = record.values["slug"].text() if "slug" in record.values else ""
        else:
            raise Problem("The first page of a site cannot be an alias.", node.line)
        try:
            alias = original.create_alias(
                parent=parent,
                update_slug=slug,
                update_locale=locale or parent.locale,
                reset_translation_key="translation_of" not in record.values,
            )
        except ValidationError as error:
            raise _invalid(error, record) from None
        if alias.live:
            alias.live = False
            alias.save(clean=False)
        if not identity.parent:
            self.references.forget_pages()
        return alias

    def _parent(self, model: Any, identity: Identity, record: Record) -> Page:
        pk = self.references.get(Page, identity.parent)
        if pk is None:
            raise Problem(f"There is no page “{identity.parent}” for this one to lie below.", record.line)
        parent: Page = Page.objects.get(pk=pk)
        if not model.can_create_at(parent):
            noun = model._meta.verbose_name
            raise Problem(f"No page of the type “{noun}” can be made below “{identity.parent}”.", record.line)
        return parent

    def _make_first(self, identity: Identity, record: Record, page: Any) -> None:
        """A site's first page in place of Wagtail's welcome page, or its first page in another language."""
        code, _, host = identity.label.partition("@")
        sites = (
            Site.objects.filter(hostname=host.partition("_")[0]) if host else Site.objects.filter(is_default_site=True)
        )
        site = sites.select_related("root_page").first()
        if site is None:
            raise Problem(f"The site “{host or 'default'}” is not set up.", record.line)
        node = record.values.get("slug")
        page.slug = node.text() if node else ""
        if code:
            page.translation_key = site.root_page.translation_key
        self._insert(Page.get_first_root_node(), page, record)
        if not code:
            welcome = site.root_page
            site.root_page = page
            site.save()
            is_of_another = Site.objects.filter(root_page=welcome).exists()
            if welcome.specific_class is Page and welcome.is_leaf() and not is_of_another:
                welcome.delete()
        self.references.forget_pages()

    def _insert(self, parent: Page, page: Any, record: Record) -> None:
        try:
            parent.add_child(instance=page)
        except ValidationError as error:
            raise _invalid(error, record) from None


def _invalid(error: ValidationError, record: Record) -> Problem:
    lines = [f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()]
    return Problem(" ".join(lines), record.line_of("slug"))
