"""What the documentation refers to is there."""

import re

import pytest

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
