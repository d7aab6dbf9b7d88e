"""Work that is done later, by whichever worker is free: what a job is, and how its row goes from waiting to done.

    enqueue ─▶ waiting ─ claim ─▶ running ─┬─ done
                  ▲                        ├─ failed: waits again, longer each time ─▶ after the last attempt: given up
                  │                        └─ its worker was killed: the same, once it has been silent for LEASE
                  └───────── "Try again" in the admin ◀────────────────────────────────────────┘

The rows are those of django-tasks-db, so what Wagtail enqueues is done here too. A row is written in the transaction
of whoever enqueues: it is there once that is committed, and never if it is rolled back.

Everything is done *at least* once: a worker may be killed between the work and its note that it is done. So a job is
told which, and looks at how things are when it runs; to run it twice changes nothing. For the same reason equal jobs
that wait are one job.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from traceback import format_exception
from typing import Any, ParamSpec, TypeAlias, TypedDict, TypeVar
from uuid import NAMESPACE_URL, uuid5

from django.core.exceptions import ObjectDoesNotExist
from django.db import DEFAULT_DB_ALIAS, Error, close_old_connections, transaction
from django.db.models import Case, Count, DateTimeField, F, Min, Q, QuerySet, When
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task
from django_tasks.backends.immediate import ImmediateBackend
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult, get_date_max

from content.changes import turn
from content.models.worker import Worker

logger = logging.getLogger("content.jobs")

P = ParamSpec("P")
T = TypeVar("T")
Row: TypeAlias = DBTaskResult[Any, Any]

QUICK, IMAGES, UPKEEP, WEBHOOKS = "default", "images", "upkeep", "webhooks"
"""The queues. Each worker does one job of each at a time, so what is slow keeps nothing waiting that is quick."""

LEASE = timedelta(minutes=1)
"""So long a running job is left to a worker that is not heard of."""
KEEP_DONE, KEEP_FAILED, KEEP_WORKERS = timedelta(days=3), timedelta(days=30), timedelta(days=1)
BATCH = 500

WAITING, RUNNING, FAILED, DONE = "READY", "RUNNING", "FAILED", "SUCCESSFUL"

stopping = threading.Event()
"""Set when this worker is to stop: a job that takes long looks at it between two steps, and returns."""


@dataclass(frozen=True)
class Policy:
    """What is known of a kind of job, beside the work itself."""

    title: str
    attempts: int = 10
    first_pause: timedelta = timedelta(seconds=2)
    longest_pause: timedelta = timedelta(minutes=10)
    certain: float = 0.0
    """How much of a pause is waited whatever the dice say, from 0 to 1."""
    gone_is_done: bool = False
    """Whether there is nothing left to do for an object that has been deleted meanwhile."""
    given_up: Callable[..., object] | None = None
    """Called with the arguments of a job that was given up, in the transaction that notes it."""

    def pause(self, attempt: int) -> timedelta:
        """Before the next attempt: any time up to a limit that doubles with each, so that what failed together is not
        tried together.
        """
        limit = min(self.first_pause * 2 ** (attempt - 1), self.longest_pause)
        return random.uniform(self.certain, 1) * limit


policies: dict[str, Policy] = {
    path: Policy(title, gone_is_done=True)
    for path, title in {
        "wagtail.tasks.update_reference_index_task": "Note what refers to what",
        "wagtail.tasks.delete_file_from_storage_task": "Delete a file",
        "wagtail.images.tasks.set_image_focal_point_task": "Find an image's focal point",
        "modelsearch.tasks.insert_or_update_object_task": "Index for the admin's search",
    }.items()
}
"""By the path of their function."""


def policy_of(path: str) -> Policy:
    return policies.get(path) or Policy(path.rpartition(".")[2].replace("_", " ").capitalize(), gone_is_done=True)


def job(
    title: str | Policy, *, queue: str = QUICK, priority: int = 0, attempts: int = 10
) -> Callable[[Callable[P, T]], Task[P, T]]:
    """Make a function of a module a job. Its arguments are plain JSON: keys, not objects.

    The title says in the admin what it does: "Tell caches what has changed". A policy says more than that.
    """
    policy = title if isinstance(title, Policy) else Policy(title, attempts)

    def make(function: Callable[P, T]) -> Task[P, T]:
        made = task(queue_name=queue, priority=priority)(function)
        policies[made.module_path] = policy
        return made

    return make


def is_immediate(job: Task[Any, Any]) -> bool:
    """Whether jobs are done at once, without a worker: in tests."""
    return isinstance(job.get_backend(), ImmediateBackend)


def enqueue(job: Task[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
    """Have it done once the current transaction is committed. One query."""
    if is_immediate(job):
        transaction.on_commit(lambda: job.call(*args, **kwargs), robust=True)
    else:
        job.enqueue(*args, **kwargs)


def enqueue_later(pause: timedelta, job: Task[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
    """Have it done when so much time has passed; never where jobs are done at once."""
    if not is_immediate(job):
        job.using(run_after=timezone.now() + pause).enqueue(*args, **kwargs)


def enqueue_each(period: timedelta, job: Task[[], Any]) -> bool:
    """Have it done once in each period, however many workers say so; whether this one was the first. Not while the last
    one is unfinished. One query, or two.
    """
    number = timezone.now().timestamp() // period.total_seconds()
    # Whoever comes second has the same id, and is ignored.
    pk = uuid5(NAMESPACE_URL, f"{job.module_path} {period.total_seconds()} {number}")
    if _rows().filter(Q(pk=pk) | Q(status__in=[WAITING, RUNNING]), task_path=job.module_path).exists():
        return False
    row: Row = DBTaskResult(
        id=pk,
        task_path=job.module_path,
        args_kwargs={"args": [], "kwargs": {}},
        queue_name=job.queue_name,
        priority=job.priority,
        backend_name=job.backend,
        run_after=get_date_max(),
    )
    with turn():
        DBTaskResult.objects.bulk_create([row], ignore_conflicts=True)
    return True


# What a worker does ---------------------------------------------------------------------------------------------------


class WorkerLost(Exception):
    """The process that did this job was killed, or its machine has gone."""


def claim(queue: str, worker: str) -> Row | None:
    """The next job of a queue, which is this worker's now; None if nothing is due, after one query."""
    due = DBTaskResult.objects.ready().filter(queue_name=queue)
    if not due.exists():
        return None
    with turn():
        row = due.get_locked()
        if row is not None:
            row.claim(worker)
            _absorb(row)
    return row


