"""Every listing of the runbook, run in its order, on the tables and with the code that it is written for."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cms.env import BASE_DIR
from tests import factories, processes
from tests.cms.test_backup import empty_database
from tests.ports import free_ports

RUNBOOK = (BASE_DIR / "docs" / "runbook.md").read_text()
LISTING = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
QUERY = (
    '{ article(slug: "one") { title path topics { name } body { __typename } } topics(first: 9) { nodes { name } } }'
)
NEWEST_MIGRATION = ["log", "-1", "--diff-filter=A", "--format=%H", "--", "*/migrations/*.py"]
_no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def listings(heading):
    """Those of one chapter, in their order."""
    (chapter,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", RUNBOOK, re.DOTALL | re.MULTILINE)
    return LISTING.findall(chapter)


def git(*command):
    """What it prints; nothing where the project has no history, or not enough of it."""
    return subprocess.run(["git", *command], cwd=BASE_DIR, capture_output=True, check=False).stdout


def release_before():
    """An archive of the commit before the one that changed the tables last; in a clone without history of this one."""
    code = ["manage.py", "api", "cms", "content", "pyproject.toml"]
    before = git(*NEWEST_MIGRATION).decode().strip() + "~"
    return (
        git("archive", before, *code)
        or subprocess.run(["tar", "c", *code], cwd=BASE_DIR, stdout=subprocess.PIPE).stdout
    )


class Machine:
    """Two releases side by side, and what the environment says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blue_port, self.green_port = free_ports(2)
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "DJANGO_SETTINGS_MODULE": "cms.settings.production",
            "SECRET_KEY": "x7Kq2-vB9_mLwZ4" * 4,
            "ALLOWED_HOSTS": "cms.example.com,cms.staging.test",
            "CMS_URL": "https://cms.example.com",
            "FRONTEND_URL": "https://www.example.com",
            "PROXY_COUNT": "1",
            "WEB_CONCURRENCY": "1",
            "VAR_DIR": str(folder / "var"),
        }
        green, blue = folder / "green", folder / "blue"
        for release in (green, blue):
            release.mkdir()
            (release / ".venv").symlink_to(BASE_DIR / ".venv")
        for each in ("manage.py", "api", "cms", "content", "pyproject.toml"):
            (green / each).symlink_to(BASE_DIR / each)
        subprocess.run(["tar", "x"], cwd=blue, input=release_before(), check=True)

    def run(self, listing, release="green", **environment):
        ports = {"8000": str(self.blue_port), "8001": str(self.green_port)}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", re.sub(r"\b800[01]\b", lambda found: ports[found[0]], listing)],
            cwd=self.folder / release,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
        )
        assert done.returncode == 0, f"{listing}\n{done.stdout}"
        return done.stdout

    def migrate_back(self):
        """The tables of the release before."""
        for app in ("api", "cms", "content"):
            newest = max(each.stem for each in (self.folder / "blue" / app / "migrations").glob("0*.py"))
            self.run(f".venv/bin/python manage.py migrate {app} {newest}")

    def answer(self, port):
        body = json.dumps({"query": QUERY}).encode()
        headers = {"Content-Type": "application/json", "Host": "cms.example.com", "X-Forwarded-Proto": "https"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, headers)
        with _no_proxy.open(request, timeout=30) as response:
            return response.read()

    def stop(self):
        for file in self.folder.glob("*.pid"):
            os.kill(int(file.read_text()), signal.SIGTERM)


@pytest.fixture
def machine(tmp_path):
    folder = tmp_path / "machine"
    folder.mkdir()
    machine = Machine(folder)
    yield machine
    machine.stop()


@pytest.fixture
def site(transactional_db, media):
    topic = factories.TopicFactory(name="Data")
    factories.ArticlePageFactory(slug="one", title="Kept", topics=[topic], body=factories.every_block())
    User.objects.create_superuser("ada", "ada@example.com", "secret of hers")


STALE = """
from api.documents.models import Document
rows = Document.objects.filter(layer=0, valid_to=None).order_by("pk")
rows.filter(pk__in=list(rows.values_list("pk", flat=True)[::2])).update(contract="older")
"""


