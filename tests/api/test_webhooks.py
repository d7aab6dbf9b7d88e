"""Receivers are told of every change, by messages that they can believe, whatever goes wrong in between."""

import json
import re
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max
from standardwebhooks import WebhookVerificationError
from wagtail.models import PageViewRestriction

from api.copies import Copy, is_copy
from api.documents.models import Event, Generation
from api.webhooks import delivering, outbox
from api.webhooks.delivering import POLICY, deliver, new_secret, prune
from api.webhooks.models import DELIVERED, GIVEN_UP, WAITING, Delivery, Secret, Webhook
from cms.bootstrap import ROOT, node
from content import jobs, outgoing
from content.changes import changes, touch
from tests import factories, processes
from tests.api import receiving
from tests.api.receiving import changes_of, verified, webhook

pytestmark = pytest.mark.django_db

FEED = "query ($after: String) { changes(first: 100, after: $after) { nodes { id type kind path } } }"


@pytest.fixture
def loopback(monkeypatch):
    receiving.allow_loopback(monkeypatch.setattr)


@pytest.fixture
def receiver(loopback, enqueued):
    with receiving.receiver() as found:
        yield found


@pytest.fixture
def later(monkeypatch):
    """Let time pass."""

    def pass_by(much):
        now = timezone.now() + much
        monkeypatch.setattr(timezone, "now", lambda: now)

    return pass_by


def work():
    """Whatever is due of messages; how many attempts that were."""
    count = 0
    while row := jobs.claim(jobs.WEBHOOKS, "one"):
        jobs.run(row)
        count += 1
    return count


def work_on():
    """All attempts, as if every pause were over."""
    count, found = 0, 1
    while found:
        DBTaskResult.objects.filter(status=jobs.WAITING).update(run_after=get_date_max())
        found = work()
        count += found
    return count


def publish(instance, **values):
    with changes():
        for name, value in values.items():
            setattr(instance, name, value)
        instance.save_revision().publish()


# What is told ---------------------------------------------------------------------------------------------------------


def test_a_change_is_told_as_the_feed_tells_it(receiver, graphql):
    found = webhook(receiver.url)
    tool = factories.ToolPageFactory(title="Django", slug="django")
    Delivery.objects.all().delete()
    with changes():
        publish(tool, title="Django 6")
        topic = factories.TopicFactory()
    work()
    (message,) = receiver.got
    told = verified(found.secret, message)
    assert told["type"] == "content.changed"
    event = Event.objects.latest("generation")
    assert told["data"]["generation"] == event.generation
    assert told["data"]["isComplete"] is True
    assert told["timestamp"] == event.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert {each["id"] for each in told["data"]["changes"]} == {f"page:{tool.pk}", f"topic:{topic.pk}"}
    assert told["data"]["changes"] == graphql(FEED, {"after": told["data"]["after"]})["data"]["changes"]["nodes"]
    headers = message[0]
    assert headers["content-type"] == "application/json"
    (log,) = Delivery.objects.all()
    assert headers["webhook-id"] == log.message_id
    assert (log.state, log.attempts, log.status, log.problem, log.generation) == (
        DELIVERED,
        1,
        204,
        "",
        event.generation,
    )
    with changes():
        tool.unpublish()
    work()
    assert changes_of(receiver.got[-1]) == [
        {"id": f"page:{tool.pk}", "type": "Tool", "kind": "TOMBSTONE", "path": "/tools/django/"}
    ]


def test_every_change_has_its_message_and_what_is_none_has_none(receiver):
    webhook(receiver.url)
    before = Generation.objects.get().value
    tool = factories.ToolPageFactory()
    publish(tool, title="Once")
    told = Delivery.objects.order_by("generation").values_list("generation", flat=True)
    events = Event.objects.filter(generation__gt=before).order_by("generation")
    assert list(told) == list(events.values_list("generation", flat=True)) != []
    count = Delivery.objects.count()
    with changes():
        touch([f"page:{tool.pk}"])
    tool.title = "Draft"
    tool.save_revision()
    with pytest.raises(ZeroDivisionError), changes():
        publish(tool, title="Undone")
        raise ZeroDivisionError
    assert Delivery.objects.count() == count
    assert len(DBTaskResult.objects.filter(task_path=deliver.module_path)) == count


def test_who_is_switched_off_or_has_no_secret_is_told_nothing(receiver):
    webhook(receiver.url, is_enabled=False)
    Webhook.objects.create(description="No secret", url=receiver.url)
    factories.TopicFactory()
    assert not Delivery.objects.exists()


