"""From the SQLite of a trial to PostgreSQL."""

import io
import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from cms.env import BASE_DIR
from tests.processes import empty_database

QUESTIONS = """
from django.test import Client

QUERIES = [
    '{ articles(first: 20) { nodes { id title path publishedAt body { __typename } text } pageInfo { endCursor } } }',
    '{ tools(first: 20) { nodes { id name path facts { id attribute { label } state display sources { url } } } } }',
    '{ comparisons(first: 5) { nodes { title matrix { attribute { label } cells { tool { name } fact { display } } } } } }',
    '{ search(query: "django") { nodes { page { id path } } } }',
    '{ changes(first: 100) { nodes { id type kind path } pageInfo { endCursor } } }',
    '{ site { name host url navigation { label path } footer { label path } } }',
]
for query in QUERIES:
    print(Client().get("/graphql", {"query": query}, headers={"host": "127.0.0.1"}).content.decode())
"""


SEARCH = 3


def found_pages(answer):
    return [node["page"]["id"] for node in json.loads(answer)["data"]["search"]["nodes"]]


def manage(database, folder, *command, fails=False):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cms.settings.development",
        "DATABASE_URL": database,
        "VAR_DIR": str(folder),
        "CACHE_URL": "locmemcache://",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert bool(done.returncode) == fails, done.stderr
    return done.stderr if fails else done.stdout


@pytest.mark.postgresql_only
@pytest.mark.django_db
def test_the_api_answers_the_same_bytes_before_and_after(tmp_path):
    trial = f"sqlite:///{tmp_path / 'trial.sqlite3'}"

    def ask(database):
        return manage(database, tmp_path, "shell", "--no-imports", "-c", QUESTIONS).splitlines()

    manage(trial, tmp_path, "migrate", "--verbosity", "0")
    manage(trial, tmp_path, "load_demo")
    before = ask(trial)
    assert len(before) == 6
    assert [answer for answer in before if '"errors"' in answer] == []
    with empty_database(tmp_path) as server:
        assert "rows are there now. Set DATABASE_URL" in manage(trial, tmp_path, "move_to", server)
        after = ask(server)
        # Each database has its own way to put what it finds in order.
        assert sorted(found_pages(after.pop(SEARCH))) == sorted(found_pages(before.pop(SEARCH)))
        assert after == before
        assert manage(server, tmp_path, "verify_documents")
        # What is made there goes on counting where the trial ended, and is found in the admin.
        shell = ["shell", "--no-imports", "-c"]
        code = "from content.models.topic import Topic as T; old = T.objects.order_by('-pk')[0].pk; print({}.pk - old)"
        new = code.format("T.objects.create(name='New', slug='new')")
        assert int(manage(server, tmp_path, *shell, new)) > 0
        found = "from wagtail.models import Page; print(Page.objects.search('Django').count() > 0)"
        assert manage(server, tmp_path, *shell, found) == "True\n"
        again = manage(trial, tmp_path, "move_to", server, fails=True)
        assert again == "CommandError: There are users or content in that database already: name an empty one.\n"


@pytest.mark.postgresql_only
@pytest.mark.django_db
def test_postgresql_is_not_moved():
    with pytest.raises(
        CommandError, match="^The present database is not SQLite: PostgreSQL has pg_dump and pg_restore.$"
    ):
        call_command("move_to", "postgres://localhost/other", stdout=io.StringIO())


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_nothing_but_postgresql_is_a_destination():
    with pytest.raises(CommandError, match="^Name the address of a PostgreSQL database"):
        call_command("move_to", "sqlite:////tmp/other.sqlite3", stdout=io.StringIO())
