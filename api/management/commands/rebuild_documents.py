"""Builds documents anew; needed once after an upgrade that changed what is public, and harmless at any time."""

from typing import Any

from django.core.management.base import BaseCommand

from api.documents.keys import all_keys, batches, count_keys, outdated_keys
from api.documents.publishing import count_current, is_outdated
from content.changes import changes, sweep, touch
from content.management.progress import Progress


class Command(BaseCommand):
    help = (
        "After an upgrade that changed what is public, build what is not up to date yet; otherwise build every "
        "document anew. In batches, while editors publish: it can be stopped at any time and run again. What comes out "
        "the same makes no event."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sweep(everything=True)
        is_upgrade = is_outdated()
        kept = count_current() if is_upgrade else 0
        progress = Progress(self.stdout, "Documents rebuilt", count_keys() - kept)
        for batch in batches(outdated_keys() if is_upgrade else all_keys()):
            with changes():
                touch(batch)
            progress.advance(len(batch))
        progress.finish()
        if kept:
            self.stdout.write(f"{kept} documents were up to date already.")
