"""A backup is the whole site as it was at one moment; restored on an empty machine it answers as before."""

import hashlib
import json
import os
import tarfile
from contextlib import contextmanager
from io import BytesIO

import psycopg
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from wagtail.documents.models import Document as File
from wagtail.models import Collection, CollectionViewRestriction

from api.documents.models import Document, Purged
from cms.backups import archive, databases
from content.changes import changes
from content.models.topic import Topic
from content.storage import MediaStorage
from tests import factories, processes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(tmp_path):
    factories.tree()
    return tmp_path / "backup.tar"


def root():
    return Collection.get_first_root_node() or Collection.add_root(name="Root")


def upload(name, content, collection=None):
    with changes():
        return File.objects.create(title=name, collection=collection or root(), file=ContentFile(content, name))


def private_collection():
    collection = root().add_child(name="Board")
    CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    return collection


def content_of(folder):
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def members(file):
    with tarfile.open(file) as tar:
        return {each.name: tar.extractfile(each).read() for each in tar}


def written(file, members):
    with tarfile.open(file, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, BytesIO(content))


def altered(file, **values):
    """The same archive with other words in its manifest."""
    found = members(file)
    found["manifest.json"] = json.dumps(json.loads(found["manifest.json"]) | values).encode()
    written(file, found)


