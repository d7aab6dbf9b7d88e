"""Mail tells of what has happened, and a mail server that does not answer stops nothing."""

import socket
import subprocess
import sys

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, TaskState

from cms.env import BASE_DIR
from cms.mail import wait_until_sent
from content.changes import changes
from content.roles import group_of
from tests import factories
from tests.admin import page_address, page_form
from tests.processes import shared_database, variables

SMTP = "django.core.mail.backends.smtp.EmailBackend"
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


def member(name, role):
    user = User.objects.create_user(name, f"{name}@example.com", "sufficiently long")
    user.groups.add(group_of(role) or Group.objects.get(name=role))
    return user


@pytest.fixture
def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def after_commit(settings):
    settings.EMAIL_BACKEND = "cms.mail.AfterCommitBackend"
    settings.DELIVERY_BACKEND = LOCMEM


@pytest.fixture
def dead_server(settings, after_commit, closed_port):
    settings.DELIVERY_BACKEND = SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", closed_port, 5


@pytest.fixture
def roles(transactional_db):
    """A test with real commits may follow one that emptied the database."""
    from content.roles import set_up

    factories.tree()
    set_up()


def submitted(client, article):
    form = page_form(client, article, body=[("heading", {"text": "First things first", "level": "2"})])
    return client.post(page_address(article), {**form, "action-submit": "Submit"})


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_a_submitted_article_is_told_to_those_who_check_it(roles, after_commit, settings):
    member("fay", "fact_checker")
    article = factories.ArticlePageFactory(title="Django or Flask", live=False)
    assert submitted(signed_in(member("wim", "writer")), article).status_code == 302
    wait_until_sent(10)
    (told,) = mail.outbox
    assert told.to == ["fay@example.com"]
    assert "Django or Flask" in told.subject
    assert f"{settings.CMS_URL}{page_address(article)}" in told.body


def test_approval_and_refusal_are_told_to_the_writer(roles, after_commit):
    writer, checker = member("wim", "writer"), member("fay", "fact_checker")
    article = factories.ArticlePageFactory(title="Django or Flask", live=False)
    submitted(signed_in(writer), article)
    state = TaskState.objects.get()
    address = reverse("wagtailadmin_pages:workflow_action", args=[article.pk, "reject", state.pk])
    signed_in(checker).post(address, {"comment": "The third figure is wrong."})
    wait_until_sent(10)
    told = mail.outbox[-1]
    assert told.to == ["wim@example.com"]
    assert "The third figure is wrong." in told.body


def test_a_dead_mail_server_does_not_keep_an_article_from_its_review(roles, dead_server, caplog):
    member("fay", "fact_checker")
    article = factories.ArticlePageFactory(live=False)
    assert submitted(signed_in(member("wim", "writer")), article).status_code == 302
    wait_until_sent(20)
    assert TaskState.objects.get().status == "in_progress"
    assert "Mail could not be sent: " in caplog.text
    assert "fay@example.com" not in caplog.text


def test_a_dead_mail_server_does_not_keep_an_approved_article_from_its_readers(roles, dead_server, graphql):
    member("fay", "fact_checker")
    article = factories.ArticlePageFactory(title="Out now", slug="out-now", live=False)
    submitted(signed_in(member("wim", "writer")), article)
    for reviewer in (User.objects.get(username="fay"), member("eda", "editor")):
        state = TaskState.objects.get(status="in_progress")
        address = reverse("wagtailadmin_pages:workflow_action", args=[article.pk, "approve", state.pk])
        assert signed_in(reviewer).post(address).status_code == 302
    wait_until_sent(20)
    assert Page.objects.get(pk=article.pk).live
    assert graphql('{ article(slug: "out-now") { title } }')["data"] == {"article": {"title": "Out now"}}


def test_nobody_waits_for_a_mail_server_that_never_answers(roles, dead_server, settings):
    """Its port is open and says nothing, which is what holds a connection longest."""
    member("fay", "fact_checker")
    article = factories.ArticlePageFactory(live=False)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = silent.getsockname()[1], 1
        connections = []
        assert submitted(signed_in(member("wim", "writer")), article).status_code == 302
        assert TaskState.objects.get().status == "in_progress"
        connections.append(silent.accept())
        wait_until_sent(20)
        connections[0][0].close()


def test_what_was_rolled_back_is_not_told(transactional_db, after_commit):
    with pytest.raises(ZeroDivisionError), changes():
        mail.send_mail("It is done", "", None, ["ada@example.com"])
        raise ZeroDivisionError
    wait_until_sent(10)
    assert mail.outbox == []


def test_a_forgotten_password_is_mailed(transactional_db, after_commit, client, settings):
    User.objects.create_superuser("ada", "ada@example.com", "sufficiently long")
    response = client.post(reverse("wagtailadmin_password_reset"), {"email": "ada@example.com"})
    assert response.status_code == 302
    wait_until_sent(10)
    (told,) = mail.outbox
    assert told.to == ["ada@example.com"]
    assert f"{settings.CMS_URL}/admin/password_reset/confirm/" in told.body


def test_a_dead_mail_server_answers_a_forgotten_password_as_ever(transactional_db, dead_server, client):
    User.objects.create_superuser("ada", "ada@example.com", "sufficiently long")
    known = client.post(reverse("wagtailadmin_password_reset"), {"email": "ada@example.com"})
    unknown = client.post(reverse("wagtailadmin_password_reset"), {"email": "nobody@example.com"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    wait_until_sent(20)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("consolemail://", "Subject: Test email from"),
        ("smtp://127.0.0.1:{port}", "Mail could not be sent: Test email from"),
    ],
)
def test_a_test_mail_arrives_or_the_terminal_says_why_not(transactional_db, tmp_path, closed_port, address, said):
    with shared_database(tmp_path) as database:
        done = subprocess.run(
            [sys.executable, "manage.py", "sendtestemail", "ada@example.com"],
            cwd=BASE_DIR,
            env=variables(database) | {"EMAIL_URL": address.format(port=closed_port)},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0
    assert said in done.stdout + done.stderr
    assert ("ada@example.com" in done.stdout) == address.startswith("console")
