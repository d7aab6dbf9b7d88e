"""Does what nobody waits for in a request: jobs, and what the schedule says. Any number may run side by side.

main thread   says that this worker is alive, and waits for the end
rounds        the schedule: what is due is published within seconds, whatever the jobs are busy with
one thread    for each queue, one job after the other
"""

import os
import signal
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from logging import getLogger
from time import monotonic
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, reset_queries
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks.base import Task

from cms import observing
from cms.schedule import ROUND, Periodic, schedule
from content import jobs

logger = getLogger("cms")

STOP_SECONDS = 5.0
"""So long a worker that is to stop finishes what it does; `make up` waits for eight, Docker for ten."""
IDLE_SECONDS = 0.5
"""Between two looks into an empty queue."""


class Command(BaseCommand):
    help = "Do jobs and what is scheduled, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then end: for a timer of your own")

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker()
        if options["once"]:
            worker.once()
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, worker.stop)
        self.stdout.write(f"Worker {worker.name} does jobs and what is scheduled.")
        worker.work()
        self.stdout.write(f"Worker {worker.name} has stopped.")


class Worker:
    def __init__(self) -> None:
        self.name = f"{socket.gethostname()[:40]}-{os.getpid()}-{get_random_string(6).lower()}"
        self.queues = sorted(settings.TASKS["default"]["QUEUES"])
        self.schedule = schedule()
        self.next_at = dict.fromkeys(range(len(self.schedule)), 0.0)
        self.round_at: datetime | None = None

    def stop(self, number: int, frame: FrameType | None) -> None:
        jobs.stopping.set()

    def work(self) -> None:
        """Until somebody stops it; then finish what can be finished in time, and give back the rest."""
        jobs.stopping.clear()
        jobs.beat(self.name, None)
        threads = [threading.Thread(target=self.rounds, name="rounds", daemon=True)]
        for queue in self.queues:
            threads.append(threading.Thread(target=self.jobs_of, args=[queue], name=queue, daemon=True))
        for thread in threads:
            thread.start()
        while not jobs.stopping.wait(1 if self.round_at is None else ROUND.total_seconds()):
            self.tried("To say that this worker is alive", lambda: jobs.beat(self.name, self.round_at))
        end = monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0, end - monotonic()))
        jobs.give_back(self.name)

    def once(self) -> None:
        """What is scheduled, and then every job that is due, those included that were enqueued by it."""
        self.round()
        jobs.beat(self.name, self.round_at)
        for queue in self.queues:
            while row := jobs.claim(queue, self.name):
                run(row)

    def rounds(self) -> None:
        while not jobs.stopping.is_set():
            self.round()
            tidy()
            jobs.stopping.wait(ROUND.total_seconds())

    def round(self) -> None:
        """Whatever is due of the schedule. One that fails keeps no other from its turn, and the round from counting."""
        is_whole = True
        for number, entry in enumerate(self.schedule):
            if self.next_at[number] <= monotonic():
                self.next_at[number] = monotonic() + entry.every.total_seconds() - IDLE_SECONDS
                is_whole &= self.tried(entry.name, partial(begin, entry))
        if is_whole:
            self.round_at = timezone.now()

    def jobs_of(self, queue: str) -> None:
        while not jobs.stopping.is_set():
            if not self.tried(f"The queue {queue}", partial(self.next_job, queue)):
                jobs.stopping.wait(ROUND.total_seconds())
            tidy()

    def next_job(self, queue: str) -> None:
        row = jobs.claim(queue, self.name)
        if row is None:
            jobs.stopping.wait(IDLE_SECONDS)
        else:
            run(row)

    def tried(self, what: str, act: Callable[[], object]) -> bool:
        """Whether it went well: a database that is away for a minute must not end the worker."""
        try:
            act()
        except Exception:
            logger.exception("%s: this failed, and is tried again", what)
            close_old_connections()
            return False
        return True


def run(row: jobs.Row) -> None:
    with observing.job(row.task_path, len(row.worker_ids)) as done:
        if jobs.run(row):
            done()


def begin(entry: Periodic) -> None:
    if isinstance(entry.what, Task):
        jobs.enqueue_each(entry.every, entry.what)
    else:
        entry.what()


def tidy() -> None:
    close_old_connections()
    reset_queries()
