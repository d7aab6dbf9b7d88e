"""Puts a backup back, here or on another machine."""

from pathlib import Path
from typing import Any

from django.core.exceptions import SuspiciousFileOperation
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from api.copies import is_copy
from api.documents.publishing import is_outdated
from cms.backups import archive, copying, restoring
from cms.backups.databases import Refused
from content.management.progress import Progress


class Command(BaseCommand):
    help = (
        "Put the database and the files of a backup in their places. Stop CMS and worker first. The archive is "
        "checked before anything changes; the database changes in one transaction, or not at all. Then come the "
        "migrations that the backup lacks."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="an archive written by `manage.py backup`; no other, it is trusted")
        parser.add_argument("--replace", action="store_true", help="delete the content that the database has now")
        parser.add_argument(
            "--as-copy",
            action="store_true",
            help="for staging: end sessions, previews and shared links, send no mail and purge no caches, and give the "
            "sites addresses at this environment's FRONTEND_URL",
        )
        parser.add_argument("--dry-run", action="store_true", help="only check the archive, and that it fits")

    def handle(self, *args: Any, file: Path, replace: bool, as_copy: bool, dry_run: bool, **options: Any) -> None:
        try:
            progress = Progress(self.stderr, "Members checked", 0)
            manifest = archive.check(file, progress.advance)
            progress.finish()
            restoring.check_target(manifest, replace=replace)
            if as_copy:
                copying.check_addresses(manifest)
        except (archive.Damaged, Refused, OSError, Error) as error:
            raise CommandError(f"{error}\nNothing has changed.") from None
        counts = ", ".join(f"{count} {what}" for what, count in manifest.counts.items())
        self.stdout.write(f"A backup of release {manifest.release}, taken at {manifest.taken_at}: {counts}.")
        if dry_run:
            self.stdout.write("This was a dry run: nothing has changed.")
            return
        progress = Progress(self.stderr, "Members restored", len(manifest.checksums))
        try:
            restoring.restore(file, manifest, progress.advance)
        except (archive.Damaged, Refused, SuspiciousFileOperation, OSError, Error) as error:
            raise CommandError(
                f"{error}\nThe database is as it was; files that were restored already lie beside."
            ) from None
        progress.finish()
        call_command("migrate", interactive=False, verbosity=0)
        is_copy.cache_clear()
        if as_copy:
            copying.make_copy(manifest.taken_at)
        restoring.let_caches_be_told()
        if is_outdated():
            call_command("rebuild_documents", stdout=self.stdout)
        self.stdout.write("Restored. Start CMS and worker now.")
