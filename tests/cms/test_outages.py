"""What the CMS stands on goes away: who asks is told what it means, and nothing half-done stays."""

import errno
import sqlite3
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from wagtail.images.tests.utils import get_test_image_file

from content.models.images import CustomImage
from content.models.topic import Topic
from content.outages import is_disk_full
from tests import factories
from tests.admin import snippet_form, values_of
from tests.server import serving

QUERY = "/graphql?query={topics(first:9){nodes{name}}}"
TELLS = [503, "2"]


@pytest.fixture
def editor(admin_user):
    client = Client(raise_request_exception=False)
    client.force_login(admin_user)
    return client


@contextmanager
def full_database():
    """It has no room for another page, or says so."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")  # what tests before have deleted would be room
            cursor.execute("PRAGMA page_count")
            (pages,) = cursor.fetchone()
            cursor.execute(f"PRAGMA max_page_count = {pages}")
            yield
            cursor.execute("PRAGMA max_page_count = 1000000000")
        else:
            cursor.execute(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
            )
            cursor.execute("CREATE TRIGGER full_disk BEFORE INSERT ON api_document EXECUTE FUNCTION full_disk()")
            yield
            cursor.execute("DROP FUNCTION full_disk CASCADE")


@pytest.mark.django_db(transaction=True)
def test_what_finds_no_room_in_the_database_is_not_saved_and_says_so(editor):
    factories.tree()
    topic = factories.TopicFactory(name="Before")
    address, form = f"/admin/snippets/content/topic/edit/{topic.pk}/", snippet_form(editor, topic)
    form |= {"name": "After", "description": "x" * 200_000, "action-publish": "action-publish"}
    with full_database():
        response = editor.post(address, form)
    assert response.status_code == 507
    assert "<h1>The disk is full</h1>" in response.content.decode()
    assert "was not saved" in response.content.decode()
    assert Topic.objects.get(pk=topic.pk).name == "Before"
    names = [each["name"] for each in editor.get(QUERY).json()["data"]["topics"]["nodes"]]
    assert names == ["Before"]
    assert editor.post(address, form).status_code == 302


def chunks_until_full(file, chunk_size=None):
    yield b"what had room"
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.django_db
def test_what_finds_no_room_for_its_file_is_not_saved_and_says_so(editor, media, settings):
    settings.ROOT_URLCONF = "cms.urls"
    file = SimpleUploadedFile("full.png", get_test_image_file().file.getvalue())
    form = values_of(editor, "/admin/images/add/") | {"title": "Full", "alt": "Full", "file": file}
    with patch.object(InMemoryUploadedFile, "chunks", chunks_until_full):
        response = editor.post("/admin/images/add/", form)
    assert (response.status_code, "The disk is full" in response.content.decode()) == (507, True)
    assert not CustomImage.objects.exists()
    assert media.names() == set()


def test_other_errors_are_no_full_disk():
    assert is_disk_full(OSError(errno.EDQUOT, ""))
    assert not is_disk_full(OSError(errno.EACCES, ""))
    assert not is_disk_full(OperationalError("locked"))
    assert not is_disk_full(ValueError())
    locked = OperationalError()
    locked.__cause__ = sqlite3.OperationalError()
    assert not is_disk_full(locked)


def without_database():
    return patch.object(connection, "cursor", side_effect=OperationalError("gone"))


@pytest.mark.django_db
def test_who_asks_while_the_database_is_away_is_told_to_come_back(editor):
    with without_database(), patch("api.documents.state.State.read", side_effect=OperationalError("gone")):
        answers = [editor.get(QUERY), editor.get("/admin/")]
    assert [[each.status_code, each["Retry-After"]] for each in answers] == [TELLS, TELLS]
    assert answers[0].json() == {
        "errors": [{"message": "Something went wrong on our side.", "extensions": {"code": "INTERNAL"}}]
    }
    assert "The database does not answer" in answers[1].content.decode()


@pytest.mark.django_db
def test_half_an_answer_is_none(editor):
    factories.TopicFactory(name="One")
    with patch("api.documents.read.Reader.execute", side_effect=OperationalError("gone")):
        assert editor.get(QUERY).status_code == 503


def cut_connections(but):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE NOT pid = ANY(%s)", [but])
        return cursor.fetchone()[0]


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_readers_do_not_notice_that_connections_were_cut(tmp_path):
    factories.tree()
    factories.TopicFactory(name="One")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity")
        ours = [pid for (pid,) in cursor.fetchall()]
    with serving(tmp_path, RESPONSE_CACHE_MB="0") as server:
        for address in ("/graphql?query=%7Btopics%7Bnodes%7Bname%7D%7D%7D", "/readyz"):
            assert server.ask(address)[0].status == 200
            assert cut_connections(but=ours) > 0
            assert [server.ask(address)[0].status for _ in range(3)] == [200, 200, 200]
