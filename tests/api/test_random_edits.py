"""Whatever is edited, in whatever order and by whatever means, and wherever a process dies: what is published follows,
and so does a copy that is kept by the feed of changes.
"""

import pytest

from tests import factories, processes

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_drifts_after_hundreds_of_random_edits(tmp_path, monkeypatch):
    # The demo is loaded by the process that edits it, with files that can be replaced.
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    factories.tree()
    with processes.shared_database(tmp_path) as database:
        editing = processes.start(database, "-m", "tests.api.random_editing", "1", "500", "50")
        output, _ = editing.communicate(timeout=1800)
    assert editing.returncode == 0, output[-10_000:]
    assert "After 500 edits" in output
    assert "the copy is whole" in output
