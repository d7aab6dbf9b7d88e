from datetime import timedelta

from django.core.management import call_command

from cms.models import Heartbeat


def test_round_tells_what_a_killed_process_left_untold(db, monkeypatch, django_capture_on_commit_callbacks):
    told = []
    monkeypatch.setattr("cms.management.commands.scheduler.sweep", lambda: told.append("swept"))
    call_command("scheduler", once=True)
    assert told == ["swept"]


def test_round_leaves_a_heartbeat(db, monkeypatch):
    monkeypatch.setattr("cms.management.commands.scheduler.sweep", lambda: 0)
    call_command("scheduler", once=True)
    assert Heartbeat.silence("scheduler") < timedelta(seconds=30)
