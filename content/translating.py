"""What a copy made for translation refers to: the translations of what its original refers to."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from modelcluster.fields import ParentalKey
from modelcluster.models import get_all_child_relations
from wagtail.models import DraftStateMixin, Page, TranslatableMixin
from wagtail.signals import copy_for_translation_done


def connect() -> None:
    """Listen to copies. Called once, when the application is ready."""
    copy_for_translation_done.connect(_after_copy, dispatch_uid="content.translating")


def _after_copy(sender: Any, target_obj: Any, **_: Any) -> None:
    """A snippet's copy is not saved yet; a page's has a first revision already, which is replaced."""
    if isinstance(target_obj, Page):
        page = target_obj.specific
        if not page.alias_of_id and translate_references(page):
            page.save()
            page.save_revision()
    else:
        if isinstance(target_obj, DraftStateMixin):
            _make_draft(target_obj)
        translate_references(target_obj)


def _make_draft(snippet: Any) -> None:
    """Wagtail copies that the original is published; the copy is a text that still is in the other language."""
    snippet.live, snippet.has_unpublished_changes = False, True
    snippet.first_published_at = snippet.last_published_at = snippet.live_revision = None
    snippet.go_live_at = snippet.expire_at = None
    snippet.expired = False
    snippet.locked, snippet.locked_at, snippet.locked_by = False, None, None


def translate_references(instance: Any) -> bool:
    """Let an object and the rows inside it refer to what is in its own language; say whether anything changed.

    A page without a translation stays as it is, a snippet without one is left off. One query for each list and each
    reference.
    """
    locale, changed = instance.locale_id, False
    for each in instance._meta.get_fields():
        if each.many_to_many and each.concrete and issubclass(each.related_model, TranslatableMixin):
            old = list(getattr(instance, each.name).all())
            new = list(_translated(old, locale))
            if new != old:
                setattr(instance, each.name, new)
                changed = True
    for relation in get_all_child_relations(instance):
        name = relation.get_accessor_name()
        rows = list(getattr(instance, name).all())
        kept = [row for row in rows if not _lacks_translation(row, locale)]
        translated = [_translate_keys(row, locale) for row in kept]
        if any(translated) or len(kept) < len(rows):
            setattr(instance, name, kept)
            changed = True
    return _translate_keys(instance, locale) or changed


def _references(holder: Any) -> list["models.ForeignKey[Any, Any]"]:
    """What it refers to that may be translated: not what it belongs to, nor what it is an alias of."""
    return [
        each
        for each in holder._meta.concrete_fields
        if isinstance(each, models.ForeignKey)
        and issubclass(each.related_model, TranslatableMixin)
        and not (isinstance(each, ParentalKey) or each.remote_field.parent_link or each.name == "alias_of")
    ]


def _lacks_translation(row: Any, locale: int) -> bool:
    """Whether a row cannot be without a snippet that is not written in this language."""
    needed = [each for each in _references(row) if not each.null and not issubclass(each.related_model, Page)]
    targets = [target for each in needed if (target := getattr(row, each.name)) is not None]
    return any(next(_translated([target], locale), None) is None for target in targets)


def _translate_keys(holder: Any, locale: int) -> bool:
    changed = False
    for each in _references(holder):
        old = getattr(holder, each.name)
        new = next(_translated([old], locale), None) if old is not None else None
        if new != old and (new is not None or each.null):
            setattr(holder, each.name, new)
            changed = True
    return changed


def _translated(targets: list[Any], locale: int) -> Iterator[Any]:
    if not targets:
        return
    model = type(targets[0]).get_translation_model()
    keys = [target.translation_key for target in targets]
    found = {each.translation_key: each for each in model.objects.filter(translation_key__in=keys, locale=locale)}
    for target in targets:
        translation = found.get(target.translation_key)
        if translation is not None:
            yield translation.specific if isinstance(target, Page) else translation
        elif isinstance(target, Page):
            yield target
