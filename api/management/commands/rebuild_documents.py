"""Builds every document anew; needed once after an upgrade that changed what is public, and harmless at any time."""

from typing import Any

from django.core.management.base import BaseCommand

from api.documents.keys import batches, count_keys
from api.documents.publishing import mark_current
from content.changes import changes, sweep, touch
from content.management.progress import Progress


class Command(BaseCommand):
    help = (
        "Build every document anew, in batches. What has not changed makes no event; it can be stopped and run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sweep(everything=True)
        progress = Progress(self.stdout, "Documents rebuilt", count_keys())
        for batch in batches():
            with changes():
                touch(batch)
            progress.advance(len(batch))
        mark_current()
        progress.finish()