@contextmanager
def empty_database(folder, name="restored"):
    """The address of a database without a table."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / f'{name}.sqlite3'}"
        return
    each = connection.settings_dict
    server = {"host": each["HOST"], "port": each["PORT"], "user": each["USER"], "password": each["PASSWORD"]}
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield f"postgres://{each['USER']}:{each['PASSWORD']}@{each['HOST']}:{each['PORT']}/{name}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(database, media, *command):
    """A command on this database, with these two folders for its files."""
    os.environ |= {"MEDIA_ROOT": str(media / "media"), "PRIVATE_MEDIA_ROOT": str(media / "private")}
    code, output = processes.run(database, *command)
    assert code == 0, output
    return output


def test_a_restored_site_has_every_answer_and_every_file(media, tmp_path, file, monkeypatch):
    for name in ("MEDIA_ROOT", "PRIVATE_MEDIA_ROOT", "SECRET_KEY", "PURGE_TOKEN"):
        monkeypatch.setenv(name, "never in a backup")
    monkeypatch.setenv("MAX_QUERY_SECONDS", "120")
    root()
    call_command("load_demo")
    User.objects.create_superuser("ada", "ada@example.com", "secret of hers")
    upload("minutes.pdf", b"private minutes" * 1000, private_collection())
    upload("handbook.pdf", b"public handbook" * 1000)
    here, there = media.public.parent, tmp_path / "other machine"
    there.mkdir()
    with processes.shared_database(tmp_path) as database, empty_database(tmp_path) as restored:
        before = run(database, here, "-m", "tests.answers")
        said = run(database, here, "manage.py", "backup", str(file))
        assert f"{Document.objects.filter(layer=0, valid_to=None, tombstone=False).count()} documents" in said
        assert run(restored, there, "manage.py", "restore", str(file)).endswith("Start CMS and worker now.\n")
        assert run(restored, there, "-m", "tests.answers") == before
        run(restored, there, "manage.py", "verify_documents")
    lines = before.splitlines()
    assert len(lines) > 60
    assert [line for line in lines if not line.startswith("200 ") or '\\"errors\\"' in line] == []
    assert content_of(there / "media") == content_of(media.public) != {}
    assert content_of(there / "private") == content_of(media.private)
    assert list(content_of(there / "private").values()) == [b"private minutes" * 1000]
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"never in a backup" not in file.read_bytes()
    assert "secret of hers" not in str(members(file))


def test_it_is_of_one_moment_though_an_editor_deletes_and_hides_files_meanwhile(media, file, monkeypatch):
    saved, deleted, hidden = upload("1.pdf", b"1"), upload("2.pdf", b"2"), upload("3.pdf", b"3")
    names, seen = {saved.file.name, hidden.file.name}, []
    restricted = private_collection()
    size = MediaStorage.size

    def editing(media, name):
        seen.append(name)
        if len(seen) == 2:
            deleted.delete()
            for each in (saved, hidden):
                with changes():
                    each.collection = restricted
                    each.save()
        return size(media, name)

    monkeypatch.setattr(MediaStorage, "size", editing)
    call_command("backup", str(file))
    now = set(File.objects.values_list("file", flat=True))
    assert len(now) == 2
    assert not now & names
    checksums = json.loads(members(file)["manifest.json"])["checksums"]
    assert set(checksums) == {*(f"private/{name}" for name in now), databases.database().member}
    # Saved before it was hidden: it may lie in the archive, and is not restored in public.
    assert "media/documents/1.pdf" in members(file)
    for each in now:
        (media.private / each).unlink()
    call_command("restore", str(file), replace=True)
    assert media.names() == {f"private {name}" for name in now}


def test_a_file_that_was_missing_before_is_told_and_keeps_nobody_from_a_backup(media, file, capsys):
    lost = upload("lost.pdf", b"lost")
    (media.public / lost.file.name).unlink()
    call_command("backup", str(file))
    assert f"missing: {lost.file.name}" in capsys.readouterr().err
    archive.check(file, lambda _: None)


def test_a_backup_that_fails_leaves_nothing_and_one_that_exists_is_left_alone(media, file, monkeypatch):
    upload("one.pdf", b"one")

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(archive.Writer, "add", full)
        with pytest.raises(CommandError, match=r"No space left on device\nNo backup was made\."):
            call_command("backup", str(file))
    assert list(file.parent.iterdir()) == [media.public, media.private]
    file.write_text("an older one")
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(file))
    assert file.read_text() == "an older one"


@pytest.fixture
def saved(media, file):
    """A backup of one topic and one file; since then both have changed, and a second topic was published."""
    topic = factories.TopicFactory(name="Before")
    document = upload("report.pdf", b"before")
    call_command("backup", str(file))
    with changes():
        topic.name = "After"
        topic.save_revision().publish()
    factories.TopicFactory(name="Later")
    (media.public / document.file.name).write_bytes(b"after!")
    return file


def names():
    return sorted(Topic.objects.values_list("name", flat=True))


def shown(graphql):
    return sorted(
        each["name"] for each in graphql("{ topics(first: 10) { nodes { name } } }")["data"]["topics"]["nodes"]
    )


def test_content_is_replaced_only_when_asked(saved, media, graphql):
    with pytest.raises(CommandError, match=r"The database has content.*--replace\.\nNothing has changed\."):
        call_command("restore", str(saved))
    assert names() == shown(graphql) == ["After", "Later"]
    assert content_of(media.public) == {"documents/report.pdf": b"after!"}
    call_command("restore", str(saved), replace=True, dry_run=True)
    assert names() == ["After", "Later"]
    call_command("restore", str(saved), replace=True)
    assert names() == shown(graphql) == ["Before"]
    assert content_of(media.public) == {"documents/report.pdf": b"before"}
    factories.TopicFactory(name="Published after it")
    assert shown(graphql) == ["Before", "Published after it"]


def test_caches_are_told_of_a_restored_database(saved):
    Purged.objects.create(address="http://cache", generation=1, repeated=1)
    saved.unlink()
    call_command("backup", str(saved))
    call_command("restore", str(saved), replace=True)
    assert not Purged.objects.exists()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda content: content[: len(content) // 2], "no complete tar archive|no manifest"),
        (lambda content: b"not a tar at all", "no complete tar archive"),
        (lambda content: content.replace(b"before", b"befure", 1), "damaged: 1 of its members"),
        (lambda content: content.replace(b"manifest.json", b"manifest.jsom"), "no manifest|no complete tar archive"),
    ],
    ids=["cut", "foreign", "altered", "without a manifest"],
)
def test_a_damaged_archive_changes_nothing(saved, media, harm, words):
    saved.write_bytes(harm(saved.read_bytes()))
    with pytest.raises(CommandError, match=f"(?s)({words}).*Nothing has changed"):
        call_command("restore", str(saved), replace=True)
    assert names() == ["After", "Later"]
    assert content_of(media.public) == {"documents/report.pdf": b"after!"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"engine": "oracle"}, "a backup of oracle"),
        ({"engine_version": 99}, "restore it on that version or a newer one"),
        ({"migrations": {"content": ["9999_future"]}}, r"a newer release.*does not know content\.9999_future"),
        ({"format": 2}, "written by a newer release"),
        ({"checksums": None}, "manifest of .* cannot be read"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_does_not_fit_is_refused(saved, values, words):
    altered(saved, **values)
    with pytest.raises(CommandError, match=words):
        call_command("restore", str(saved), replace=True)
    assert names() == ["After", "Later"]


def test_a_restore_that_fails_leaves_the_database_as_it_was(saved, media):
    found = members(saved)
    (member,) = (name for name in found if name.startswith("database"))
    # Its beginning is right, and so is its checksum: only the database can tell.
    found[member] = found[member][: len(found[member]) * 2 // 3]
    manifest = json.loads(found["manifest.json"])
    manifest["checksums"][member] = hashlib.sha256(found[member]).hexdigest()
    written(saved, found | {"manifest.json": json.dumps(manifest).encode()})
    with pytest.raises(CommandError, match="The database is as it was"):
        call_command("restore", str(saved), replace=True)
    assert names() == ["After", "Later"]
    factories.TopicFactory(name="Still at work")


def test_an_older_backup_is_brought_to_this_release(media, file, migrate_to, graphql):
    factories.TopicFactory(name="Old")
    migrate_to("api", "0009_preview_addresses")
    call_command("backup", str(file))
    assert "0010_share_links" not in str(members(file)["manifest.json"])
    call_command("migrate", verbosity=0)
    factories.TopicFactory(name="New")
    call_command("restore", str(file), replace=True)
    assert ("api", "0010_share_links") in MigrationRecorder(connection).applied_migrations()
    assert shown(graphql) == ["Old"]


def test_names_outside_of_the_folders_are_refused(saved, media, tmp_path):
    found = members(saved)
    manifest = json.loads(found["manifest.json"])
    manifest["checksums"]["media/../../escaped"] = hashlib.sha256(b"out").hexdigest()
    del found["manifest.json"]
    written(saved, {"media/../../escaped": b"out", **found, "manifest.json": json.dumps(manifest).encode()})
    with pytest.raises(CommandError, match="The database is as it was"):
        call_command("restore", str(saved), replace=True)
    assert not list(tmp_path.rglob("escaped"))
    assert names() == ["After", "Later"]


def test_memory_does_not_grow_with_the_files(media, file):
    import tracemalloc

    upload("large.zip", b"")
    (name,) = File.objects.values_list("file", flat=True)
    with (media.public / name).open("wb") as large:
        large.truncate(200_000_000)
    tracemalloc.start()
    try:
        call_command("backup", str(file))
        archive.check(file, lambda _: None)
        (media.public / name).unlink()
        call_command("restore", str(file), replace=True)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
    assert (media.public / name).stat().st_size == 200_000_000


@pytest.mark.postgresql_only
def test_an_older_client_is_refused_in_words(file, tmp_path, monkeypatch):
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(CommandError, match=r"pg_dump is of PostgreSQL 9, the server of \d+: install"):
        call_command("backup", str(file))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CommandError, match=r"pg_dump is not installed .*postgresql-client-\d+"):
        call_command("backup", str(file))
