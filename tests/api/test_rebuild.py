"""After an upgrade every document is built anew once, whoever stops that or publishes meanwhile, and somebody says so."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection

from api.documents import publishing
from api.documents.models import Document, Event, Generation
from content.changes import changes, key_of
from content.models.topic import Topic
from tests import factories, processes

pytestmark = pytest.mark.django_db(transaction=True)

COUNT = """
from django.db.models import Count
from api.documents.models import Document
from api.documents.publishing import is_outdated
current = Document.objects.filter(layer=0, valid_to=None)
print(current.count(), current.values("key").distinct().count(), is_outdated(), current.filter(tombstone=True).count())
"""


@pytest.fixture
def built(monkeypatch):
    """The keys that are built from now on."""
    keys, build = [], publishing.build

    def building(batch):
        keys.extend(batch)
        return build(batch)

    monkeypatch.setattr(publishing, "build", building)
    return keys


@pytest.fixture
def in_steps(monkeypatch):
    """As if there were thousands of objects: one is read and built at a time."""
    monkeypatch.setattr("api.documents.keys.READ", 1)
    monkeypatch.setattr("api.documents.keys.BATCH", 1)


def shown():
    return set(Document.objects.filter(valid_to=None, tombstone=False).values_list("key", flat=True))


def upgrade():
    Document.objects.update(contract="older")


def store():
    return Document.objects.count(), Generation.objects.get().value, Event.objects.count()


def assert_nothing_drifts(capsys):
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out


def test_what_was_published_since_the_upgrade_is_not_built_again(built, capsys):
    topic, article = factories.TopicFactory(), factories.ArticlePageFactory()
    upgrade()
    topic.name = "Published since"
    with changes():
        topic.save_revision().publish()
    built.clear()
    before = store()
    call_command("rebuild_documents")
    assert key_of(topic) not in built
    assert shown() - set(built) == {key_of(topic)}
    assert key_of(article) in built
    assert store() == before
    assert not publishing.is_outdated()
    output = capsys.readouterr().out
    assert output.endswith("\n1 documents were up to date already.\n")
    assert_nothing_drifts(capsys)


def test_every_document_is_built_when_none_is_outdated(built, capsys):
    factories.ArticlePageFactory()
    built.clear()
    call_command("rebuild_documents")
    assert set(built) >= shown()
    assert "already" not in capsys.readouterr().out


def test_an_object_without_a_document_gets_one_before_the_upgrade_counts_as_done(built, in_steps, monkeypatch, capsys):
    factories.TopicFactory()
    topic = factories.TopicFactory()
    Document.objects.filter(key=key_of(topic)).delete()
    upgrade()
    left = shown()
    build = publishing.build

    def failing(batch):
        if set(batch) & left:
            raise ZeroDivisionError
        return build(batch)

    monkeypatch.setattr(publishing, "build", failing)
    with pytest.raises(ZeroDivisionError):
        call_command("rebuild_documents")
    assert key_of(topic) in built
    assert shown() == left | {key_of(topic)}
    assert publishing.is_outdated()
    monkeypatch.setattr(publishing, "build", build)
    call_command("rebuild_documents")
    assert not publishing.is_outdated()
    assert_nothing_drifts(capsys)


def test_a_hidden_object_is_looked_at_once_in_an_upgrade(built, in_steps, monkeypatch):
    topic = factories.TopicFactory()
    with changes():
        topic.unpublish()
    upgrade()
    Document.objects.filter(key=key_of(factories.TopicFactory())).update(contract="older")
    built.clear()
    call_command("rebuild_documents")
    assert key_of(topic) in built
    Document.objects.filter(tombstone=False).update(contract="older")
    built.clear()
    call_command("rebuild_documents")
    assert set(built) >= shown()
    assert key_of(topic) not in built


def test_a_document_whose_object_is_gone_is_found_and_taken_away(in_steps, capsys):
    topics = [factories.TopicFactory() for _ in range(3)]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM content_topic WHERE id = %s", [topics[1].pk])
    assert Topic.objects.count() == 2
    with pytest.raises(SystemExit):
        call_command("verify_documents")
    found = [line for line in capsys.readouterr().out.splitlines() if line.startswith("drift")]
    assert found == [f"drift: {key_of(topics[1])}"]
    call_command("rebuild_documents")
    assert Document.objects.get(key=key_of(topics[1]), valid_to=None).tombstone
    assert_nothing_drifts(capsys)


# Other processes --------------------------------------------------------------------------------------------------


def test_a_killed_rebuild_goes_on_where_it_stopped(tmp_path):
    for _ in range(6):
        factories.TopicFactory()
    upgrade()
    count = len(shown())
    with processes.shared_database(tmp_path) as database:
        killed, output = processes.run(database, "-m", "tests.api.beside", "rebuild_documents", "3")
        assert killed == -9, output
        done = int(output.splitlines()[-1])
        assert 0 < done < count
        code, output = processes.manage(database, "rebuild_documents")
        assert (code, output.splitlines()[-1]) == (0, f"{done} documents were up to date already.")
        assert processes.manage(database, "shell", "-v", "0", "-c", COUNT) == (0, f"{count} {count} False 0\n")
        code, output = processes.manage(database, "verify_documents")
        assert (code, "drift" in output) == (0, False), output


def test_editors_publish_while_two_rebuild(tmp_path):
    tool = factories.ToolPageFactory()
    for _ in range(6):
        factories.ArticlePageFactory()
    upgrade()
    count = len(shown())
    with processes.shared_database(tmp_path) as database:
        editor = processes.start(database, "-m", "tests.api.beside", "publish", str(tool.pk))
        assert editor.stdout.readline() == "publishing\n"
        both = [processes.start(database, "-m", "tests.api.beside", "rebuild_documents") for _ in range(2)]
        outputs = [each.communicate(timeout=120)[0] for each in both]
        assert [each.returncode for each in both] == [0, 0], outputs
        output, _ = editor.communicate(timeout=120)
        assert editor.returncode == 0, output
        rounds = int(output.split()[-1])
        assert rounds > 4, "it published meanwhile"
        code, verified = processes.manage(database, "verify_documents")
        assert (code, "drift" in verified) == (0, False), verified
        assert processes.manage(database, "shell", "-v", "0", "-c", COUNT) == (0, f"{count} {count} False 0\n")
        read = f"from api.documents.models import Document; print(Document.objects.get(key='page:{tool.pk}', valid_to=None).title)"
        assert processes.manage(database, "shell", "-v", "0", "-c", read) == (0, f"Round {rounds}\n")


# The check --------------------------------------------------------------------------------------------------------


def told(databases=("default",)):
    return [(each.id, each.hint) for each in run_checks(databases=databases) if each.id == "api.W001"]


def test_a_check_offers_the_rebuild_until_it_is_done(capsys):
    factories.TopicFactory()
    call_command("check", databases=["default"])
    assert "api.W001" not in capsys.readouterr().err
    upgrade()
    call_command("check", databases=["default"])
    warning = capsys.readouterr().err
    assert "(api.W001) What is public has changed since documents were built." in warning
    assert "manage.py rebuild_documents" in warning
    call_command("migrate", plan=True, skip_checks=False)
    assert "(api.W001)" in capsys.readouterr().err
    call_command("rebuild_documents")
    assert told() == []


def test_a_check_that_may_not_ask_the_database_does_not(django_assert_num_queries):
    factories.TopicFactory()
    upgrade()
    with django_assert_num_queries(0):
        assert told(databases=None) == []


def test_a_check_before_the_first_migrate_says_nothing(transactional_db):
    upgrade()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE api_document RENAME TO not_there")
        try:
            assert told() == []
        finally:
            cursor.execute("ALTER TABLE not_there RENAME TO api_document")
