"""Jobs, one step at a time; what real workers make of them is in tests/cms/test_worker.py."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult, get_date_max

from cms.schedule import schedule
from content import jobs
from content.models.topic import Topic
from content.models.worker import Worker
from tests import factories
from tests.cms import sample_jobs
from tests.cms.sample_jobs import fail, noted, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """As long as they may be, and longer than a busy machine takes from one line to the next."""
    monkeypatch.setattr(random, "uniform", lambda least, most: most)
    path = fail.module_path
    monkeypatch.setitem(jobs.policies, path, replace(jobs.policies[path], first_pause=timedelta(minutes=1)))


@pytest.fixture
def notes(tmp_path):
    return str(tmp_path / "notes")


@pytest.fixture
def later(monkeypatch):
    def move(pause):
        moment = timezone.now() + pause
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return move


def work(queue=jobs.QUICK, worker="one"):
    """What a worker does until nothing is due; how many jobs that were."""
    count = 0
    while row := jobs.claim(queue, worker):
        jobs.run(row)
        count += 1
    return count


def rows(job):
    return DBTaskResult.objects.filter(task_path=job.module_path)


def test_a_job_is_there_once_its_change_is_committed_and_never_if_it_is_rolled_back(enqueued, notes):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.enqueue(write, notes, "one")
        raise ZeroDivisionError
    assert enqueued(write) == []
    jobs.enqueue(write, notes, "two")
    assert work() == 1
    assert noted(notes) == ["two"]
    assert rows(write).get().status == jobs.DONE


def test_at_once_it_is_done_after_the_commit(notes, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue(write, notes, "one")
        jobs.enqueue_later(timedelta(seconds=1), write, notes, "later")
        assert noted(notes) == []
    assert noted(notes) == ["one"]


def test_a_job_for_later_waits(enqueued, notes, later):
    jobs.enqueue_later(timedelta(minutes=1), write, notes, "later")
    later(timedelta(seconds=59))
    assert work() == 0
    later(timedelta(seconds=2))
    assert work() == 1


def test_equal_jobs_that_wait_are_one(enqueued, notes, later):
    for word in ("one", "one", "two", "one"):
        jobs.enqueue(write, notes, word)
    jobs.enqueue_later(timedelta(minutes=1), write, notes, "one")
    assert work() == 2
    assert sorted(noted(notes)) == ["one", "two"]
    later(timedelta(minutes=2))
    assert work() == 1, "the one for later had its own time"
    assert sorted(noted(notes)) == ["one", "one", "two"]


def test_an_equal_job_does_the_work_of_one_that_failed(enqueued, notes):
    jobs.enqueue(fail, notes)
    assert work() == 1
    jobs.enqueue(fail, notes)
    assert work() == 1
    assert [(row.status, len(row.worker_ids)) for row in rows(fail)] == [(jobs.WAITING, 1)]
    rows(fail).update(status=jobs.FAILED)
    Path(f"{notes}.mended").touch()
    jobs.enqueue(fail, notes)
    assert work() == 1
    assert rows(fail).get().status == jobs.DONE


def test_pauses_double_up_to_a_limit_and_differ(monkeypatch):
    policy = jobs.Policy("Something", first_pause=timedelta(seconds=2), longest_pause=timedelta(seconds=60))
    assert [policy.pause(attempt).total_seconds() for attempt in range(1, 8)] == [2, 4, 8, 16, 32, 60, 60]
    monkeypatch.undo()
    pauses = {policy.pause(5).total_seconds() for _ in range(200)}
    assert len(pauses) > 100
    assert min(pauses) < 8 < 24 < max(pauses) <= 32


def test_what_fails_is_tried_again_after_a_pause_and_given_up_after_the_last_attempt(enqueued, notes, later):
    jobs.enqueue(fail, notes)
    for attempt, pause in [(1, 1), (2, 2)]:
        began = timezone.now()
        assert work() == 1
        row = rows(fail).get()
        assert (row.status, len(row.worker_ids)) == (jobs.WAITING, attempt)
        assert timedelta(minutes=pause) <= row.run_after - began < timedelta(minutes=pause + 0.5)
        assert row.traceback.endswith("OSError: The disk is full\n")
        assert work() == 0
        later(row.run_after - timezone.now())
    assert work() == 1
    row = rows(fail).get()
    assert (row.status, len(row.worker_ids)) == (jobs.FAILED, 3)
    assert row.finished_at is not None
    assert work() == 0
    assert jobs.try_again(rows(fail)) == 1
    row = rows(fail).get()
    assert (row.status, row.worker_ids, row.finished_at) == (jobs.WAITING, [], None)
    assert work() == 1


def test_only_what_failed_is_tried_again(enqueued, notes):
    jobs.enqueue(write, notes, "one")
    jobs.enqueue(write, notes, "two")
    row = jobs.claim(jobs.QUICK, "one")
    assert jobs.try_again(DBTaskResult.objects.all()) == 0
    jobs.run(row)
    assert jobs.try_again(DBTaskResult.objects.all()) == 0
    assert noted(notes) == ["one"]


def test_what_is_about_an_object_that_has_been_deleted_is_done_for_wagtail_only(enqueued):
    topic = factories.TopicFactory()
    Topic.objects.filter(pk=topic.pk)._raw_delete("default")
    waiting = DBTaskResult.objects.filter(status=jobs.WAITING)
    assert {path.rpartition(".")[2] for path in waiting.values_list("task_path", flat=True)} >= {
        "update_reference_index_task",
        "insert_or_update_object_task",
    }
    work()
    assert not jobs.unhappy().exists()
    jobs.enqueue(sample_jobs.find, topic.pk)
    work()
    assert rows(sample_jobs.find).get().status == jobs.FAILED


def test_what_a_killed_worker_has_left_is_taken_up_as_a_failed_attempt(enqueued, notes, later):
    jobs.enqueue(fail, notes)
    jobs.beat("one", None)
    assert jobs.claim(jobs.QUICK, "one")
    assert jobs.take_up() == 0
    later(jobs.LEASE)
    jobs.beat("two", None)
    assert jobs.take_up() == 1
    row = rows(fail).get()
    assert (row.status, row.worker_ids) == (jobs.WAITING, ["one"])
    assert "The worker one was killed" in row.traceback
    rows(fail).update(status=jobs.RUNNING, worker_ids=["one", "one", "one"])
    assert jobs.take_up() == 1
    assert rows(fail).get().status == jobs.FAILED, "a job that kills its worker each time ends, too"


def test_who_was_taken_for_dead_does_not_end_what_another_does(enqueued, notes, later):
    jobs.enqueue(write, notes, "one")
    slow = jobs.claim(jobs.QUICK, "one")
    later(jobs.LEASE * 2)
    jobs.take_up()
    later(timedelta(minutes=1))
    assert jobs.claim(jobs.QUICK, "two")
    jobs.run(slow)
    row = rows(write).get()
    assert (row.status, row.worker_ids) == (jobs.RUNNING, ["one", "two"])


def test_what_is_given_back_was_no_attempt(enqueued, notes):
    for word in ("one", "two"):
        jobs.enqueue(write, notes, word)
    jobs.claim(jobs.QUICK, "one")
    jobs.claim(jobs.QUICK, "two")
    assert jobs.give_back("one") == 1
    assert {row.status: row.worker_ids for row in rows(write)} == {jobs.WAITING: [], jobs.RUNNING: ["two"]}


def test_what_is_scheduled_is_enqueued_once_in_each_period_and_not_while_the_last_one_waits(enqueued, later):
    hour = timedelta(hours=1)
    assert jobs.enqueue_each(hour, jobs.prune)
    assert not jobs.enqueue_each(hour, jobs.prune)
    later(hour)
    assert not jobs.enqueue_each(hour, jobs.prune)
    assert work(jobs.UPKEEP) == 1
    assert jobs.enqueue_each(hour, jobs.prune)
    assert work(jobs.UPKEEP) == 1
    assert not jobs.enqueue_each(hour, jobs.prune)
    assert rows(jobs.prune).count() == 2


def test_finished_jobs_are_forgotten_in_the_end(notes):
    now = timezone.now()

    def row(status, age, **values):
        made = DBTaskResult.objects.create(
            task_path=write.module_path, args_kwargs={}, backend_name="default", status=status, run_after=get_date_max()
        )
        DBTaskResult.objects.filter(pk=made.pk).update(**{"finished_at": now - age, **values})
        return made.pk

    day = timedelta(days=1)
    kept = {
        row(jobs.DONE, jobs.KEEP_DONE - day),
        row(jobs.FAILED, jobs.KEEP_FAILED - day),
        row(jobs.WAITING, 99 * day, finished_at=None),
        row(jobs.RUNNING, 99 * day, finished_at=None),
    }
    row(jobs.DONE, jobs.KEEP_DONE + day)
    row(jobs.FAILED, jobs.KEEP_FAILED + day)
    jobs.beat("new", None)
    Worker.objects.bulk_create([Worker(id="old", seen_at=now - jobs.KEEP_WORKERS - day)])
    jobs.prune.call()
    assert set(DBTaskResult.objects.values_list("pk", flat=True)) == kept
    assert [worker.pk for worker in Worker.objects.all()] == ["new"]


def test_every_job_has_a_title_of_its_own():
    periodic = {entry.what.module_path for entry in schedule() if isinstance(entry.what, Task)}
    assert len(periodic) >= 6
    assert periodic <= jobs.policies.keys()
    titles = [policy.title for policy in jobs.policies.values()]
    assert len(set(titles)) == len(titles)