def test_a_webhook_hears_only_of_the_types_that_it_names(receiver):
    webhook(receiver.url, types=["Topic", "Person"])
    with changes():
        factories.ToolPageFactory()
        topic = factories.TopicFactory()
    factories.ToolPageFactory()
    work()
    assert [changes_of(message) for message in receiver.got] == [
        [{"id": f"topic:{topic.pk}", "type": "Topic", "kind": "UPSERT", "path": None}]
    ]


def test_of_a_large_change_the_first_hundred_are_told(receiver, monkeypatch):
    monkeypatch.setattr(outbox, "MOST_CHANGES", 2)
    webhook(receiver.url, types=["Topic"])
    for count in (2, 3):
        with changes():
            factories.TopicFactory.create_batch(count)
    work()
    data = [json.loads(body)["data"] for _, body in receiver.got]
    assert sorted((len(each["changes"]), each["isComplete"]) for each in data) == [(2, False), (2, True)]


def test_nothing_hidden_is_in_a_message(receiver):
    factories.tree()
    webhook(receiver.url)
    factories.ArticlePageFactory(title="Secret draft", slug="secret-draft", live=False)
    scheduled = factories.ArticlePageFactory(title="Secret plan", slug="secret-plan", live=False)
    scheduled.go_live_at = timezone.now() + timedelta(days=1)
    publish(scheduled)
    public = factories.ArticlePageFactory(title="Public", slug="public")
    public.title = "Secret change"
    public.save_revision()
    section = factories.StandardPageFactory(title="Members", slug="members")
    PageViewRestriction.objects.create(page=section, restriction_type="login")
    factories.StandardPageFactory(title="Secret page", slug="secret-page", parent=section)
    bodies = "\n".join(Delivery.objects.values_list("body", flat=True))
    assert "/articles/public/" in bodies
    assert "secret" not in bodies.lower()
    assert {tuple(each) for body in bodies.splitlines() for each in json.loads(body)["data"]["changes"]} == {
        ("id", "type", "kind", "path")
    }


def test_a_publish_asks_one_query_more_without_webhooks_and_the_same_for_all_of_them(receiver):
    tool = factories.ToolPageFactory()

    def asked(title):
        with CaptureQueriesContext(connection) as captured:
            publish(tool, title=title)
        return [each["sql"] for each in captured if "api_webhook" in each["sql"] or "api_delivery" in each["sql"]]

    asked("First")
    assert len(asked("One")) == 1
    webhook(receiver.url)
    few = len(asked("Two"))
    webhook(receiver.url)
    webhook(receiver.url)
    assert len(asked("Three")) == few == 2


def test_a_copy_tells_nobody(receiver):
    webhook(receiver.url)
    factories.TopicFactory()
    Copy.objects.create(pk=1, taken_at=timezone.now())
    is_copy.cache_clear()
    count = Delivery.objects.count()
    factories.TopicFactory()
    assert Delivery.objects.count() == count == 1
    assert work() == 1
    assert receiver.got == []
    assert Delivery.objects.get().attempts == 0


# Whether it arrives ---------------------------------------------------------------------------------------------------


def one_message(receiver, **values):
    """A webhook that has one message to come, and the message."""
    found = webhook(receiver.url, types=["Topic"], **values)
    factories.TopicFactory()
    return found, Delivery.objects.get()


def test_what_fails_is_tried_again_with_the_same_id_and_body(receiver):
    found, message = one_message(receiver)
    receiver.status, receiver.text = 500, "out of order\x00" + "…" * 600
    assert work() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts, message.status) == (WAITING, 1, 500)
    assert message.problem == "The receiver answers 500"
    assert message.answer == "out of order" + "…" * 487
    receiver.status, receiver.text = 200, "ok"
    assert work_on() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts, message.status, message.problem) == (DELIVERED, 2, 200, "")
    assert message.answer == "ok"
    first, second = receiver.got
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[1] == second[1]
    assert verified(found.secret, second)


def test_after_a_day_it_is_given_up_in_both_reports_and_can_be_sent_again(receiver):
    _, message = one_message(receiver)
    receiver.status = 503
    assert work_on() == POLICY.attempts == len(receiver.got)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (GIVEN_UP, POLICY.attempts)
    job = DBTaskResult.objects.get(task_path=deliver.module_path)
    assert job.status == jobs.FAILED
    receiver.status = 204
    outbox.send_again(message)
    assert work() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts) == (DELIVERED, 1)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert not DBTaskResult.objects.filter(status=jobs.FAILED).exists(), "the new job does the old one's work"


def test_it_is_given_up_too_when_its_worker_was_killed_in_the_last_attempt(receiver):
    _, message = one_message(receiver)
    ours = DBTaskResult.objects.filter(task_path=deliver.module_path)
    ours.update(status=jobs.RUNNING, worker_ids=["gone"] * POLICY.attempts)
    assert jobs.take_up() == 1
    message.refresh_from_db()
    assert message.state == GIVEN_UP


