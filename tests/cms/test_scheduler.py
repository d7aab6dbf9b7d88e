import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from cms.management.commands.scheduler import Command
from cms.models import Heartbeat
from tests import factories


def test_round_tells_what_a_killed_process_left_untold(db, monkeypatch, django_capture_on_commit_callbacks):
    told = []
    monkeypatch.setattr("cms.management.commands.scheduler.sweep", lambda: told.append("swept"))
    call_command("scheduler", once=True)
    assert told == ["swept"]


def test_what_is_due_comes_first_and_images_may_not_keep_it_waiting(db, monkeypatch):
    done = []
    scheduler = "cms.management.commands.scheduler"
    monkeypatch.setattr(f"{scheduler}.publish_due", lambda: done.append("published"))
    monkeypatch.setattr(f"{scheduler}.sweep", lambda: done.append("swept"))
    monkeypatch.setattr(f"{scheduler}.prepare_missing", lambda seconds: done.append(f"images for {seconds} s"))
    call_command("scheduler", once=True)
    assert done == ["published", "swept", "images for 3 s"]


def test_images_are_made_beside_the_rounds_and_an_error_ends_nothing(monkeypatch, caplog):
    stopped, tries = threading.Event(), []

    def failing(seconds):
        tries.append(seconds)
        if len(tries) == 2:
            stopped.set()
        raise OSError("disk full")

    monkeypatch.setattr("cms.management.commands.scheduler.prepare_missing", failing)
    monkeypatch.setattr("cms.management.commands.scheduler.close_old_connections", lambda: None)
    Command().images(stopped, every=0)
    assert tries == [10, 10]
    assert caplog.text.count("Images could not be prepared; the next round tries again") == 2


def test_round_leaves_a_heartbeat(db, monkeypatch):
    monkeypatch.setattr("cms.management.commands.scheduler.sweep", lambda: 0)
    call_command("scheduler", once=True)
    assert Heartbeat.silence("scheduler") < timedelta(seconds=30)


@pytest.mark.sqlite_only
def test_sqlite_searches_by_the_full_text_index_once_it_has_counted(db, monkeypatch):
    monkeypatch.setattr("cms.management.commands.scheduler.publish_due", lambda: None)
    for number in range(3):
        factories.ArticlePageFactory(title=f"Found {number}")
    call_command("scheduler", once=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tbl FROM sqlite_stat1")
        assert {"wagtailsearch_indexentry", "content_articlepage"} <= {name for (name,) in cursor.fetchall()}


def test_each_hour_what_was_public_long_ago_is_forgotten_whatever_else_fails(db, monkeypatch, caplog):
    stopped = threading.Event()
    done = []

    def failing():
        raise RuntimeError("not this hour")

    monkeypatch.setattr("cms.management.commands.scheduler.count_tables", failing)
    monkeypatch.setattr("api.documents.retention.prune", lambda: done.append("pruned"))
    monkeypatch.setattr("cms.management.commands.scheduler.check_due_sources", lambda is_stopped: stopped.set())
    Command().each_hour(stopped)
    assert done == ["pruned"]
    outcomes = [(record.fields["job"], record.fields["outcome"]) for record in caplog.records if record.name == "job"]
    assert outcomes[:2] == [("count_tables", "failed"), ("prune", "done")]
    assert "the next hour tries again" in caplog.text