def _absorb(row: Row) -> None:
    """Delete the equal ones that are due, wait for another attempt or were given up: this one does their work. What
    they are about was committed before they could be seen.
    """
    equal = _rows().filter(task_path=row.task_path, args_kwargs=row.args_kwargs).exclude(pk=row.pk)
    is_due = Q(run_after=get_date_max()) | Q(run_after__lte=timezone.now()) | ~Q(worker_ids=[])
    found = equal.filter(Q(status=FAILED) | Q(is_due, status=WAITING))
    # Skipped: what another worker claims just now, which does the same for ours.
    pks = list(found.select_for_update(skip_locked=True).values_list("pk", flat=True))
    _delete(_rows().filter(pk__in=pks))


def run(row: Row) -> bool:
    """Do a claimed job, and note what came of it; whether it was done. Never raises."""
    error: BaseException | None = None
    try:
        found: Task[Any, Any] = import_string(row.task_path)
        found.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    except ObjectDoesNotExist as gone:
        error = None if policy_of(row.task_path).gone_is_done else gone
    except (Exception, SystemExit) as raised:
        error = raised
    while not _is_settled(row, error):
        stopping.wait(1)
    return error is None


def _is_settled(row: Row, error: BaseException | None) -> bool:
    """False while the database is away; whoever is to stop does not wait for it, and leaves the row to others."""
    try:
        settle(row, error)
    except Error:
        logger.exception("Job %s has run, which could not be noted", row.pk)
        close_old_connections()
        return stopping.is_set()
    return True


def settle(row: Row, error: BaseException | None) -> None:
    """Note how an attempt ended, unless somebody else has taken the job up meanwhile."""
    policy, attempt, now = policy_of(row.task_path), len(row.worker_ids), timezone.now()
    values: dict[str, Any] = {"status": DONE, "finished_at": now, "exception_class_path": "", "traceback": ""}
    if error is not None:
        kind = type(error)
        values["exception_class_path"] = f"{kind.__module__}.{kind.__qualname__}"
        values["traceback"] = "".join(format_exception(error))
        if attempt < policy.attempts:
            values |= {"status": WAITING, "finished_at": None, "run_after": now + policy.pause(attempt)}
        else:
            values["status"] = FAILED
        logger.warning("%s: attempt %s of %s failed: %s", policy.title, attempt, policy.attempts, error)
    with turn():
        is_ours = _rows().filter(pk=row.pk, status=RUNNING, worker_ids=row.worker_ids).update(**values)
        if is_ours and values["status"] == FAILED and policy.given_up:
            policy.given_up(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])


