"""`make chaos`: that its scripts still run, and that what they print does not say more than they saw."""

import subprocess
import sys

import pytest

from chaos.figures import Figure, table
from chaos.load import Answer
from chaos.publishing import trouble
from cms.env import BASE_DIR
from tests import factories
from tests.processes import shared_database


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_a_short_run_meets_its_targets(tmp_path):
    factories.tree()
    with shared_database(tmp_path) as database:
        command = [sys.executable, "-m", "chaos", "--quick", "--database", database]
        done = subprocess.run(
            [*command, "publish-kills", "worker-kills"],
            cwd=BASE_DIR, capture_output=True, text=True, check=False, timeout=240,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split("|")[1].strip() for line in done.stdout.splitlines() if line.startswith("| ")]
    assert rows == [
        "Fault",
        "-" * len(rows[1]),
        "publish killed at a random statement",
        "gunicorn and worker killed, read",
        "gunicorn and worker killed, publish",
    ]


BEFORE = {
    "titles": ["Old"], "generation": 7, "events": [5, 6, 7], "named": 6, "current": 6, "revisions": 3, "pending": 0, "jobs": 1,
}  # fmt: skip
AFTER = BEFORE | {
    "titles": ["New"], "generation": 8, "events": [5, 6, 7, 8], "named": 8, "current": 8, "revisions": 4, "jobs": 3,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"titles": ["New", "Old"]}, "a mixture of titles"),
        ({"generation": 9, "events": [5, 6, 7, 8, 9], "named": 9, "current": 9}, "not one generation more"),
        ({"events": [5, 6, 7]}, "not one event for each generation"),
        ({"events": [5, 6, 7, 8, 8]}, "not one event for each generation"),
        ({"named": 6}, "an event or a document of another generation"),
        ({"revisions": 3}, "not one revision more"),
        ({"pending": 1}, "something pending"),
    ],
)
def test_what_is_neither_old_nor_new_is_found(changed, told):
    assert trouble(BEFORE, BEFORE, "New") is None
    assert trouble(BEFORE, AFTER, "New") is None
    assert trouble(BEFORE, AFTER | changed, "New") == told


def test_only_a_503_that_says_when_to_come_back_is_polite():
    answers = [
        Answer(0, 0, 200),
        Answer(0, 0, 429),
        Answer(0, 0, 503, True),
        Answer(0, 0, 503),
        Answer(0, 0, 500),
        Answer(0, 0, 0),
    ]
    assert [each.is_polite for each in answers] == [True, True, True, False, False, False]


def test_a_missed_target_is_plain_to_see():
    assert table(
        [Figure("Late", "5", "9 s", "≤ 5 s", False), Figure("In time", "1", "1 s", "≤ 5 s", True)]
    ).splitlines() == [
        "| Fault   | Times | Figure | Target | Met |",
        "| ------- | ----- | ------ | ------ | --- |",
        "| Late    | 5     | 9 s    | ≤ 5 s  | NO  |",
        "| In time | 1     | 1 s    | ≤ 5 s  | yes |",
    ]