def test_jobs_that_are_tried_again_deliver_what_was_given_up(receiver):
    _, message = one_message(receiver)
    receiver.status = 503
    work_on()
    receiver.status = 204
    assert jobs.try_again(DBTaskResult.objects.all()) == 1
    work()
    message.refresh_from_db()
    assert message.state == DELIVERED


def test_the_attempts_are_spread_over_a_day_at_most():
    longest = sum((POLICY.first_pause * 2**number for number in range(13)), timedelta()) + 2 * POLICY.longest_pause
    for _ in range(20):
        whole = sum((POLICY.pause(attempt) for attempt in range(1, POLICY.attempts)), timedelta())
        assert timedelta(hours=11.6) < whole <= longest < timedelta(days=1)


def test_what_was_delivered_is_not_delivered_again_by_a_job_that_runs_twice(receiver):
    _, message = one_message(receiver)
    work()
    jobs.enqueue(deliver, str(message.pk))
    work()
    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver, status):
    _, message = one_message(receiver)
    receiver.status, receiver.headers = status, {"Location": receiver.url}
    work()
    message.refresh_from_db()
    assert (message.state, message.status) == (WAITING, status)
    assert message.problem == f"The receiver answers {status}, a redirect, which is not followed"
    assert len(receiver.got) == 1


def test_who_answers_410_is_switched_off(receiver):
    found, message = one_message(receiver)
    factories.TopicFactory()
    receiver.status = 410
    assert work() == 2
    assert len(receiver.got) == 1
    found.refresh_from_db()
    assert (found.is_enabled, found.switched_off_because) == (
        False,
        "The receiver answers 410: it wants no more messages",
    )
    assert set(Delivery.objects.values_list("state", flat=True)) == {GIVEN_UP}
    assert not jobs.unhappy().exists()
    found.is_enabled = True
    found.save()
    assert found.switched_off_because == ""


def test_a_receiver_that_is_slow_to_fail_rests_and_holds_up_nobody(receiver, monkeypatch, later):
    monkeypatch.setattr(outgoing, "TO_READ", 0.2)
    monkeypatch.setattr(delivering, "SLOW", timedelta(seconds=0.1))
    slow = webhook(receiver.url, description="Slow", types=["Topic"])
    receiver.seconds = 0.5
    factories.TopicFactory.create_batch(3)
    with receiving.receiver() as other:
        webhook(other.url, description="Other", types=["Topic"])
        factories.TopicFactory()
        work()
        assert len(other.got) == 1
    assert len(receiver.got) == 1, "the others have failed at once"
    problems = Delivery.objects.filter(webhook=slow, attempts=1).values_list("problem", flat=True)
    assert list(problems) == ["It did not answer in time"]
    receiver.seconds = 0
    later(delivering.REST)
    DBTaskResult.objects.update(run_after=get_date_max())
    work()
    assert Delivery.objects.filter(webhook=slow, state=DELIVERED).count() == 4


def test_a_receiver_that_drips_its_answer_is_hung_up_on(receiver, monkeypatch):
    monkeypatch.setattr(outgoing, "LONGEST", 0.3)
    _, message = one_message(receiver)
    receiver.seconds = 9
    begun = time.monotonic()
    work()
    assert time.monotonic() - begun < 7
    message.refresh_from_db()
    assert (message.state, message.status, message.problem) == (WAITING, None, "It did not answer in time")


def test_a_test_is_sent_also_while_the_webhook_is_switched_off(receiver):
    found = webhook(receiver.url, is_enabled=False)
    message = outbox.send_test(found)
    work()
    (got,) = receiver.got
    assert verified(found.secret, got)["type"] == "webhook.test"
    message.refresh_from_db()
    assert (message.state, message.generation) == (DELIVERED, None)


def test_what_waits_for_a_webhook_that_is_deleted_or_switched_off_is_not_sent(receiver):
    found, message = one_message(receiver)
    Webhook.objects.filter(pk=found.pk).update(is_enabled=False)
    work()
    message.refresh_from_db()
    assert (message.state, message.problem) == (GIVEN_UP, "The webhook is switched off")
    jobs.enqueue(deliver, str(message.pk))
    found.delete()
    work()
    assert receiver.got == []
    assert not jobs.unhappy().exists()


def test_old_messages_are_forgotten_and_none_that_waits(receiver, later, settings):
    one_message(receiver)
    work()
    factories.TopicFactory()
    settings.KEEP_EVENTS_DAYS = 0
    later(timedelta(days=400))
    prune.call()
    assert Delivery.objects.count() == 2
    settings.KEEP_EVENTS_DAYS = 30
    prune.call()
    assert [each.state for each in Delivery.objects.all()] == [WAITING]


