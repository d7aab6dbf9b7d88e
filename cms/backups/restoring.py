"""Putting a backup back: files first, since nothing names those yet, then the database in one transaction.

Whoever stops it before that transaction is committed has the old state, and after it the restored one.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import IO

from django.contrib.auth import get_user_model
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from api.documents.models import Document, Purged
from cms.backups.archive import Manifest, OneWay, extract
from cms.backups.databases import Refused, database


def check_target(manifest: Manifest, *, replace: bool) -> None:
    """Raises Refused for a backup that this release and this database cannot take."""
    if manifest.engine != connection.vendor:
        raise Refused(f"This is a backup of {manifest.engine}, and DATABASE_URL leads to {connection.vendor}.")
    if manifest.engine_version > database().version():
        raise Refused(
            f"This is a backup of {manifest.engine} {manifest.engine_version}, and here is {database().version()}: "
            "restore it on that version or a newer one."
        )
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    unknown = [
        f"{app}.{name}" for app, names in manifest.migrations.items() for name in names if (app, name) not in known
    ]
    if unknown:
        raise Refused(
            f"This is a backup of a newer release ({manifest.release}): this one does not know {', '.join(unknown)}. "
            "Restore it with that release."
        )
    if not replace and has_content():
        raise Refused("The database has content. Name an empty one, or put the backup in its place with --replace.")


def has_content() -> bool:
    """False for a database without tables, and for one that was only migrated."""
    tables = set(connection.introspection.table_names())
    user = get_user_model()
    if not {user._meta.db_table, Document._meta.db_table} <= tables:
        return bool(tables)
    return user._default_manager.exists() or Document.objects.exists()


def restore(path: Path, manifest: Manifest, advance: Callable[[int], None]) -> None:
    """Put back what the manifest names; `advance` is told of each member. Raises Refused, Damaged, OSError."""
    store = database()
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder, store.member)

        def save(member: str, content: IO[bytes]) -> None:
            if member == store.member:
                with dump.open("wb") as file:
                    shutil.copyfileobj(content, file)
            else:
                _put(member.partition("/")[2], content, manifest.checksums[member])
            advance(1)

        extract(path, manifest, save)
        store.load(dump)


def _put(name: str, content: IO[bytes], checksum: str) -> None:
    """Write a file under exactly this name; another one that lies there, or half of this one, gives way."""
    if default_storage.exists(name):
        with default_storage.open(name) as present:
            if hashlib.file_digest(present, "sha256").hexdigest() == checksum:
                return
        default_storage.delete(name)
    saved = default_storage.save(name, File(BufferedReader(OneWay(content)), name))
    if saved != name:
        raise Refused(f"{name} could not be written under its name: is somebody else writing there?")


def let_caches_be_told() -> None:
    """Caches in front hold answers from after the backup, and what it says that they were told is from before."""
    Purged.objects.all().delete()
