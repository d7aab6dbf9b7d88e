"""Forgets what was public long ago; a worker does the same once an hour."""

from typing import Any

from django.core.management.base import BaseCommand

from api.documents.retention import count_old, prune
from api.preview.responding import prune as prune_previews
from content.management.progress import Progress


class Command(BaseCommand):
    help = (
        "Delete versions of documents, and the log of changes, that are older than KEEP_VERSIONS_DAYS and "
        "KEEP_EVENTS_DAYS, and previews that ended. In batches, while editors publish; it can be stopped at any time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress(self.stdout, "Rows pruned", count_old())
        versions, events = prune(progress.advance)
        progress.finish()
        previews = prune_previews()
        self.stdout.write(f"Forgotten: versions {versions}, events {events}, previews {previews}")
