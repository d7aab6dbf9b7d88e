"""Readers are answered by a replica: a real primary, its streaming replica, and two hosts of the CMS with one Redis."""

import json
import time
import urllib.parse
from contextlib import ExitStack

import psycopg
import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from api.documents import database
from content.changes import changes
from content.models.topic import Topic
from tests import debian, factories
from tests.postgres import replica
from tests.processes import run, shared_database
from tests.server import BEHIND_TLS, serving
from tests.server import SETTINGS as SERVED

pytestmark = [pytest.mark.postgresql_only, pytest.mark.django_db(transaction=True)]

SETTINGS = {"METRICS_TOKEN": "let-me-see-what-it-did-until-now", "RESPONSE_CACHE_MB": "0"}
QUERY = urllib.parse.quote("{ topics { nodes { name } } }")
HEALTH = {"Host": "10.1.2.3"}


class Hosts:
    """`ask` gives the names that each host answers, in the order of the hosts."""

    def __init__(self, servers, name, follower):
        self.servers, self.follower, self.name = servers, follower, name

    def ask(self, **headers):
        answers = [server.ask(f"/graphql?query={QUERY}", {**BEHIND_TLS, **headers}) for server in self.servers]
        assert {response.status for response, _ in answers} == {200}
        found = [json.loads(body) for _, body in answers]
        assert not any("errors" in each for each in found), found
        return [sorted(node["name"] for node in each["data"]["topics"]["nodes"]) for each in found]

    def health(self):
        return [json.loads(server.ask("/readyz", HEALTH)[1])["replica"] for server in self.servers]

    def metric(self, name):
        headers = {**HEALTH, "Authorization": f"Bearer {SETTINGS['METRICS_TOKEN']}"}
        text = self.servers[0].ask("/metrics", headers)[1].decode()
        return next((float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} ")), None)

    def wait_until(self, claim, seconds=60):
        end = time.monotonic() + seconds
        while not claim():
            assert time.monotonic() < end, (self.ask(), self.health())
            time.sleep(0.05)

    def replay(self, what):
        """Let the replica stop to follow, or go on."""
        with psycopg.connect(self.database, autocommit=True) as session:
            session.execute(f"SELECT pg_wal_replay_{what}()")

    @property
    def database(self):
        return f"postgres://postgres@127.0.0.1:{self.follower.port}/{self.name}"


@pytest.fixture
def hosts(tmp_path):
    factories.tree()
    factories.TopicFactory(name="First")
    with ExitStack() as stack:
        follower = stack.enter_context(replica(int(connection.settings_dict["PORT"])))
        redis = stack.enter_context(debian.redis(tmp_path))
        name = connection.settings_dict["NAME"]
        settings = SETTINGS | {
            "CACHE_URL": f"rediscache://127.0.0.1:{redis}/0",
            "DATABASE_REPLICA_URL": f"postgres://postgres@127.0.0.1:{follower.port}/{name}",
        }
        servers = []
        for number in range(2):
            folder = tmp_path / str(number)
            folder.mkdir()
            servers.append(stack.enter_context(serving(folder, **settings)))
        yield Hosts(servers, name, follower)


def publish(name):
    with changes():
        return factories.TopicFactory(name=name)


def test_readers_are_answered_by_the_replica_and_by_the_primary_while_it_is_away(hosts):
    with hosts.follower.running():
        hosts.wait_until(lambda: hosts.health() == ["ok", "ok"])
        assert hosts.ask() == [["First"]] * 2
        assert (hosts.metric("toolshelf_replica_up"), hosts.metric("toolshelf_replica_lag_seconds")) == (1, 0)
        hosts.replay("pause")
        publish("Second")
        assert hosts.ask() == [["First"]] * 2, "what the replica knows"
        time.sleep(1)
        assert 1 <= hosts.metric("toolshelf_replica_lag_seconds") < 60
        hosts.replay("resume")
        hosts.wait_until(lambda: hosts.ask() == [["First", "Second"]] * 2)
    publish("Third")
    assert hosts.ask() == [["First", "Second", "Third"]] * 2, "the primary, without an error"
    assert hosts.health() == ["the replica does not answer: the database answers readers"] * 2
    assert (hosts.metric("toolshelf_replica_up"), hosts.metric("toolshelf_database_up")) == (0, 1)
    with hosts.follower.running():
        hosts.wait_until(lambda: hosts.health() == ["ok", "ok"], 60)
        hosts.replay("pause")
        publish("Fourth")
        hosts.wait_until(lambda: hosts.ask() == [["First", "Second", "Third"]] * 2)
        hosts.replay("resume")


def test_what_carries_a_token_is_answered_by_the_primary(hosts, client, admin_user, settings):
    settings.SECRET_KEY = SERVED["SECRET_KEY"]  # tokens and sessions hang on it
    settings.ADMIN_ORIGINS = ["http://testserver"]
    client.force_login(admin_user)
    with hosts.follower.running():
        hosts.wait_until(lambda: hosts.health() == ["ok", "ok"])
        hosts.replay("pause")
        publish("Second")
        tool = factories.ToolPageFactory()
        draft = client.get(reverse("wagtailadmin_pages:view_draft", args=[tool.pk]))
        token = draft["Location"].partition("#token=")[2]
        assert hosts.ask(Authorization=f"Bearer {token}") == [["First", "Second"]] * 2
        assert hosts.ask() == [["First"]] * 2
        hosts.replay("resume")


ASKED = [
    "{ topics { nodes { name } } }",
    '{ page(path: "/") { title } pages { totalCount nodes { title } } }',
    '{ resolve(path: "/gone") { __typename } changes { nodes { __typename } } toolFacets { __typename } }',
    '{ search(query: "hoem") { nodes { __typename } } suggestions(query: "ho") { __typename } }',
]


def test_nothing_that_readers_ask_is_read_from_the_primary(hosts):
    with hosts.follower.running():
        hosts.wait_until(lambda: hosts.health() == ["ok", "ok"])
        hosts.replay("pause")
        with connection.cursor() as primary:
            primary.execute("ALTER SCHEMA public RENAME TO away")
            try:
                for query in ASKED:
                    for server in hosts.servers:
                        response, body = server.ask(f"/graphql?query={urllib.parse.quote(query)}", BEHIND_TLS)
                        assert (response.status, json.loads(body).get("errors")) == (200, None), query
            finally:
                primary.execute("ALTER SCHEMA away RENAME TO public")
        hosts.replay("resume")


@pytest.fixture
def reading(monkeypatch):
    """The databases that were to be read in the order of the attempts, while the replica is away or answers."""
    monkeypatch.setattr(database, "has_replica", lambda: True)
    monkeypatch.setattr(database, "_rests_until", 0.0)
    router, asked = database.Router(), []

    def read(is_away):
        asked.clear()

        def compute():
            asked.append(router.db_for_read(Topic))
            if is_away and asked == ["replica"]:
                raise OperationalError
            assert router.db_for_write(Topic) == "default"

        database.for_readers(compute)
        return asked

    return read


def test_a_replica_that_failed_is_asked_again_after_a_rest(reading, monkeypatch):
    assert reading(is_away=False) == ["replica"]
    assert reading(is_away=True) == ["replica", "default"]
    assert reading(is_away=True) == ["default"]
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + database.REST)
    assert reading(is_away=False) == ["replica"]


