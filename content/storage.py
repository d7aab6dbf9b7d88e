"""Where uploaded files lie: public ones where a web server serves them, restricted ones where none does.

The stored name says which: what begins with a private prefix is kept by the storage "private", anything else by
"public" (STORAGES in the settings). Why this and no other way: docs/decisions/0010.

What is written inside `content.changes.changes()` is removed if that is rolled back, and what is deleted in it is kept
until it is committed: a row never points to a file that is not there.
"""

import logging
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction
from django.urls import reverse
from django.utils.deconstruct import deconstructible

logger = logging.getLogger(__name__)

S = TypeVar("S")
T = TypeVar("T")

RESTRICTED, RELEASED = "restricted/", "released/"
"""Begin the names of files that were moved, or uploaded, into privacy, and of those that came back from there."""

UPLOADED = "original_images/"
"""Begins the names of public images."""

# Wagtail keeps in the second what was uploaded and waits for its title: which collection it is for is not yet known.
PRIVATE_PREFIXES = (RESTRICTED, "wagtail_uploads/")
NAME_LENGTH = 100
"""What the column of every file holds."""

# What a browser may show in place; anything else is handed out to be saved.
PICTURES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}


@dataclass
class Change:
    """The files of one `changes()`."""

    written: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


_change: ContextVar[Change | None] = ContextVar("change", default=None)


def is_private(name: str) -> bool:
    return name.startswith(PRIVATE_PREFIXES)


def new_folder(prefix: str) -> str:
    """A folder that nobody can guess: it has 128 random bits."""
    return f"{prefix}{secrets.token_urlsafe(16)}/"


def own_folder(name: str) -> str:
    """The folder that `new_folder` made for this file and what belongs to it; empty where the name is not from there.

    What lies in one may be kept for ever under its address: no other content ever gets it.
    """
    found = re.match(r"(?:restricted|released|original_images)/[\w-]{22}/(?=[^/]+$)", name)
    return found[0] if found else ""


def new_name(folder: str, name: str) -> str:
    """A file in this folder that keeps the last part of its name, or as much of it as fits."""
    stem, extension = os.path.splitext(PurePosixPath(name).name)
    return f"{folder}{stem[: NAME_LENGTH - len(folder) - len(extension)]}{extension}"


# The path is what Wagtail's task deletes a file from, some time after its row.
@deconstructible(path="content.storage.DeletedAlready")
class MediaStorage(Storage):
    """The storages "public" and "private" as one."""

    def _of(self, name: str) -> Storage:
        return storages["private" if is_private(name) else "public"]

    def open(self, name: str, mode: str = "rb") -> "File[Any]":
        return self._of(name).open(name, mode)

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        name = str(name or content.name)
        # Elsewhere it may be another's, who came first.
        is_ours = bool(own_folder(name)) and not self.exists(name)
        try:
            saved = self._of(name).save(name, content, max_length)
        except OSError:
            # The disk is full, perhaps, and what had room is there.
            if is_ours:
                self.remove([name])
            raise
        change = _change.get()
        if change is not None:
            change.written.append(saved)
        return saved

    def place(self, files: Iterable[tuple[str, str]]) -> list[str | None]:
        """Put each file into the folder named with it as well, and return their names there; None where there is no
        such file.

        On one local file system this is a link, otherwise a copy; buckets copy within their service.
        """
        placed = [(name, new_name(folder, name)) for name, folder in files]
        change = _change.get()
        if change is not None:
            change.written += [new for _, new in placed]
        return _each(lambda pair: self._place(*pair), placed)

    def _place(self, name: str, new: str) -> str | None:
        try:
            return self._copy(name, new)
        except FileNotFoundError:
            return None

    def _copy(self, name: str, new: str) -> str:
        source, target = self._of(name), self._of(new)
        if isinstance(source, FileSystemStorage) and isinstance(target, FileSystemStorage):
            with suppress(OSError):
                _link(Path(source.path(name)), Path(target.path(new)), target.directory_permissions_mode)
                return new
        if hasattr(target, "copy_from") and isinstance(source, type(target)):
            target.copy_from(source, name, new)
            return new
        with source.open(name) as file:
            return target.save(new, file)

    def delete(self, name: str) -> None:
        """Inside `changes()`: once they are committed, and never if they are rolled back."""
        if _change.get() is not None:
            discard([name])
        else:
            self.remove([name])

    def remove(self, names: Iterable[str]) -> None:
        """Delete at once."""
        _each(lambda name: self._of(name).delete(name), list(names))

    def exists(self, name: str) -> bool:
        return self._of(name).exists(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        return self._of(path).listdir(path)

    def size(self, name: str) -> int:
        return self._of(name).size(name)

    def path(self, name: str) -> str:
        return self._of(name).path(name)

    def url(self, name: str | None) -> str:
        """Of a private file: an address in the admin, at which it is shown to whoever may see it there."""
        if name and name.startswith(RESTRICTED):
            return reverse("private_file", args=[name.removeprefix(RESTRICTED)])
        if name and is_private(name):
            raise ValueError("This file has no address.")
        return self._of(name or "").url(name)

    def get_modified_time(self, name: str) -> datetime:
        return self._of(name).get_modified_time(name)


class DeletedAlready(MediaStorage):
    """Where Wagtail's task has nothing left to delete: content/files.py did, when its row was gone. Since
    then another upload may have got the name.
    """

    def delete(self, name: str) -> None:
        pass


def _each(act: Callable[[S], T], every: Sequence[S]) -> list[T]:
    """What it returns for each. Where every call is a request to a service, some are made at once, in threads."""
    at_once = min(getattr(storages["public"], "at_once", 1), len(every))
    if at_once < 2:
        return [act(each) for each in every]
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(act, every))


def _link(old: Path, new: Path, mode: int | None) -> None:
    # `remove_orphans` goes by the time, and a link has that of its file.
    os.utime(old)
    new.parent.mkdir(0o777 if mode is None else mode, parents=True, exist_ok=True)
    os.link(old, new)


@contextmanager
def following_the_change() -> Iterator[None]:
    """Around a transaction: what was written in it is removed if it fails."""
    change = Change()
    token = _change.set(change)
    try:
        yield
    except BaseException:
        forget(change)
        raise
    finally:
        _change.reset(token)


def begin() -> None:
    """First thing in the transaction. From its commit on nothing is removed, whatever else goes wrong after it."""
    change = _change.get()
    if change is not None:
        transaction.on_commit(change.written.clear)


def end() -> None:
    """Last thing in the transaction: write down what is to be deleted, lest a kill after the commit loses it."""
    change = _change.get()
    if change is None:
        return
    if transaction.get_rollback():
        # Nobody raises anything: a dry run.
        forget(change)
    elif change.deleted:
        names, change.deleted = change.deleted, []
        _discard(names)


def forget(change: Change) -> None:
    storage = MediaStorage()

    def remove(name: str) -> None:
        try:
            storage.remove([name])
        except OSError:
            logger.exception("%s is left over from a change that was undone", name)

    _each(remove, change.written)
    change.written.clear()


def discard(names: Iterable[str]) -> None:
    """Delete these files when the transaction is committed. Call it inside one."""
    change = _change.get()
    if change is not None:
        change.deleted += names
    else:
        _discard(list(names))


def _discard(names: list[str]) -> None:
    from content.files import remove_discarded
    from content.models.discarded import DiscardedFile

    rows = DiscardedFile.objects.bulk_create([DiscardedFile(name=name) for name in dict.fromkeys(names)])
    transaction.on_commit(lambda: remove_discarded(rows), robust=True)
