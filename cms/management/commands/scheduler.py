"""What has to happen without anybody asking: scheduled publishing and expiry, changes that a killed process
left untold, files that lie where they do not belong, the sizes of images uploaded since the last round, previews that
nobody looks at any more, caches that were not told what has changed, versions of documents that were public long ago,
the pages behind our sources, and what SQLite knows of its tables.
"""

import logging
import signal
import threading
from functools import partial
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, reset_queries

from api.documents import retention
from api.preview.responding import prune
from api.purging import purge
from cms.models import Heartbeat
from cms.observing import job
from content.changes import sweep
from content.files import sweep_files
from content.images import prepare_missing
from content.scheduling import publish_due
from content.source_checks import check_due_sources
from content.table_statistics import count_tables

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Publish and expire what is due, every few seconds, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, default=5, help="seconds between two rounds (default: 5)")
        parser.add_argument(
            "--once", action="store_true", help="one round only, for a timer of your own; give prune_documents another"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self.round()
            prepare_missing(seconds=3)
            count_tables()
            return
        stopped = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopped.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        # Beside the rounds: neither a slow server elsewhere nor a large picture may keep anybody's article waiting.
        for work in (self.each_hour, partial(self.images, every=options["every"])):
            threading.Thread(target=work, args=[stopped], daemon=True).start()
        self.stdout.write(f"Looking for what is due every {options['every']:g} s.")
        while not stopped.is_set():
            try:
                self.round()
            except Exception:  # a database that is away for a minute must not end the scheduler
                logger.exception("This round failed; the next one tries again")
            close_old_connections()
            reset_queries()
            stopped.wait(options["every"])

    def round(self) -> None:
        publish_due()
        sweep()
        sweep_files()
        prune()
        purge()
        Heartbeat.beat("scheduler")

    def images(self, stopped: threading.Event, *, every: float) -> None:
        while not stopped.is_set():
            try:
                # Then look again: what was just uploaded comes before what has waited for long.
                prepare_missing(seconds=10)
            except Exception:
                logger.exception("Images could not be prepared; the next round tries again")
            close_old_connections()
            reset_queries()
            stopped.wait(every)

    def each_hour(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            check_sources = partial(check_due_sources, stopped.is_set)
            for name, act in (
                ("count_tables", count_tables),
                ("prune", retention.prune),
                ("sweep_files", partial(sweep_files, everything=True)),
                ("check_sources", check_sources),
            ):
                try:
                    with job(name):
                        act()
                except Exception:
                    logger.exception("Hourly work failed; the next hour tries again")
            close_old_connections()
            reset_queries()
            stopped.wait(3600)
