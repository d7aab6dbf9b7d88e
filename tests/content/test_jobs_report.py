"""What administrators see of jobs, and what they can do."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max
from wagtail import hooks
from wagtail.test.utils import WagtailTestUtils

from content import jobs
from content.models.worker import SILENT_AFTER, Worker
from content.roles import group_of
from tests.cms.sample_jobs import fail, write

pytestmark = pytest.mark.django_db


def row(job, status, *arguments, workers=(), error="", **values):
    return DBTaskResult.objects.create(
        task_path=job.module_path,
        status=status,
        args_kwargs={"args": arguments, "kwargs": {}},
        worker_ids=list(workers),
        backend_name="default",
        run_after=values.pop("run_after", get_date_max()),
        traceback=f"Traceback:\n  File …\nOSError: {error}\n" if error else "",
        exception_class_path="builtins.OSError" if error else "",
        **values,
    )


def table(client, **query):
    html = client.get(reverse("content_jobs"), query).content.decode()
    rows = WagtailTestUtils.get_soup(html).select("table.listing tbody tr")
    return [[" ".join(cell.get_text(" ", strip=True).split()) for cell in row.select("td")] for row in rows]


def client_of(*permissions):
    user = User.objects.create_user("operator", password="sufficiently long")
    user.groups.add(group_of("publisher"))
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_it_says_of_each_job_what_it_is_and_how_it_stands(admin_client):
    row(write, jobs.DONE, "page:1", workers=["one"])
    row(write, jobs.WAITING, "page:2")
    row(write, jobs.RUNNING, "page:3", workers=["one"])
    soon = timezone.now() + timedelta(minutes=3)
    row(fail, jobs.WAITING, "page:4", workers=["one", "two"], error="The disk is full", run_after=soon)
    row(fail, jobs.FAILED, "page:5", workers=["one"] * 3, error="<b>The</b> disk is full")
    found = {cells[1]: cells for cells in table(admin_client)}
    assert found.keys() == {"page:2", "page:3", "page:4", "page:5"}
    assert found["page:2"][:4] == ["Note a word", "page:2", "Waiting", "0 of 10"]
    assert found["page:3"][2:4] == ["Running", "1 of 10"]
    assert found["page:4"][:4] == ["Fail until it is mended", "page:4", "Waiting for another attempt", "2 of 3"]
    assert found["page:4"][5] != ""
    assert found["page:4"][6:] == ["OSError: The disk is full", "Try again"]
    assert found["page:5"][2:4] + found["page:5"][6:] == [
        "Given up",
        "3 of 3",
        "OSError: <b>The</b> disk is full",
        "Try again",
    ]
    assert [cells[-1] for key, cells in found.items() if key in ("page:2", "page:3")] == ["", ""]
    assert [cells[1] for cells in table(admin_client, status=jobs.DONE)] == ["page:1"]
    assert {cells[1] for cells in table(admin_client, task_path=fail.module_path)} == {"page:4", "page:5"}
    assert table(admin_client, task_path="content.jobs.prune") == []


def test_it_asks_the_same_however_many_jobs_there_are(admin_client):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert table(admin_client)
        return len(captured)

    row(fail, jobs.FAILED, "page:1", error="no")
    queries()
    few = queries()
    for number in range(40):
        row(fail, jobs.FAILED, f"page:{number}", error="no")
    assert queries() == few


def test_the_buttons_try_one_again_or_all_of_a_kind(admin_client):
    rows = [row(fail, jobs.FAILED, f"page:{number}", workers=["one"] * 3, error="no") for number in range(3)]
    waiting = row(
        fail, jobs.WAITING, "page:3", workers=["one"], error="no", run_after=timezone.now() + timedelta(hours=1)
    )
    other = row(write, jobs.FAILED, "page:4", error="no")
    done = row(fail, jobs.DONE, "page:5", workers=["one"])

    def left():
        return set(jobs.unhappy().filter(status=jobs.FAILED).values_list("pk", flat=True))

    address = reverse("content_jobs_again")
    response = admin_client.post(address, {"job": rows[0].pk}, follow=True)
    assert "1 job is tried again." in response.content.decode()
    assert left() == {rows[1].pk, rows[2].pk, other.pk}
    page = " ".join(
        WagtailTestUtils.get_soup(admin_client.get(address).content.decode()).select_one("main").get_text(" ").split()
    )
    assert "Fail until it is mended 4 Try all again" in page
    response = admin_client.post(address, {"kind": fail.module_path}, follow=True)
    assert "4 jobs are tried again." in response.content.decode()
    assert left() == {other.pk}
    waiting.refresh_from_db()
    assert (waiting.status, waiting.worker_ids, waiting.run_after) == (jobs.WAITING, [], get_date_max())
    response = admin_client.post(address, {"job": done.pk}, follow=True)
    assert "Nothing is left to try again" in response.content.decode()
    for nonsense in ({"job": "nonsense"}, {}):
        response = admin_client.post(address, nonsense, follow=True)
        assert "Nothing is left to try again" in response.content.decode()
    assert left() == {other.pk}


def test_who_may_see_and_who_may_try_again():
    found = row(fail, jobs.FAILED, "page:1", error="no")
    address = reverse("content_jobs_again")
    nobody = client_of()
    assert nobody.get(reverse("content_jobs")).status_code == 302
    assert reverse("content_jobs") not in nobody.get(reverse("wagtailadmin_home")).content.decode()
    User.objects.all().delete()
    seeing = client_of("view_job")
    assert [cells[-1] for cells in table(seeing)] == [""]
    seeing.post(address, {"job": found.pk})
    assert seeing.get(address).status_code == 302
    found.refresh_from_db()
    assert found.status == jobs.FAILED
    User.objects.all().delete()
    trying = client_of("change_job")
    trying.post(address, {"job": found.pk})
    found.refresh_from_db()
    assert found.status == jobs.WAITING


def test_a_next_attempt_is_told_as_what_it_is_and_rows_are_called_jobs(admin_client):
    waiting = row(fail, jobs.WAITING, "page:1", workers="ab", error="no")
    DBTaskResult.objects.filter(pk=waiting.pk).update(run_after=timezone.now() + timedelta(minutes=9, seconds=30))
    assert "9 minutes from now" in table(admin_client)[0]
    assert "1 job" in " ".join(admin_client.get(reverse("content_jobs")).content.decode().split())


def test_the_rights_can_be_given_to_a_group():
    given = [permission for hook in hooks.get_hooks("register_permissions") for permission in hook()]
    assert {permission.codename for permission in given} >= {"view_job", "change_job"}


def banner(client):
    html = client.get(reverse("wagtailadmin_home")).content.decode()
    found = WagtailTestUtils.get_soup(html).select_one("#no-worker")
    return " ".join(found.get_text(" ", strip=True).split()) if found else None


def test_administrators_are_told_when_no_worker_is_at_work(admin_client):
    assert "None has ever run here." in banner(admin_client)
    now = timezone.now()
    Worker.objects.bulk_create(
        [
            Worker(id="gone", seen_at=now, round_at=now - SILENT_AFTER * 5),
            Worker(id="stuck", seen_at=now, round_at=None),
        ]
    )
    told = banner(admin_client)
    assert told.startswith("No worker is at work. The last one was heard of 5 minutes ago.")
    for consequence in ("goes live", "caches", "images", "search", "manage.py worker"):
        assert consequence in told
    assert banner(client_of()) is None, "editors can do nothing about it"
    Worker.objects.bulk_create([Worker(id="new", seen_at=now, round_at=now)])
    assert banner(admin_client) is None
