"""`make bench`: that it measures, and that what it writes does not say more than it saw."""

import re
import subprocess
import sys
import time

import pytest

from bench.figures import Measured, Server, Size, Way
from bench.processes import cpu
from bench.questions import Question
from bench.report import figures, goal, seen, table
from cms.env import BASE_DIR
from tests import factories
from tests.processes import shared_database

NAMES = [
    "article",
    "list of 20",
    "comparison",
    "search",
    "search, common words",
    "front end: article",
    "front end: list",
    "front end: comparison",
]
QUESTION = Question("article", "{ article }", [{}], goal=5)


def measured(**statuses):
    size = Size(4, [QUESTION], cold=Server(1, 1), warm=Server(2, 2))
    size.statements = {("article", Way.COLD): 3, ("article", Way.HIT): 1}
    for way in Way:
        size.measured["article", way] = Measured(size.warm, [])
        size.measured["article", way].statuses.update(statuses.get(way.name.lower(), {way.status: 9}))
    return size


def rows(text, title):
    """{first cell: the others} of the table under a heading."""
    lines = text.partition(f"\n## {title}")[2].partition("\n## ")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return {first: others for first, *others in cells[2:]}


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_a_short_run_writes_every_row(tmp_path):
    factories.tree()
    output = tmp_path / "performance.md"
    amounts = ["--articles", "4", "--tools", "3", "--facts", "2", "--comparisons", "2"]
    duration = ["--rounds", "1", "--seconds", "0.1", "--memory", "20"]
    with shared_database(tmp_path) as database:
        command = [sys.executable, "-m", "bench.delivery", *amounts, *duration]
        done = subprocess.run(
            [*command, "--database", database, "--output", output],
            cwd=BASE_DIR, capture_output=True, text=True, check=False, timeout=180,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    text = output.read_text()
    assert list(rows(text, "CPU")) == list(rows(text, "Requests per second")) == list(rows(text, "SQL")) == NAMES
    assert all(float(both) > 0 for _, _, both, *_ in rows(text, "CPU").values())
    assert all(" · " in cold and " · " in constant for cold, _, _, constant, _ in rows(text, "Requests").values())
    assert all(int(count) > 1 and int(size.replace(",", "")) > 100 for count, _, size, _ in rows(text, "SQL").values())
    assert len(rows(text, "Memory")["MB"]) == 11
    assert 0 <= int(re.search(r"Other programs used (\d+)% of the machine", text)[1]) <= 100
    assert [line for line in text.splitlines() if line.startswith("| article, cold")][0] in done.stdout


def test_what_was_answered_otherwise_has_no_figure():
    assert all(figures(measured(), QUESTION, way) for way in Way)
    size = measured(not_modified={200: 2, 304: 7}, cold={200: 8, 500: 1})
    assert [way for way in Way if not figures(size, QUESTION, way)] == [Way.COLD, Way.NOT_MODIFIED]
    assert seen([size]) == "Of 9 such requests 7 were answered 304."


def test_a_hit_that_asks_the_database_as_much_as_before_was_none():
    size = measured()
    size.statements["article", Way.HIT] = 3
    assert [way for way in Way if not figures(size, QUESTION, way)] == [Way.HIT]


def test_goal_is_met_or_missed_or_not_known():
    assert goal("a", 4.996, 5) == ["a", "5.00 ×", "≤ 5 ×", "yes"]
    assert goal("a", 5.01, 5) == ["a", "5.01 ×", "≤ 5 ×", "no"]
    assert goal("a", None, 5) == ["a", "–", "≤ 5 ×", "–"]


def test_table_is_aligned():
    assert table(["", "ms"], [["short", "1"], ["longer", "22.5"]]).splitlines() == [
        "|        |   ms |",
        "| ------ | ---: |",
        "| short  |    1 |",
        "| longer | 22.5 |",
    ]


def test_cpu_of_a_process_that_has_ended_is_not_lost():
    spin = "import time; until = time.process_time() + 0.3\nwhile time.process_time() < until: pass"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {spin!r}]); print(flush=True); input()"
    process = subprocess.Popen([sys.executable, "-c", nested], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    began = time.monotonic()
    process.stdout.readline()
    used = cpu(process.pid)
    process.communicate(b"\n")
    assert 0.3 <= used <= time.monotonic() - began
