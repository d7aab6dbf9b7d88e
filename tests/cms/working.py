"""Real workers on a database of the test's own: `python -m tests.cms.working SCENARIO FOLDER` fails where a claim does."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.utils import timezone  # noqa: E402
from django_tasks_db.models import DBTaskResult  # noqa: E402

from content import jobs  # noqa: E402
from content.models.worker import Worker  # noqa: E402
from tests.cms import sample_jobs  # noqa: E402
from tests.cms.sample_jobs import noted  # noqa: E402

FOLDER = Path(sys.argv[2])
NOTES = str(FOLDER / "notes")


@contextmanager
def workers(count=1):
    with open(f"{NOTES}.log", "a") as log:
        started = [
            subprocess.Popen([sys.executable, "manage.py", "worker"], stdout=subprocess.PIPE, stderr=log, text=True)
            for _ in range(count)
        ]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()
            process.stdout.close()


def wait_until(claim, seconds=60):
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, (claim, noted(NOTES), list(ours().values()))
        time.sleep(0.05)


def ours():
    return DBTaskResult.objects.filter(task_path__startswith="tests.")


def states():
    return sorted(ours().values_list("status", flat=True))


def lose():
    """As if a minute had passed since the killed were last heard of."""
    Worker.objects.update(seen_at=timezone.now() - jobs.LEASE)


def killed():
    """What a killed worker had begun is done by the next, and what it had done is done again: at least once."""
    for moment in ("before", "after"):
        jobs.enqueue(sample_jobs.kill, NOTES + moment, moment)
    for _ in range(2):
        with workers() as (worker,):
            assert worker.wait(60) == -signal.SIGKILL
        assert "RUNNING" in states()
        lose()
    with workers():
        wait_until(lambda: states() == ["SUCCESSFUL"] * 2)
    assert noted(NOTES + "before") == ["begun", "done"]
    assert noted(NOTES + "after") == ["done", "done"]
    assert [len(row.worker_ids) for row in ours()] == [2, 2]


def alive():
    """A worker that is heard of keeps its job, however long it takes."""
    jobs.enqueue(sample_jobs.take_long, NOTES, 9)
    with workers(2):
        wait_until(lambda: noted(NOTES) == ["began"])
        running = ours().get()
        its_worker = Worker.objects.filter(pk=running.worker_ids[-1])
        heard_at = its_worker.get().seen_at
        wait_until(lambda: its_worker.filter(seen_at__gt=heard_at).exists())
        time.sleep(7)
        assert jobs.take_up() == 0
        wait_until(lambda: states() == ["SUCCESSFUL"])
    assert noted(NOTES) == ["began", "ended"]
    assert ours().get().worker_ids == running.worker_ids


def failing():
    """Tried again with growing pauses, then given up, with its error; tried again by hand, and done."""
    jobs.enqueue(sample_jobs.fail, NOTES)
    with workers():
        wait_until(lambda: states() == ["FAILED"])
        row = ours().get()
        assert (len(row.worker_ids), row.exception_class_path) == (3, "builtins.OSError")
        assert "The disk is full" in row.traceback
        assert len(noted(NOTES)) == 3
        Path(f"{NOTES}.mended").touch()
        time.sleep(2)
        assert len(noted(NOTES)) == 3, "what was given up rests"
        assert jobs.try_again(ours()) == 1
        wait_until(lambda: states() == ["SUCCESSFUL"])
        row = ours().get()
        assert (len(row.worker_ids), row.exception_class_path, row.traceback) == (1, "", "")
    lines = [
        line for line in Path(f"{NOTES}.log").read_text().splitlines() if " job: " in line and "sample_jobs" in line
    ]
    told = re.findall(r"request_id=(\w{32}) job=(\S+) attempt=(\d) outcome=(\w+) ms=[\d.]+ sql=\d", "\n".join(lines))
    name = sample_jobs.fail.module_path
    outcomes = [("1", "failed"), ("2", "failed"), ("3", "failed"), ("1", "done")]
    assert [each[1:] for each in told] == [(name, *outcome) for outcome in outcomes], lines
    assert len({each[0] for each in told}) == 4
    assert not [line for line in lines if NOTES in line], "a line has no arguments"


def two():
    """Two workers share the jobs, and none is done by both."""
    words = [f"word{number}" for number in range(60)]
    for word in words:
        jobs.enqueue(sample_jobs.write, NOTES, word)
    with workers(2):
        wait_until(lambda: states() == ["SUCCESSFUL"] * 60, 60)
        periodic = DBTaskResult.objects.filter(task_path="content.jobs.prune")
        wait_until(lambda: periodic.exists())
        assert periodic.count() == 1, "nor is what is scheduled"
    assert sorted(noted(NOTES)) == sorted(words)
    assert all(len(row.worker_ids) == 1 for row in ours())


def due():
    """What is due is published within ten seconds, though every queue is busy."""
    from content.models.topic import Topic
    from tests import factories

    with workers():
        for number in range(3):
            for queue in (jobs.QUICK, jobs.IMAGES, jobs.UPKEEP):
                sample_jobs.take_long.using(queue_name=queue).enqueue(NOTES, 40 + number)
        wait_until(lambda: noted(NOTES) == ["began"] * 3)
        topic = factories.TopicFactory(name="Scheduled", live=False)
        topic.go_live_at = timezone.now() + timedelta(seconds=1)
        topic.save_revision().publish()
        assert not Topic.objects.get(pk=topic.pk).live
        wait_until(lambda: Topic.objects.get(pk=topic.pk).live, 11)
        assert noted(NOTES) == ["began"] * 3


def stopped():
    """A worker that is to stop finishes what it can in time, gives back the rest, and begins nothing new."""
    jobs.enqueue(sample_jobs.take_long, NOTES, 2)
    with workers() as (worker,):
        wait_until(lambda: noted(NOTES) == ["began"])
        worker.terminate()
        assert worker.wait(10) == 0
        assert "has stopped" in worker.stdout.read()
    assert (noted(NOTES), states()) == (["began", "ended"], ["SUCCESSFUL"])
    ours().delete()
    for word in ("one", "two"):
        jobs.enqueue(sample_jobs.take_long, NOTES + word, 30)
    with workers() as (worker,):
        wait_until(lambda: noted(NOTES + "one") == ["began"])
        worker.terminate()
        assert worker.wait(10) == 0, "Docker would kill it now"
    assert states() == ["READY"] * 2
    assert noted(NOTES + "two") == []
    assert [row.worker_ids for row in ours()] == [[], []], "that was no attempt"


def away():
    """A worker outlives rows that it cannot do, and a kind of job that it does not know."""
    jobs.enqueue(sample_jobs.write, NOTES, "one")
    ours().update(task_path="tests.cms.sample_jobs.unknown")
    jobs.enqueue(sample_jobs.write, NOTES, "two")
    with workers() as (worker,):
        wait_until(lambda: noted(NOTES) == ["two"])
        wait_until(lambda: ours().filter(exception_class_path="builtins.ImportError").exists())
        assert worker.poll() is None


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    globals()[sys.argv[1]]()