def test_nothing_is_migrated_in_the_replica():
    assert [database.Router().allow_migrate(alias, "content") for alias in ("default", "replica")] == [True, False]


PURGING = """
import os, sys, threading
from functools import partial
from unittest.mock import patch
import django
import psycopg
Session = partial(psycopg.connect, autocommit=True)
django.setup()
from api import purging
purging.SLACK = -60  # as if every request had ended that began before
told = []
if sys.argv[1:]:
    threading.Timer(0.3, lambda: Session(os.environ["DATABASE_REPLICA_URL"]).execute(sys.argv[1])).start()
with patch.object(purging.Http, "purge", lambda self, address, tags: told.append(tags)):
    try:
        purging.tell_caches.call()
    except purging.Failed as error:
        print(error)
print(len(told), "told")
"""


def test_caches_are_told_once_the_replica_shows_what_has_changed(hosts, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_REPLICA_URL", hosts.database)
    monkeypatch.setenv("PURGE_BACKEND", "http")
    monkeypatch.setenv("PURGE_URLS", "http://127.0.0.1:9/")

    def tell(*, meanwhile=()):
        with shared_database(tmp_path) as database:
            code, output = run(database, "-c", PURGING, *meanwhile)
        assert code == 0, output
        return output

    with hosts.follower.running():
        hosts.wait_until(lambda: hosts.health() == ["ok", "ok"])
        assert tell() == "1 told\n", "all of it: nobody knows this cache"
        hosts.replay("pause")
        publish("Second")
        output = tell()
        assert "has not caught up" in output
        assert output.endswith("0 told\n")
        hosts.replay("resume")
        hosts.wait_until(lambda: hosts.ask() == [["First", "Second"]] * 2)
        assert tell() == "2 told\n", "once more, since the longest request could have ended by now"
        hosts.replay("pause")
        publish("Late")
        assert tell(meanwhile=["SELECT pg_wal_replay_resume()"]) == "2 told\n", (
            "one that is late by a moment is waited for"
        )
    publish("Third")
    assert tell().endswith("\n1 told\n"), "readers see it on the primary"
    assert tell().endswith("\n0 told\n")
    with hosts.follower.running():
        hosts.wait_until(lambda: hosts.health() == ["ok", "ok"], 60)
        hosts.wait_until(lambda: hosts.ask() == [["First", "Late", "Second", "Third"]] * 2)
        assert tell() == "1 told\n", "a reader may have been answered by the replica before it caught up"
        assert tell() == "0 told\n"
