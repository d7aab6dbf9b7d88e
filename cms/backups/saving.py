"""Making a backup while editors work.

The database comes first, as it was at one moment, then the files that it names. Files do not change under their names,
but one may be moved or deleted meanwhile: then the database is saved once more, with the files that are new in it.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, models
from django.utils import timezone

from api.documents.models import Document
from cms.backups.archive import Manifest, Writer
from cms.backups.databases import Cursor, Refused, database
from cms.version import version
from content.storage import is_private

ROUNDS = 5
"""So often the database is saved if files keep vanishing."""


class Progress(Protocol):
    def __call__(self, what: str, total: int) -> Callable[[int], None]: ...


@dataclass
class Saved:
    """`missing` are files that the database names and that were not there before we came either."""

    manifest: Manifest
    missing: list[str]


def save(path: Path, progress: Progress) -> Saved:
    """Write a backup into this file, which appears when it is complete. Raises Refused, OSError."""
    if path.exists():
        raise Refused(f"{path} exists already.")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.", ignore_cleanup_errors=True) as folder:
        unfinished = Path(folder, "archive.tar")
        with unfinished.open("xb") as stream:
            saved = _write(Writer(stream), Path(folder), progress)
        unfinished.chmod(0o600)
        unfinished.rename(path)
    return saved


def _write(archive: Writer, folder: Path, progress: Progress) -> Saved:
    store, missing = database(), set[str]()
    for number in range(ROUNDS):
        dump = folder / f"{number}.{store.member}"
        with store.save(dump) as cursor:
            manifest = _described(cursor)
            names = {_member(name): name for name in file_names(cursor)}
        new = {member: name for member, name in names.items() if member not in archive.checksums}
        advance = progress("Files saved", len(new))
        gone = set()
        for member, name in sorted(new.items()):
            try:
                size = default_storage.size(name)
                content = default_storage.open(name)
            except FileNotFoundError:
                gone.add(name)
            else:
                with content:
                    archive.add(member, content, size)
            advance(1)
        if gone <= missing:
            break
        missing = gone
        dump.unlink()
    else:
        raise Refused("Files come and go too quickly to be saved: try again when fewer are moved or deleted.")
    with dump.open("rb") as written:
        archive.add(store.member, written, dump.stat().st_size)
    manifest.checksums = {
        name: checksum for name, checksum in archive.checksums.items() if name in names or name == store.member
    }
    manifest.counts["files"] = len(manifest.checksums) - 1
    archive.close(manifest)
    return Saved(manifest, sorted(gone))


def _member(name: str) -> str:
    return f"{'private' if is_private(name) else 'media'}/{name}"


def file_names(cursor: Cursor) -> Iterator[str]:
    """Of every uploaded file that a row of any model names."""
    quote = connection.ops.quote_name
    for table, column in _file_columns():
        cursor.execute(f"SELECT {quote(column)} FROM {quote(table)} WHERE {quote(column)} <> ''")
        yield from (name for (name,) in cursor.fetchall())


def _file_columns() -> list[tuple[str, str]]:
    """Those that exist: a backup before an upgrade is made by the new release, from tables of the old one."""
    found = []
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for model in apps.get_models():
            table = model._meta.db_table
            files = [field for field in model._meta.local_concrete_fields if isinstance(field, models.FileField)]
            if files and table in tables and not model._meta.proxy:
                columns = {each.name for each in connection.introspection.get_table_description(cursor, table)}
                found += [(table, each) for field in files if (each := str(field.column)) in columns]
    return found


def _described(cursor: Cursor) -> Manifest:
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    migrations: dict[str, list[str]] = {}
    for app, name in cursor.fetchall():
        migrations.setdefault(app, []).append(name)
    counts = {}
    for what, table, condition in (
        ("documents", Document._meta.db_table, "layer = 0 AND valid_to IS NULL AND NOT tombstone"),
        ("pages", "wagtailcore_page", "depth > 1"),
        ("users", "auth_user", "1 = 1"),
    ):
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {condition}")
        counts[what] = cursor.fetchall()[0][0]
    return Manifest(
        release=version(),
        taken_at=timezone.now().isoformat(timespec="seconds"),
        cms_url=settings.CMS_URL,
        frontend_url=settings.FRONTEND_URL,
        engine=connection.vendor,
        engine_version=database().version(),
        migrations=migrations,
        counts=counts,
    )
