"""From the folders of one machine into buckets, before and after MEDIA_BUCKET is set everywhere."""

from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage, storages
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from cms.backups.saving import file_names
from content.files import ORPHANED_AFTER
from content.storage import is_private


class Command(BaseCommand):
    help = (
        "Copy every uploaded file that the database names from MEDIA_ROOT and PRIVATE_MEDIA_ROOT into the buckets. "
        "What is there already is left, so it may run again, and while editors work. What was in a bucket for more "
        "than an hour and is named no longer is deleted there."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.MEDIA_BUCKET:
            raise CommandError("Set MEDIA_BUCKET and PRIVATE_MEDIA_BUCKET for it; docs/scale.md has the steps.")
        folders = {
            False: FileSystemStorage(location=settings.MEDIA_ROOT),
            True: FileSystemStorage(location=settings.PRIVATE_MEDIA_ROOT),
        }
        copied, missing, names = 0, [], named()
        for name in sorted(names):
            folder = folders[is_private(name)]
            try:
                if is_newer_there(folder, name):
                    continue
                with folder.open(name) as file:
                    default_storage.delete(name)
                    default_storage.save(name, file)
                copied += 1
            except FileNotFoundError:
                # Deleted or moved meanwhile, or uploaded into the bucket already.
                if not default_storage.exists(name):
                    missing.append(name)
        for name in missing:
            self.stderr.write(f"missing: {name} is named in the database, but there is no such file")
        self.stdout.write(
            f"{copied} of {len(names)} files copied, {len(names) - copied - len(missing)} were there, "
            f"{remove_unnamed()} deleted."
        )


def named() -> set[str]:
    with connection.cursor() as cursor:
        return set(file_names(cursor))


def is_newer_there(folder: FileSystemStorage, name: str) -> bool:
    """Raises FileNotFoundError where it is not in the folder. What a name stands for changes only by another upload
    under it.
    """
    # Services tell the time in whole seconds.
    modified = folder.get_modified_time(name).replace(microsecond=0)
    return default_storage.exists(name) and default_storage.get_modified_time(name) >= modified


def remove_unnamed() -> int:
    """What was moved or deleted in the folders after it had been copied: it may be private since."""
    count, before = 0, timezone.now() - ORPHANED_AFTER
    for alias in ("public", "private"):
        bucket: Any = storages[alias]
        for name in set(bucket.names("")) - named():
            if bucket.get_modified_time(name) < before:
                bucket.delete(name)
                count += 1
    return count
