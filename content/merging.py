"""Making one object out of two that mean the same: what refers to the one that goes then refers to the other.

That is rows of the database, choices inside streams of blocks, and both in every revision, so that no older draft
brings the merged object back.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from modelcluster.fields import ParentalKey
from wagtail import blocks
from wagtail.contrib.redirects.models import Redirect
from wagtail.fields import StreamField
from wagtail.log_actions import log
from wagtail.models import Revision

from content.changes import changes, touch, touched_by
from content.models.fact import Source
from content.models.person import Person
from content.models.topic import Topic
from content.sites import site_roots

ADDRESSES: dict[type[models.Model], str] = {model: f"/{model.section}/{{}}/" for model in (Topic, Person)}
"""Where the front end shows an object of these models, by its slug."""

MERGEABLE: tuple[type[models.Model], ...] = (Topic, Person, Source)

BATCH = 200


@dataclass
class Merged:
    """What was changed: rows by the plural name of their model, and revisions."""

    rows: dict[str, int] = field(default_factory=dict)
    revisions: int = 0


def check(kept: models.Model, gone: models.Model) -> None:
    """Raise ValidationError, in the editor's words, when these two cannot become one."""
    if type(kept) is not type(gone) or not isinstance(kept, MERGEABLE):
        raise ValidationError("Only two of the same kind can be merged.")
    if kept.pk == gone.pk:
        raise ValidationError("Choose another one: nothing can be merged with itself.")
    if getattr(kept, "locale_id", None) != getattr(gone, "locale_id", None):
        raise ValidationError("These two are in different languages. Choose one of the same language.")
    if getattr(gone, "live", False) and not getattr(kept, "live", False):
        raise ValidationError(f"“{kept}” is not published: readers would lose “{gone}”. Publish it first.")
    for each in (kept, gone):
        if getattr(each, "locked", False):
            raise ValidationError(f"“{each}” is locked. Unlock it first.")


def merge(kept: Any, gone: Any, *, user: Any = None) -> Merged:
    """Let `kept` take the place of `gone` everywhere and delete `gone`, in one transaction.

    Where both stood in one list, `kept` remains once. The address of `gone` then leads to that of `kept`. Raises
    ValidationError as `check` does. Reads every revision of the models that can refer to it, in batches.
    """
    check(kept, gone)
    merged = Merged()
    with changes():
        # What refers to a deleted object is published anew by itself; a source is none, so its tools are named here.
        touch(touched_by(gone))
        model = type(kept)
        for relation in _relations(model):
            count = _move_rows(relation, kept.pk, gone.pk)
            if count:
                name = str(relation.model._meta.verbose_name_plural)
                merged.rows[name] = merged.rows.get(name, 0) + count
        for other, stream in _streams():
            _move_choices(other, stream, model, kept.pk, gone.pk)
        for other in _referring_models(model):
            merged.revisions += _rewrite_revisions(other, model, kept.pk, gone.pk)
        _redirect(kept, gone)
        log(instance=kept, action="content.merge", user=user, data={"merged": str(gone), "pk": gone.pk})
        gone.delete()
    return merged


# Rows of the database -------------------------------------------------------------------------------------------------


def _relations(model: type[models.Model]) -> list[Any]:
    """Every foreign key of ours to the model, those inside the tables of many-to-many relations included.

    Rows that are parts of the object itself, as the links of a person, are none: they go with it.
    """
    found = []
    for relation in model._meta.get_fields(include_hidden=True):
        is_reverse = relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)
        if not is_reverse or isinstance(relation.field, ParentalKey):  # type: ignore[union-attr]
            continue
        if relation.related_model._meta.app_label == "content":  # type: ignore[union-attr]
            found.append(relation.field)  # type: ignore[union-attr]
    return found


def _move_rows(relation: Any, kept: int, gone: int) -> int:
    """Point the rows at `kept`. A row that would then say the same as another one is deleted."""
    rows = relation.model._default_manager.filter(**{relation.attname: gone})
    others = [each.attname for each in relation.model._meta.concrete_fields if each.attname not in _SELF_EVIDENT]
    others.remove(relation.attname)
    count = 0
    for row in list(rows):
        values = {name: getattr(row, name) for name in others}
        twin = relation.model._default_manager.filter(**{relation.attname: kept}, **values)
        if _is_list_row(relation.model) and twin.exists():
            relation.model._default_manager.filter(pk=row.pk).delete()
        else:
            # Not through save(): verifications refuse to be changed, and what they confirm stays the same.
            relation.model._default_manager.filter(pk=row.pk).update(**{relation.attname: kept})
        count += 1
    return count


_SELF_EVIDENT = {"id", "sort_order", "uuid", "translation_key"}


def _is_list_row(model: type[models.Model]) -> bool:
    """Whether a row is nothing but a member of a list inside another object."""
    return bool(model._meta.auto_created) or any(each.name == "sort_order" for each in model._meta.concrete_fields)


# Choices inside streams of blocks -------------------------------------------------------------------------------------


def _streams() -> Iterator[tuple[type[models.Model], StreamField]]:
    from django.apps import apps

    for model in apps.get_app_config("content").get_models():
        for each in model._meta.concrete_fields:
            if isinstance(each, StreamField):
                yield model, each


def _move_choices(owner: Any, stream: StreamField, model: type[models.Model], kept: int, gone: int) -> None:
    """Rewrite the published and the unpublished rows whose stream chose `gone`."""
    if not _can_choose(stream.stream_block, model):
        return
    for row in owner._default_manager.only("pk", stream.name).iterator(chunk_size=BATCH):
        raw = list(getattr(row, stream.name).raw_data)
        if _replace(stream.stream_block, raw, model, kept, gone):
            owner._default_manager.filter(pk=row.pk).update(**{stream.name: json.dumps(raw)})


