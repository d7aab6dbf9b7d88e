"""Compares what is published with what would be built now."""

from typing import Any

from django.core.management.base import BaseCommand

from api.documents.keys import all_keys, batches, count_keys
from api.documents.publishing import drifting
from content.changes import sweep
from content.management.progress import Progress


class Command(BaseCommand):
    help = "Name every document that is not what would be built now, and exit 1 if there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        sweep(everything=True)
        progress = Progress(self.stdout, "Documents verified", count_keys())
        found: list[str] = []
        for batch in batches(all_keys()):
            # A second look, since an editor may have published between the reading of the object and of its document.
            found += drifting(drifting(batch))
            progress.advance(len(batch))
        progress.finish()
        for key in found:
            self.stdout.write(f"drift: {key}")
        if found:
            self.stdout.write(f"{len(found)} drifting. `manage.py rebuild_documents` mends them.")
            raise SystemExit(1)
