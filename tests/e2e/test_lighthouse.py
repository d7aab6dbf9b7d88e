"""Lighthouse gives every public page all it has for accessibility, best practices and search engines. How fast pages are
is measured elsewhere.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from cms.bootstrap import node
from tests.chromium import FLAGS, chromium
from tests.e2e.pages import PUBLIC

SCRIPT = Path(__file__).with_name("lighthouse.mjs")
FULL = {"accessibility": 100, "best-practices": 100, "seo": 100}


@pytest.fixture(scope="module")
def judged(address, scores):
    """What Lighthouse says, by the name of the page type. Some 6 s for each, in one browser."""
    program, variables = chromium()
    flags = json.dumps([*FLAGS, "--headless"])
    done = subprocess.run(
        [node(), SCRIPT, *map(address, PUBLIC)],
        env={**os.environ, **variables, "CHROMIUM": str(program), "CHROMIUM_FLAGS": flags},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = {each.name: result for each, result in zip(PUBLIC, json.loads(done.stdout), strict=True)}
    for each in PUBLIC:
        scores.note(each, **results[each.name]["scores"])
    return results


@pytest.mark.parametrize("page_type", PUBLIC, ids=str)
def test_lighthouse_gives_full_marks(judged, page_type):
    result = judged[page_type.name]
    if page_type.is_indexed:
        assert result == {"scores": FULL, "failed": []}
    else:
        # What somebody asked for is no page of a search engine, on purpose.
        assert [each["id"] for each in result["failed"]] == ["is-crawlable"]
        assert result["scores"] == FULL | {"seo": result["scores"]["seo"]}
