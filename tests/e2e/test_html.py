"""What is served is valid HTML, errors and drafts included."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from cms.bootstrap import node
from tests.e2e.pages import ALL

SCRIPT = Path(__file__).with_name("html.mjs")


def invalid(pages):
    """What html-validate finds in HTML, by the names of the pages."""
    done = subprocess.run(
        [node(), SCRIPT], input=json.dumps(pages), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def found(served, scores):
    # Wagtail's user bar, which editors get at the end of a preview, is Wagtail's.
    found = invalid({each.name: re.sub(r'(?s)<div id="userbar">.*(?=</body>)', "", served(each)[1]) for each in ALL})
    for each in ALL:
        scores.note(each, html_errors=len(found[each.name]))
    return found


@pytest.mark.parametrize("page_type", ALL, ids=str)
def test_page_is_valid(served, found, page_type):
    assert served(page_type)[0] == page_type.status
    assert found[page_type.name] == []


def test_shell_of_previews_is_valid(reading_site):
    assert invalid({"shell": reading_site.get("/preview")[1]}) == {"shell": []}


def test_what_is_invalid_is_found():
    twice = (
        '<!DOCTYPE html><html lang="en"><head><title>T</title></head><body><p id="a"></p><p id="a"></p></body></html>'
    )
    assert [message.partition(":")[0] for message in invalid({"twice": twice})["twice"]] == ["no-dup-id"]