# Whether it is believed -----------------------------------------------------------------------------------------------


def test_a_new_secret_takes_the_place_of_the_old_without_a_gap(receiver, later):
    found = webhook(receiver.url, types=["Topic"])
    old, new = found.secret, new_secret(found)
    newest = new_secret(found)

    def believed():
        factories.TopicFactory()
        work()
        return [secret for secret in (old, new, newest) if is_genuine(secret, receiver.got[-1])]

    assert believed() == [old, new, newest]
    signatures = receiver.got[-1][0]["webhook-signature"].split(" ")
    assert [each.partition(",")[0] for each in signatures] == ["v1"] * 3
    later(delivering.OVERLAP)
    assert Secret.signing().count() == 1
    new_secret(found)
    assert found.secrets.count() == 2, "what has ended is forgotten"


def is_genuine(secret, message):
    try:
        verified(secret, message)
    except WebhookVerificationError:
        return False
    return True


LISTINGS = dict(
    re.findall(r"^```(?:python|js) (\S+)\n(.*?)^```$", (ROOT / "docs/webhooks.md").read_text(), re.M | re.S)
)
ASK = {
    "verify.py": (
        [sys.executable, "-c"],
        "import json, sys\nfrom verify import is_genuine\nsecret, headers, body = json.load(sys.stdin)\n"
        "print(is_genuine(secret, headers, body.encode()))",
    ),
    "verify.mjs": (
        [str(node()), "--input-type=module", "-e"],
        'import { readFileSync } from "node:fs";\nimport { isGenuine } from "./verify.mjs";\n'
        "const [secret, headers, body] = JSON.parse(readFileSync(0, 'utf8'));\n"
        "console.log(isGenuine(secret, headers, Buffer.from(body)) ? 'True' : 'False');",
    ),
}


def test_each_language_of_the_guide_has_its_case():
    assert LISTINGS.keys() == ASK.keys()


@pytest.mark.parametrize("name", sorted(ASK))
def test_the_listings_of_the_guide_believe_what_is_genuine_and_nothing_else(receiver, tmp_path, name):
    found = webhook(receiver.url)
    factories.TopicFactory(name="Größe")
    work()
    headers, body = receiver.got[0][0], receiver.got[0][1].decode()
    (tmp_path / name).write_text(LISTINGS[name])
    command, script = ASK[name]

    def says(secret=found.secret, body=body, **changed):
        sent = {**headers, **{key.replace("_", "-"): value for key, value in changed.items()}}
        told = json.dumps([secret, sent, body])
        done = subprocess.run([*command, script], input=told, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    assert says() == "True"
    new_secret(found)
    assert says(webhook_signature=f"v1,AAAA v1a,BBBB {headers['webhook-signature']}") == "True"
    assert says(secret=new_secret(found)) == "False"
    assert says(body=body + " ") == "False"
    assert says(webhook_id="msg_other") == "False"
    assert says(webhook_timestamp="") == says(webhook_timestamp="soon") == says(webhook_signature="") == "False"
    for seconds in (-301, 360):
        at = timezone.now() + timedelta(seconds=seconds)
        again = delivering.signed(Delivery.objects.get(pk=message_of(headers)), at)
        assert says(**{key.replace("-", "_"): value for key, value in again.items()}) == "False"
    at = timezone.now() - timedelta(seconds=240)
    again = delivering.signed(Delivery.objects.get(pk=message_of(headers)), at)
    assert says(**{key.replace("-", "_"): value for key, value in again.items()}) == "True"


def message_of(headers):
    return headers["webhook-id"].removeprefix("msg_")


# Where it may go ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["ftp://example.com/", "https://example.com:8443/", "http://127.0.0.1/", "http://[::1]/"]
)
def test_an_address_that_is_never_told_cannot_be_entered(url):
    with pytest.raises(ValidationError) as refused:
        Webhook(description="Search", url=url).full_clean()
    assert refused.value.message_dict.keys() == {"url"}


def test_a_private_address_is_not_told(enqueued):
    with receiving.receiver() as found:
        _, message = one_message(found)
        work()
        message.refresh_from_db()
        assert (message.state, message.attempts, message.status) == (WAITING, 1, None)
        assert message.problem == "Only http and https on their usual ports are asked"
        assert found.got == []


# Whatever is killed ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["before the request", "after the request", "after the note"])
def test_nothing_is_lost_when_a_worker_is_killed(tmp_path, moment):
    with processes.shared_database(tmp_path) as database, receiving.receiver() as found:
        code, output = processes.run(database, "-m", "tests.api.killed_telling", found.url, moment)
        assert code == 0, output
        ids = [headers["webhook-id"] for headers, _ in found.got]
        assert len(set(ids)) == 1
        assert len(ids) == (2 if moment == "after the request" else 1)
