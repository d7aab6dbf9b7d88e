"""Which files are private, and keeping them where they belong: those of restricted collections where nothing serves
them.

There is one rule and no list of ways into privacy: at the end of every change, what was touched and does not lie where
its collection says is put there, under a new name. `sweep_files` does the same for what was changed behind our back,
and deletes what a killed process left.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any

from django.core.files.storage import default_storage, storages
from django.db import connection
from django.db.models import Q
from django.db.models.signals import post_delete, pre_save
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, CollectionViewRestriction, UploadedFile

from content import changes, jobs, storage
from content.models.discarded import DiscardedFile
from content.storage import RELEASED, RESTRICTED, MediaStorage

logger = logging.getLogger(__name__)

BATCH = 500
ORPHANED_AFTER = timedelta(hours=1)
"""No upload and no change takes that long: a file that no row names until then was left by a killed process."""


Folders = defaultdict[Any, str]
"""By the primary key of an image or document."""


def restricted_collections() -> set[int]:
    """Primary keys of the collections that are restricted, or lie below one that is. One query, or two."""
    paths = tuple(CollectionViewRestriction.objects.values_list("collection__path", flat=True))
    if not paths:
        return set()
    return {pk for pk, path in Collection.objects.values_list("pk", "path") if path.startswith(paths)}


def put_in_place(keys: Iterable[str]) -> None:
    """Move the files of these images and documents, and of the images' renditions, to where their collections say.

    Call it inside a transaction. The old files are deleted when it is committed.
    """
    pks: dict[str, list[str]] = {}
    for key in keys:
        kind, _, pk = key.partition(":")
        pks.setdefault(kind, []).append(pk)
    wanted = {model: pks[changes.kind_of(model)] for model in _models() if changes.kind_of(model) in pks}
    if not wanted:
        return
    # One after the other: a file uploaded while another process restricts its collection must not be seen by neither.
    Collection.objects.select_for_update(no_key=True).filter(depth=1).order_by("pk").first()
    restricted = restricted_collections()
    for model, chosen in wanted.items():
        # An image and its sizes stay together.
        hidden: Folders = defaultdict(partial(storage.new_folder, RESTRICTED))
        released: Folders = defaultdict(partial(storage.new_folder, RELEASED))
        for begin in range(0, len(chosen), BATCH):
            for files, owner in _holders(model):
                rows = files.filter(**{f"{owner}__in": chosen[begin : begin + BATCH]})
                # Whoever is changing one of the others comes here as well, after us.
                rows = rows.select_for_update(skip_locked=True)
                _move(rows.filter(_is_shown(restricted, owner)), owner, hidden)
                _move(rows.filter(_is_hidden(restricted, owner)), owner, released)


def _models() -> tuple[Any, Any]:
    return get_image_model(), get_document_model()


def _holders(model: Any) -> Iterator[tuple[Any, str]]:
    """The rows with the files of an image or document, and their column that says of which one."""
    yield model._default_manager.order_by("pk"), "pk"
    if model is get_image_model():
        yield model.get_rendition_model()._default_manager.order_by("pk"), "image"


def _is_shown(restricted: set[int], owner: str) -> Q:
    """A private file in the public place."""
    return _within(restricted, owner) & ~Q(file__startswith=RESTRICTED) & ~Q(file="")


def _is_hidden(restricted: set[int], owner: str) -> Q:
    """A public file in the private place."""
    return ~_within(restricted, owner) & Q(file__startswith=RESTRICTED)


def _within(restricted: set[int], owner: str) -> Q:
    if owner == "pk":
        return Q(collection__in=restricted)
    # No join, which would lock the images as well.
    return Q(image__in=get_image_model()._default_manager.filter(collection__in=restricted).order_by().values("pk"))


def _move(rows: Any, owner: str, folders: Folders) -> None:
    wrong, moved = list(rows.values_list("pk", owner, "file")), []
    placed = MediaStorage().place((name, folders[owner_pk]) for _, owner_pk, name in wrong)
    for (pk, _, name), new in zip(wrong, placed, strict=True):
        if new is not None:
            moved.append((new, pk, name))
        elif name not in missing:
            logger.warning("%s %s has no file: there is no %s", rows.model._meta.verbose_name, pk, name)
            missing.add(name)
    if not moved:
        return
    table = connection.ops.quote_name(rows.model._meta.db_table)
    key = connection.ops.quote_name(rows.model._meta.pk.column)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET file = %s WHERE {key} = %s AND file = %s", moved)
    storage.discard(old for _, _, old in moved)


missing: set[str] = set()
"""Names of which this process has said already that there is no such file."""


# What happens to single rows -----------------------------------------------------------------------------------------


def connect() -> None:
    """Called once, when the application is ready."""
    for model in _models():
        pre_save.connect(_before_save, sender=model, dispatch_uid="content.files")
        post_delete.connect(_after_delete, sender=model, dispatch_uid="content.files")
    post_delete.connect(_after_delete, sender=get_image_model().get_rendition_model(), dispatch_uid="content.files")


def _before_save(sender: Any, instance: Any, raw: bool = False, update_fields: Any = None, **_: Any) -> None:
    if raw or not instance.file or (update_fields is not None and "file" not in update_fields):
        return
    if not instance.file._committed:
        if sender is get_document_model() and instance.collection_id in restricted_collections():
            # Wagtail's model has no say in where its file goes.
            name = storage.new_name(
                storage.new_folder(RESTRICTED), default_storage.generate_filename(instance.file.name)
            )
            instance.file.name = default_storage.save(name, instance.file.file)
            instance.file._committed = True
    elif not instance._state.adding:
        # Read before somebody else moved the file: saving must not bring the old name back.
        rows = sender._default_manager.order_by()
        rows = rows.select_for_update() if connection.in_atomic_block else rows
        name = rows.filter(pk=instance.pk).values_list("file", flat=True).first()
        if name and name.startswith((RESTRICTED, RELEASED)) and name != instance.file.name:
            instance.file.name = name


def _after_delete(sender: Any, instance: Any, **_: Any) -> None:
    # Wagtail deletes the file after the commit too, but not after a kill.
    if instance.file:
        storage.discard([instance.file.name])


# What is left --------------------------------------------------------------------------------------------------------


def sweep_files(*, everything: bool = False) -> int:
    """Delete what was discarded by a process that was killed, and hide private files that lie in public; return how
    many of the latter there were. Two queries, and three per kind with restrictions.

    With `everything`, files that nobody needs to hide any more are moved as well, and those that no row names are
    deleted; that looks at all of them.
    """
    remove_discarded(list(DiscardedFile.objects.all()))
    keys = _misplaced(everything=everything)
    if keys:
        with changes.changes():
            changes.touch(keys)
    if everything:
        remove_orphans()
    return len(keys)


@jobs.job("Put every file in its place, and delete what nothing names", queue=jobs.UPKEEP)
def sweep_all() -> None:
    """May run twice: then it finds nothing."""
    sweep_files(everything=True)


def _misplaced(*, everything: bool) -> set[str]:
    restricted = restricted_collections()
    if not restricted and not everything:
        return set()
    keys = set()
    for model in _models():
        for files, owner in _holders(model):
            wrong = _is_shown(restricted, owner)
            if everything:
                wrong |= _is_hidden(restricted, owner)
            found = files.filter(wrong).values_list(owner, "file")
            keys |= {f"{changes.kind_of(model)}:{pk}" for pk, name in found if name not in missing}
    return keys


def remove_discarded(rows: list[DiscardedFile]) -> None:
    """Delete the files, unless a row still names them, and then the rows that say that they are to be deleted."""
    media = MediaStorage()
    for begin in range(0, len(rows), BATCH):
        batch = rows[begin : begin + BATCH]
        names = {row.name for row in batch}
        media.remove(names - _named(names))
        DiscardedFile.objects.filter(pk__in=[row.pk for row in batch]).delete()


def _named(names: set[str]) -> set[str]:
    """Those of the names that a row has."""
    image, document = _models()
    found: set[str] = set()
    for model in (image, image.get_rendition_model(), document, UploadedFile):
        found |= set(model._default_manager.filter(file__in=names).order_by().values_list("file", flat=True))
    return found


def remove_orphans() -> int:
    """Delete files that no row names and that are not just being made, in the places that only we write to; return how
    many there were.
    """
    media, count = MediaStorage(), 0
    for place, prefix in (("private", RESTRICTED), ("public", RELEASED)):
        names = _names_in(storages[place], prefix)
        while batch := set(islice(names, BATCH)):
            for name in batch - _named(batch):
                try:
                    is_old = media.get_modified_time(name) < timezone.now() - ORPHANED_AFTER
                except FileNotFoundError:
                    continue
                if is_old:
                    media.remove([name])
                    count += 1
    return count


def _names_in(place: Any, prefix: str) -> Iterator[str]:
    """Every file in the folders there. Those that are empty are deleted: a change has no time for that."""
    if hasattr(place, "names"):
        # Folders cost a bucket a request each, and it has none that are empty.
        yield from place.names(prefix)
        return
    try:
        folders, _ = place.listdir(prefix)
    except FileNotFoundError:
        return
    for folder in folders:
        try:
            names = place.listdir(f"{prefix}{folder}")[1]
        except FileNotFoundError:
            continue
        yield from (f"{prefix}{folder}/{name}" for name in names)
        if not names:
            # Where somebody is just about to put a file into it, it is made again.
            with suppress(OSError):
                place.delete(f"{prefix}{folder}")