def beat(worker: str, round_at: datetime | None) -> None:
    """Say that this worker is alive, and when it last did its round."""
    seen = {"seen_at": timezone.now(), "round_at": round_at}
    with turn():
        if not Worker.objects.filter(pk=worker).update(**seen):
            Worker.objects.bulk_create([Worker(id=worker, **seen)])


def take_up() -> int:
    """Take up what the killed have left, as a failed attempt; how many. Two queries when there is nothing."""
    alive = set(Worker.objects.filter(seen_at__gt=timezone.now() - LEASE).values_list("pk", flat=True))
    lost = [row for row in _rows().filter(status=RUNNING) if alive.isdisjoint(row.worker_ids[-1:])]
    for row in lost:
        settle(row, WorkerLost(f"The worker {row.worker_ids[-1]} was killed, or its machine has gone."))
    return len(lost)


def give_back(worker: str) -> int:
    """Let others do what this worker has begun; how many. That was no attempt."""
    with turn():
        rows = [row for row in _rows().filter(status=RUNNING) if row.worker_ids[-1:] == [worker]]
        for row in rows:
            _rows().filter(pk=row.pk).update(
                status=WAITING, worker_ids=row.worker_ids[:-1], run_after=get_date_max(), started_at=None
            )
    return len(rows)


# Afterwards -----------------------------------------------------------------------------------------------------------


class Figures(TypedDict):
    """Of one queue. `since` is when the oldest job that could be done by now was to be done; None if there is none."""

    queue: str
    due: int
    later: int
    running: int
    given_up: int
    since: datetime | None


def figures() -> list[Figures]:
    """Of each queue that has rows which are not done. One query."""
    waiting = Q(status=WAITING)
    due = waiting & (Q(run_after=get_date_max()) | Q(run_after__lte=timezone.now()))
    at = Case(When(run_after=get_date_max(), then="enqueued_at"), default="run_after", output_field=DateTimeField())
    counted = {
        "due": Count("pk", filter=due),
        "later": Count("pk", filter=waiting & ~due),
        "running": Count("pk", filter=Q(status=RUNNING)),
        "given_up": Count("pk", filter=Q(status=FAILED)),
        "since": Min(at, filter=due),
    }
    unfinished = _rows().filter(status__in=[WAITING, RUNNING, FAILED])
    return list(unfinished.values(queue=F("queue_name")).annotate(**counted))  # type: ignore[arg-type]


def unhappy() -> QuerySet[Row]:
    """What was given up, or has failed and waits for another attempt."""
    return _rows().filter(Q(status=FAILED) | Q(status=WAITING) & ~Q(exception_class_path=""))


def try_again(rows: QuerySet[Row]) -> int:
    """Have those of the rows that failed done now, with all their attempts; how many."""
    # No turn: whoever presses the button has it already.
    chosen = unhappy().filter(pk__in=rows.order_by().values("pk"))
    return chosen.update(status=WAITING, worker_ids=[], run_after=get_date_max(), finished_at=None)


@job("Forget finished jobs", queue=UPKEEP)
def prune() -> None:
    now = timezone.now()
    old = Q(status=DONE, finished_at__lt=now - KEEP_DONE) | Q(status=FAILED, finished_at__lt=now - KEEP_FAILED)
    while pks := list(_rows().filter(old).values_list("pk", flat=True)[:BATCH]):
        with turn():
            _delete(_rows().filter(pk__in=pks))
    with turn():
        Worker.objects.filter(seen_at__lt=now - KEEP_WORKERS).delete()


def _rows() -> QuerySet[Row]:
    return DBTaskResult.objects.order_by()


def _delete(rows: QuerySet[Row]) -> None:
    """One statement. Deleting Django's way would read every row first, to tell listeners that have no use for it."""
    rows._raw_delete(DEFAULT_DB_ALIAS)