def _can_choose(block: blocks.Block, model: type[models.Model]) -> bool:
    if isinstance(block, blocks.FieldBlock):
        return getattr(block, "target_model", None) is model
    if isinstance(block, blocks.ListBlock):
        return _can_choose(block.child_block, model)
    return any(_can_choose(child, model) for child in getattr(block, "child_blocks", {}).values())


def _replace(block: blocks.Block, raw: Any, model: type[models.Model], kept: int, gone: int) -> bool:
    """Replace the choice in place, in the stored form of a block's value; say whether there was one."""
    changed = False
    if isinstance(block, blocks.StreamBlock):
        for child in raw or []:
            inner = block.child_blocks.get(child["type"])
            if inner is not None:
                changed |= _replace_in(child, "value", inner, model, kept, gone)
    elif isinstance(block, blocks.ListBlock):
        for position, child in enumerate(raw or []):
            # Lists are stored with ids, or as bare values by older versions.
            holder, key = (child, "value") if _has_id(child) else (raw, position)
            changed |= _replace_in(holder, key, block.child_block, model, kept, gone)
    elif isinstance(block, blocks.StructBlock):
        for name, inner in block.child_blocks.items():
            if name in (raw or {}):
                changed |= _replace_in(raw, name, inner, model, kept, gone)
    return changed


def _has_id(child: Any) -> bool:
    return isinstance(child, dict) and child.get("type") == "item" and "value" in child


def _replace_in(holder: Any, key: Any, block: blocks.Block, model: type[models.Model], kept: int, gone: int) -> bool:
    if getattr(block, "target_model", None) is model and isinstance(block, blocks.FieldBlock):
        if holder[key] != gone:
            return False
        holder[key] = kept
        return True
    return _replace(block, holder[key], model, kept, gone)


# Revisions ------------------------------------------------------------------------------------------------------------


def _referring_models(model: type[models.Model]) -> set[Any]:
    """The models whose revisions may hold a reference: of their own, of a row inside them, or in a stream."""
    found: set[Any] = set()
    for relation in _relations(model):
        owner = relation.model
        if owner._meta.auto_created:
            ends = [each.related_model for each in owner._meta.concrete_fields if each.is_relation]
            found |= {end for end in ends if end is not model}
            continue
        parents = [each.related_model for each in owner._meta.concrete_fields if type(each).__name__ == "ParentalKey"]
        found |= set(parents) or {owner}
    return found | {owner for owner, stream in _streams() if _can_choose(stream.stream_block, model)}


def _rewrite_revisions(owner: Any, model: type[models.Model], kept: int, gone: int) -> int:
    content_type = ContentType.objects.get_for_model(owner, for_concrete_model=False)
    count = 0
    changed: list[Revision] = []
    for revision in Revision.objects.filter(content_type=content_type).order_by("pk").iterator(chunk_size=BATCH):
        if _rewrite(owner, revision.content, model, kept, gone):
            changed.append(revision)
            count += 1
        if len(changed) == BATCH:
            Revision.objects.bulk_update(changed, ["content"])
            changed = []
    Revision.objects.bulk_update(changed, ["content"])
    return count


def _rewrite(owner: Any, content: dict[str, Any], model: type[models.Model], kept: int, gone: int) -> bool:
    """Rewrite the stored form of one object, the rows inside it included; say whether anything was there."""
    found = False
    for each in owner._meta.get_fields():
        if each.name not in content:
            continue
        value = content[each.name]
        if isinstance(each, StreamField):
            raw = json.loads(value) if isinstance(value, str) else value
            if _replace(each.stream_block, raw, model, kept, gone):
                content[each.name] = json.dumps(raw) if isinstance(value, str) else raw
                found = True
        elif each.many_to_many and each.related_model is model and gone in value:
            content[each.name] = list(dict.fromkeys(kept if pk == gone else pk for pk in value))
            found = True
        elif each.concrete and each.is_relation and each.related_model is model and value == gone:
            content[each.name] = kept
            found = True
        elif each.one_to_many and isinstance(value, list):
            rows = [_rewrite(each.related_model, row, model, kept, gone) for row in value]
            if any(rows):
                content[each.name] = _without_twins(value)
                found = True
    return found


def _without_twins(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without those that say the same as one above them."""
    kept: dict[str, dict[str, Any]] = {}
    for row in rows:
        values = {name: value for name, value in row.items() if name not in {*_SELF_EVIDENT, "pk"}}
        kept.setdefault(json.dumps(values, sort_keys=True, default=str), row)
    return list(kept.values())


# Addresses ------------------------------------------------------------------------------------------------------------


def _redirect(kept: Any, gone: Any) -> None:
    pattern = ADDRESSES.get(type(kept))
    if pattern is None or not gone.first_published_at:
        return
    for prefix in _prefixes(kept):
        _lead(prefix + pattern.format(gone.slug), prefix + pattern.format(kept.slug))


def _prefixes(instance: Any) -> set[str]:
    """What stands in front of its address on the sites that show it: nothing, or the code of its language."""
    locale = getattr(instance, "locale", None)
    roots = [root for root in site_roots() if locale is None or root.locale == locale.language_code]
    return {root.prefix for root in roots} or {""}


def _lead(old: str, new: str) -> None:
    # What was merged into the one that stays, or was once merged away from its address, must not lead in a circle.
    for redirect in Redirect.objects.filter(old_path=Redirect.normalise_path(new), site=None):
        redirect.delete()
    for redirect in Redirect.objects.filter(redirect_link=old):
        redirect.redirect_link = new
        redirect.save()
    Redirect.objects.update_or_create(
        old_path=Redirect.normalise_path(old), site=None, defaults={"redirect_link": new, "is_permanent": True}
    )
