"""Object storage for uploaded files: what its settings must be, how files get there, and backups of it."""

import json
import os
import tarfile

import pytest
from django.core.checks import Tags, run_checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.management import CommandError, call_command
from wagtail.documents.models import Document
from wagtail.models import Collection, CollectionViewRestriction

from cms import checks
from cms.management.commands import copy_media_to_buckets
from content.changes import changes
from tests import factories
from tests.buckets import policy
from tests.media import disk

FOUND = [checks.buckets_are_whole, checks.buckets_answer]


def found(*also):
    messages = [message for check in FOUND for message in check()] + [message for check in also for message in check()]
    assert all(message.hint for message in messages)
    return [(message.id.removeprefix("toolshelf."), message.msg) for message in messages]


def upload(name, content, collection=None):
    collection = collection or Collection.get_first_root_node() or Collection.add_root(name="Root")
    with changes():
        return Document.objects.create(title=name, collection=collection, file=ContentFile(content, name))


def board():
    root = Collection.get_first_root_node() or Collection.add_root(name="Root")
    collection = root.add_child(name="Board")
    CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    return collection


# Settings -------------------------------------------------------------------------------------------------------------


def test_buckets_that_are_what_they_should_be_are_fine(buckets):
    assert found(checks.files_are_read_by_whom_they_should) == []
    assert buckets.names() == set(), "what was put there to try is gone"


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"PRIVATE_MEDIA_BUCKET": ""}, "E012"),
        ({"MEDIA_BUCKET": ""}, "E012"),
        ({"MEDIA_BUCKET": "same", "PRIVATE_MEDIA_BUCKET": "same"}, "E012"),
        ({"MEDIA_URL": "/media/"}, "E013"),
    ],
)
def test_settings_that_do_not_fit_are_found(buckets, settings, changed, number):
    for name, value in changed.items():
        setattr(settings, name, value)
    assert [each for each, _ in found()] == [number]


def test_a_wrong_key_says_so(buckets):
    with buckets.looking_at_keys():
        (public, said), (private, _) = found(checks.files_are_read_by_whom_they_should)
    assert (public, private) == ("E014", "E014")
    assert said.startswith(f"MEDIA_BUCKET cannot be used. {buckets.public}: ")
    assert "(InvalidAccessKeyId)" in said


