"""Whether the pages behind our sources are still there, and what the report tells of it."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from content import source_checks
from content.models.pending import PendingChange
from content.outgoing import Refused, Unreachable
from content.source_checks import broken_sources, check_due_sources, check_source, sources_to_check
from tests.factories import FactFactory, SourceFactory

pytestmark = pytest.mark.django_db

REPORT = reverse("content_broken_sources")


def answering(outcome):
    def ask(url):
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return ask


def checked(outcome, source=None):
    source = source or SourceFactory()
    check_source(source, answering(outcome))
    source.refresh_from_db()
    return source


@pytest.mark.parametrize("status", [200, 204, 401, 403, 429, 999])
def test_a_page_that_answers_or_is_closed_to_programs_is_not_broken(status):
    source = checked(status)
    assert (source.problem, source.failing_since, source.is_gone) == ("", None, False)
    assert source.checked_at


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_broken_at_once(status):
    source = checked(status)
    assert list(broken_sources()) == [source]
    assert source.problem == f"The server answers {status}"


@pytest.mark.parametrize(
    ("outcome", "problem"),
    [
        (500, "The server answers 500"),
        (Unreachable("it did not answer in time"), "It did not answer in time"),
        (Refused("it is not in the public web"), "It is not in the public web"),
    ],
)
def test_a_server_that_is_away_gets_three_days(outcome, problem):
    source = checked(outcome)
    assert source.problem == problem
    assert not broken_sources().exists()
    assert list(broken_sources(timezone.now() + timedelta(days=3, seconds=1))) == [source]


def test_it_is_failing_since_the_first_time():
    source = checked(500)
    since = source.failing_since
    assert checked(500, source).failing_since == since
    assert checked(200, source).failing_since is None
    assert checked(404, source).failing_since > since


def test_a_source_whose_address_changed_meanwhile_keeps_a_clean_sheet():
    source = SourceFactory()
    type(source).objects.filter(pk=source.pk).update(url="https://example.org/elsewhere")
    assert checked(404, source).checked_at is None


def test_asking_publishes_nothing(django_capture_on_commit_callbacks):
    FactFactory(sources=[source := SourceFactory()])
    with django_capture_on_commit_callbacks() as callbacks:
        checked(404, source)
    assert (callbacks, PendingChange.objects.count()) == ([], 0)


def test_each_is_asked_once_a_week_the_never_asked_first(settings):
    settings.SOURCE_CHECK_DAYS = 7
    old, never, recent = SourceFactory(), SourceFactory(), SourceFactory()
    now = timezone.now()
    type(old).objects.filter(pk=old.pk).update(checked_at=now - timedelta(days=8))
    type(old).objects.filter(pk=recent.pk).update(checked_at=now - timedelta(days=6))
    assert list(sources_to_check()) == [never, old]
    settings.SOURCE_CHECK_DAYS = 0
    assert list(sources_to_check()) == []


def test_the_job_asks_what_is_due_until_it_is_stopped(settings, monkeypatch):
    settings.SOURCE_CHECK_DAYS = 7
    asked = []
    monkeypatch.setattr(source_checks, "PAUSE", 0)
    monkeypatch.setattr(source_checks, "check_source", asked.append)
    for _ in range(3):
        SourceFactory()
    assert check_due_sources(lambda: len(asked) == 2) == 2


def test_a_changed_address_is_asked_anew(admin_client):
    source = checked(404)
    edit = reverse("wagtailsnippets_content_source:edit", args=[source.pk])
    admin_client.post(edit, {"title": source.title, "url": "https://example.org/found-again", "publisher": ""})
    source.refresh_from_db()
    assert (source.is_gone, source.problem, source.failing_since, source.checked_at) == (False, "", None, None)


def test_the_report_tells_what_happened_and_how_many_facts_lean_on_it(admin_client):
    source = checked(404)
    FactFactory(sources=[source])
    FactFactory(sources=[source])
    checked(200)
    response = admin_client.get(REPORT)
    assert [(row, row.facts) for row in response.context["object_list"]] == [(source, 2)]
    assert "The server answers 404" in response.content.decode()
    lines = b"".join(admin_client.get(REPORT, {"export": "csv"}).streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert source.url in lines[1]


def test_the_command_asks_all_and_names_what_failed(monkeypatch, capsys):
    good, bad = SourceFactory(), SourceFactory()
    monkeypatch.setattr(
        "content.management.commands.check_sources.check_source",
        lambda source: check_source(source, answering(200 if source == good else 404)),
    )
    call_command("check_sources", all=True)
    assert capsys.readouterr().out.splitlines() == [bad.url, "2 sources asked, 1 without a good answer."]
