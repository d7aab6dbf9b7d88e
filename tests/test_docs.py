"""What the documentation refers to is there."""

import re

import pytest
from django.core.management import get_commands

from cms.bootstrap import FRONTEND, ROOT

FILES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), FRONTEND / "README.md"])
LISTING = re.compile(r"^( *)```.*?^\1```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(file):
    return LISTING.sub("", file.read_text())


def anchors(file):
    """Those that GitHub gives to headings."""
    headings = re.findall(r"^#+ (.+)$", prose(file), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_leads_to_a_file_of_the_project_and_a_heading_in_it(file):
    dead = []
    for link in LINK.findall(prose(file)):
        path, _, anchor = link.partition("#")
        if re.match(r"\w+:", link):
            continue
        target = (file.parent / path).resolve() if path else file
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_links_are_found():
    assert "CONTRIBUTING.md" in LINK.findall(prose(ROOT / "README.md"))


COMMANDS = {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}
SETTINGS = set(re.findall(r"^([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
CHECKS = set(re.findall(r'id="(toolshelf\.[EW]\d+)"', (ROOT / "cms" / "checks.py").read_text()))
FOR_OPERATORS = ["caching", "configure", "faults", "install", "operate", "runbook", "scale", "upgrading", "webhooks"]


def of_operators():
    return {name: (ROOT / "docs" / f"{name}.md").read_text() for name in FOR_OPERATORS}


def test_every_command_is_explained_to_operators_and_every_one_named_exists():
    named = {
        command
        for file in [*FILES, ROOT / ".env.example", ROOT / "compose.yaml"]
        if file.name != "CHANGELOG.md"
        for command in re.findall(r"manage\.py ([a-z_]+)", file.read_text())
    }
    assert named - set(get_commands()) == set()
    assert COMMANDS - set(re.findall(r"`manage\.py ([a-z_]+)", of_operators()["operate"])) == set()
    assert len(COMMANDS) > 15


def test_every_setting_that_operators_are_told_of_exists():
    of_front_end = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (FRONTEND / "README.md").read_text()))
    known = SETTINGS | of_front_end | {"DJANGO_SETTINGS_MODULE", "BAD_USER_INPUT"}
    named = {name: set(re.findall(r"`([A-Z]+(?:_[A-Z0-9]+)+)`", text)) - known for name, text in of_operators().items()}
    assert {name: unknown for name, unknown in named.items() if unknown} == {}


def test_every_refusal_is_explained():
    text = of_operators()["configure"]
    explained = set(re.findall(r"toolshelf\.[EW]\d+", text)) | {
        f"toolshelf.{id}" for id in re.findall(r"`([EW]\d+)`", text)
    }
    assert explained == CHECKS
    assert len(CHECKS) > 15


def test_every_document_is_found_from_the_readme():
    linked = set(LINK.findall((ROOT / "README.md").read_text()))
    assert [file.name for file in ROOT.glob("docs/*.md") if f"docs/{file.name}" not in linked] == []