def test_a_key_that_is_missing_says_so(buckets, settings, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    keyless = buckets.storage(buckets.public, access_key=None, secret_key=None)
    settings.STORAGES = settings.STORAGES | {"public": keyless}
    assert found() == [("E014", f"MEDIA_BUCKET cannot be used. {buckets.public}: Unable to locate credentials")]


def test_a_bucket_that_does_not_exist_says_so(buckets, settings):
    settings.STORAGES = settings.STORAGES | {"private": buckets.storage("nowhere")}
    assert found() == [
        ("E014", "PRIVATE_MEDIA_BUCKET cannot be used. nowhere: The specified bucket does not exist (NoSuchBucket)")
    ]


def test_a_service_that_is_away_keeps_nobody_from_starting(buckets, settings):
    away = buckets.storage(buckets.public, endpoint_url="http://127.0.0.1:9")
    settings.STORAGES = settings.STORAGES | {"public": away}
    ((number, said),) = found()
    assert number == "W005"
    assert said.startswith(f"MEDIA_BUCKET does not answer. {buckets.public}: Could not connect to the endpoint URL")


def test_a_private_bucket_that_everybody_reads_is_found_before_it_is_used(buckets):
    buckets.client.put_bucket_policy(Bucket=buckets.private, Policy=json.dumps(policy(buckets.private)))
    assert [number for number, _ in found(checks.files_are_read_by_whom_they_should)] == ["E015"]
    assert buckets.names() == set()


def test_a_public_bucket_that_nobody_reads_is_found_before_it_is_used(buckets):
    buckets.client.delete_bucket_policy(Bucket=buckets.public)
    ((number, said),) = found(checks.files_are_read_by_whom_they_should)
    assert number == "W006"
    assert said.endswith("the answer is 403.")


def test_an_address_where_nobody_answers_is_found_before_it_is_used(buckets, settings):
    settings.MEDIA_URL = "http://127.0.0.1:9/"
    ((number, said),) = found(checks.files_are_read_by_whom_they_should)
    assert number == "W006"
    assert "127.0.0.1:9" in said
    assert "Connection refused" in said


def test_files_are_put_there_to_try_only_when_somebody_asks_for_it(buckets):
    def numbers(**options):
        return [message.id for message in run_checks(tags=[Tags.security], **options)]

    buckets.client.put_bucket_policy(Bucket=buckets.private, Policy=json.dumps(policy(buckets.private)))
    assert "toolshelf.E015" not in numbers()
    assert "toolshelf.E015" in numbers(include_deployment_checks=True)


@pytest.mark.django_db
def test_the_admin_shows_pictures_from_there(buckets, admin_client):
    policy = admin_client.get("/admin/")["Content-Security-Policy"]
    assert f"img-src 'self' data: blob: {buckets.endpoint};" in f"{policy};"


# Into the buckets -----------------------------------------------------------------------------------------------------


@pytest.fixture
def moving(media, buckets, settings):
    """Files in folders, and buckets to which they are to go: `moving()` is before the switch, `moving(True)` after."""
    in_buckets = settings.STORAGES | buckets.storages

    def switch(done=False):
        settings.STORAGES = in_buckets if done else settings.STORAGES | disk(media.public, media.private)

    return switch


def copied(capsys):
    call_command("copy_media_to_buckets")
    return capsys.readouterr().out


@pytest.mark.django_db
def test_files_get_from_folders_into_buckets_while_editors_work(moving, media, buckets, capsys, monkeypatch):
    moving()
    upload("public.pdf", b"public")
    turned = upload("turned.pdf", b"turned")
    upload("minutes.pdf", b"private", board())
    moving(True)
    assert copied(capsys) == "3 of 3 files copied, 0 were there, 0 deleted.\n"
    assert len(buckets.names()) == len(media.names()) == 3
    assert buckets.names() == media.names()
    moving()
    with changes():
        turned.collection = Collection.objects.get(name="Board")
        turned.save()
    moving(True)
    assert copied(capsys) == "1 of 3 files copied, 2 were there, 0 deleted.\n"
    assert "public documents/turned.pdf" in buckets.names(), "not yet: it might be of a change that is under way"
    monkeypatch.setattr(copy_media_to_buckets, "ORPHANED_AFTER", -copy_media_to_buckets.ORPHANED_AFTER)
    assert copied(capsys) == "0 of 3 files copied, 3 were there, 1 deleted.\n"
    assert sorted(buckets.content().values()) == [b"private", b"public", b"turned"]
    assert "public documents/turned.pdf" not in buckets.names()


@pytest.mark.django_db
def test_what_was_uploaded_into_the_bucket_since_is_not_overwritten(moving, media, buckets, capsys):
    moving()
    old = upload("report.pdf", b"old")
    os.utime(media.public / old.file.name, (0, 0))
    moving(True)
    default_storage.save(old.file.name, ContentFile(b"newer, and longer"))
    upload("other.pdf", b"other")
    assert copied(capsys) == "0 of 2 files copied, 2 were there, 0 deleted.\n"
    assert buckets.content()["public documents/report.pdf"] == b"newer, and longer"


def test_without_buckets_nothing_is_copied():
    with pytest.raises(CommandError, match="Set MEDIA_BUCKET and PRIVATE_MEDIA_BUCKET"):
        call_command("copy_media_to_buckets")


# Backups --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_backup_has_every_file_and_puts_them_into_empty_buckets(buckets, tmp_path):
    factories.tree()
    file = tmp_path / "backup.tar"
    upload("handbook.pdf", b"public handbook" * 1000)
    # In several parts, of which one is in memory.
    upload("large.zip", os.urandom(9_000_000))
    upload("minutes.pdf", b"private minutes" * 1000, board())
    before = buckets.content()
    assert {name.split()[0] for name in before} == {"public", "private"}
    call_command("backup", str(file))
    with tarfile.open(file) as tar:
        assert len(tar.getnames()) == 3 + 2
    for name in before:
        place, _, key = name.partition(" ")
        storages[place].delete(key)
    assert buckets.names() == set()
    call_command("restore", str(file), replace=True)
    assert buckets.content() == before


@pytest.mark.django_db(transaction=True)
def test_memory_does_not_grow_with_the_files(buckets, tmp_path):
    import tracemalloc

    factories.tree()
    file = tmp_path / "backup.tar"
    large = upload("large.zip", b"")
    default_storage.delete(large.file.name)
    with (tmp_path / "large").open("w+b") as content:
        content.truncate(100_000_000)
        default_storage.save(large.file.name, content)
    tracemalloc.start()
    try:
        call_command("backup", str(file))
        default_storage.delete(large.file.name)
        call_command("restore", str(file), replace=True)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
    assert default_storage.size(large.file.name) == 100_000_000
