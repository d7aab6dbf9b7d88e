"""Saves database and uploaded files in one archive; docs/runbook.md tells what else has to be kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.backups.databases import Refused
from cms.backups.saving import save
from content.management.progress import Progress


class Command(BaseCommand):
    help = (
        "Save the database and every uploaded file, private ones too, in one tar archive, while editors work. Secrets "
        "of the environment are not in it, but password hashes are: keep it where nobody else reads."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the archive; it appears when it is complete")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        bars: list[Progress] = []

        def progress(what: str, total: int) -> Callable[[int], None]:
            bars.append(Progress(self.stderr, what, total))
            return bars[-1].advance

        try:
            saved = save(file, progress)
        except (Refused, OSError) as error:
            raise CommandError(f"{error}\nNo backup was made.") from None
        for bar in bars:
            bar.finish()
        for name in saved.missing:
            self.stderr.write(f"missing: {name} is named in the database, but there is no such file")
        counts = ", ".join(f"{count} {what}" for what, count in saved.manifest.counts.items())
        self.stdout.write(f"{file}: {counts}, {file.stat().st_size:,} bytes.")
