"""What is done without anybody asking, and how often.

A function is called by every worker, in a thread for nothing else: it is quick when there is nothing to do, and
harmless when two do it at once. What may take long is a job, enqueued once in each period for whichever worker is free.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django_tasks.base import Task

from api import purging
from api.documents import retention
from api.preview import responding
from api.webhooks import delivering
from cms import sessions
from content import files, images, jobs, scheduling, source_checks, table_statistics
from content.changes import sweep

ROUND = timedelta(seconds=5)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Periodic:
    name: str
    every: timedelta
    what: Callable[[], object] | Task[[], Any]


def schedule() -> list[Periodic]:
    """In the order in which it is done: what readers wait for comes first."""
    entries = [
        Periodic("Publish and expire what is due", ROUND, scheduling.publish_due),
        Periodic("Tell changes that a killed process left untold", ROUND, sweep),
        Periodic("Delete discarded files, and hide private ones", ROUND, files.sweep_files),
        Periodic("Take up the jobs of killed workers", ROUND, jobs.take_up),
        Periodic("Forget previews that have ended", timedelta(minutes=1), responding.prune),
        Periodic("Find images without all their sizes", timedelta(minutes=5), images.prepare_rest),
        Periodic("Let SQLite count its tables", HOUR, table_statistics.count),
        Periodic("Forget old versions and changes", HOUR, retention.prune_old),
        Periodic("Put every file in its place, and delete what nothing names", HOUR, files.sweep_all),
        Periodic("Forget old messages to webhooks", HOUR, delivering.prune),
        Periodic("Ask for the pages behind sources", HOUR, source_checks.check_due),
        Periodic("Forget finished jobs", HOUR, jobs.prune),
        Periodic("Forget ended sessions", HOUR, sessions.prune),
    ]
    if settings.PURGE_BACKEND:
        # The net: a cache that is new, or was away for longer than the job's attempts.
        entries.append(Periodic("Tell caches what they have missed", timedelta(minutes=5), purging.tell_caches))
    return entries