def test_a_release_is_deployed_and_rolled_back_while_both_answer(machine, site, media, tmp_path):
    prepare, start, rebuild, stop = listings("Deploy a release")
    serve_blue, rebuild_blue = listings("Roll back")
    machine.environment |= {"MEDIA_ROOT": str(media.public), "PRIVATE_MEDIA_ROOT": str(media.private)}
    with processes.shared_database(tmp_path) as database:
        machine.environment["DATABASE_URL"] = database
        machine.migrate_back()
        machine.run(serve_blue, "blue")
        before = machine.answer(machine.blue_port)
        assert json.loads(before)["data"]["article"]["title"] == "Kept"

        assert "Planned operations" in machine.run(prepare)
        assert machine.answer(machine.blue_port) == before
        machine.run(start)
        assert machine.answer(machine.green_port) == before
        # Half of the documents are of another contract: a rebuild that was interrupted.
        machine.run(f".venv/bin/python manage.py shell --no-imports -c '{STALE}'")
        assert machine.answer(machine.blue_port) == machine.answer(machine.green_port) == before
        machine.run(rebuild)
        assert machine.answer(machine.blue_port) == machine.answer(machine.green_port) == before
        pid = int((machine.folder / "blue.pid").read_text())
        machine.run(stop)
        wait_for_end(pid)

        machine.run(serve_blue, "blue")
        assert machine.answer(machine.blue_port) == before
        machine.run(rebuild_blue, "blue")
        assert machine.answer(machine.blue_port) == machine.answer(machine.green_port) == before


def wait_for_end(pid):
    deadline = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_backup_copy_and_recovery_do_what_they_say(machine, site, media, tmp_path):
    (save, look) = listings("Back up")
    (restore, replace) = listings("Restore")
    (copy,) = listings("A copy for staging")
    export, take_in, rebuild, make_room, new_key, end_sessions = listings("Recover")
    client = Client()
    client.force_login(User.objects.get())
    here = {"MEDIA_ROOT": str(media.public), "PRIVATE_MEDIA_ROOT": str(media.private)}
    with ExitStack() as stack:
        here["DATABASE_URL"] = stack.enter_context(processes.shared_database(tmp_path))
        machine.run(save, **here)
        assert "This was a dry run" in machine.run(look, **here)

        new = elsewhere(tmp_path / "new", stack, "new_host")
        for listing in (restore, replace):
            assert "Restored." in machine.run(listing, **new)
        staging = elsewhere(tmp_path / "staging", stack, "staging") | {
            "CMS_URL": "https://cms.staging.test",
            "FRONTEND_URL": "https://www.staging.test",
        }
        assert "Restored." in machine.run(copy, **staging)
        machine.run(export, **staging)
        assert (machine.folder / "from-the-copy").is_dir()
        assert "dry run" in machine.run(take_in, **new).lower()
        assert "drift" not in machine.run(rebuild, **new)
        machine.run(make_room, **new)
        assert len(machine.run(new_key).strip()) >= 50
        count = '.venv/bin/python manage.py shell --no-imports -c "from django.contrib.sessions.models import Session; print(Session.objects.count())"'
        assert machine.run(count, **new) == "1\n"
        machine.run(end_sessions, **new)
        assert machine.run(count, **new) == "0\n"


def elsewhere(folder, stack, name):
    """The environment of another machine, with an empty database."""
    folder.mkdir()
    return {
        "DATABASE_URL": stack.enter_context(empty_database(folder, name)),
        "MEDIA_ROOT": str(folder / "media"),
        "PRIVATE_MEDIA_ROOT": str(folder / "private"),
    }


def test_every_listing_is_run():
    chapters = ["Back up", "Restore", "A copy for staging", "Deploy a release", "Roll back", "Recover"]
    assert re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE) == chapters
    assert [len(listings(chapter)) for chapter in chapters] == [2, 2, 1, 4, 2, 6]
    assert RUNBOOK.count("```sh") == 17


def test_sessions_signed_with_a_former_key_go_on(site, settings):
    former = settings.SECRET_KEY
    for fallbacks, status in (([former], 200), ([], 302)):
        settings.SECRET_KEY = former
        client = Client()
        client.force_login(User.objects.get())
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", fallbacks
        assert client.get("/admin/").status_code == status


def test_former_keys_come_from_the_environment(tmp_path):
    code = "from cms.settings import base; print(base.SECRET_KEY_FALLBACKS)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE_DIR,
        env={**os.environ, "SECRET_KEY_FALLBACKS": "one, two"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "['one', 'two']\n"
