"""Follows `docs/extending.md` on a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LISTING = re.compile(
    r'^( *)```python (\S+) (new|at the end|before "([^"\n]+)")\n(.*?)^\1```$', re.DOTALL | re.MULTILINE
)

READ_TERM = """
from django.test import Client
from wagtail.models import Page
from content.changes import changes
from content.models.glossary import TermPage
from tests.factories import tree
with changes():
    term = tree().home.add_child(instance=TermPage(title="ORM", slug="orm", meaning="Rows as objects.", live=False))
    term.save_revision().publish()
answer = Client(HTTP_HOST="127.0.0.1").get("/graphql", {"query": '{ resolve(path: "/orm/") { ... on Term { title meaning } } }'})
print(answer.json()['data'])
"""


def chapter(title):
    text = (ROOT / "docs" / "extending.md").read_text()
    return next(part for part in re.split(r"^## ", text, flags=re.MULTILINE) if part.startswith(title))


def follow(title, project):
    """Do what the listings of a chapter say; returns the files touched."""
    touched = []
    for space, name, place, marker, code in LISTING.findall(chapter(title)):
        code = "\n".join(line.removeprefix(space) for line in code.splitlines()) + "\n"
        file = project / name
        if place == "new":
            assert not file.exists()
            file.write_text(code)
        elif marker:
            before, found, after = file.read_text().partition(marker)
            assert found
            file.write_text(f"{before}{code}\n\n{found}{after}")
        else:
            separator = "" if code.startswith(" ") else "\n\n"
            file.write_text(file.read_text() + separator + code)
        touched.append(name)
    return touched


@pytest.fixture
def project(tmp_path):
    for folder in ("cms", "api", "content", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "demo", "e2e"))
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(project, *command):
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "VAR_DIR")}
    settings = {
        "DJANGO_SETTINGS_MODULE": "cms.settings.development",
        "DATABASE_URL": f"sqlite:///{project}/copy.sqlite3",
    }
    done = subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env={**environment, **settings, "MEDIA_ROOT": f"{project}/media", "PRIVATE_MEDIA_ROOT": f"{project}/private"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.sqlite_only
def test_a_block_takes_two_files_and_no_migration(project):
    assert sorted(set(follow("A block", project))) == ["api/blocks.py", "content/blocks.py"]
    assert "No changes detected" in run(project, "manage.py", "makemigrations", "--check", "--dry-run")
    run(project, "manage.py", "check")
    run(project, "manage.py", "print_schema")
    assert "type PullQuoteBlock implements Block" in (project / "api" / "schema.graphql").read_text()
    sweep = run(
        project,
        "-m",
        "pytest",
        "--ds=cms.settings.test",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/api/test_schema.py",
        "-k",
        "every_block",
    )
    assert "1 passed" in sweep


@pytest.mark.sqlite_only
def test_a_page_type_takes_two_files_and_a_migration(project):
    assert follow("A page type", project) == ["content/models/glossary.py", "api/types/glossary.py"]
    before = set((project / "content" / "migrations").iterdir())
    run(project, "manage.py", "makemigrations")
    assert (
        len([each for each in set((project / "content" / "migrations").iterdir()) - before if each.suffix == ".py"])
        == 1
    )
    run(project, "manage.py", "check")
    run(project, "manage.py", "migrate", "-v", "0")
    assert "{'resolve': {'title': 'ORM', 'meaning': 'Rows as objects.'}}" in run(
        project, "manage.py", "shell", "-v", "0", "-c", READ_TERM
    )
