"""`make bench`: that it measures, and that what it writes does not say more than it saw."""

import re
import subprocess
import sys
import time

import pytest

from bench import pages
from bench.figures import Measured, Server, Size, Way
from bench.keystrokes import Wait, api_ms
from bench.lighthouse import Load
from bench.processes import cpu
from bench.questions import Question
from bench.report import figures, goal, put, seen, table
from bench.site_report import cpu_table, goals, keystrokes_table, late, waiting_table
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


def test_each_half_of_the_page_leaves_the_other_as_it_is(tmp_path):
    page = tmp_path / "performance.md"
    put(page, site="# Site, first")
    put(page, api="# API, first\n\n## Goals")
    put(page, site="# Site, second\n\n## Goals")
    put(page, api="# API, second\n")
    lines = page.read_text().splitlines()
    assert [line for line in lines if line.startswith("#")] == ["# API, second", "# Site, second", "## Goals"]
    assert sum(line.startswith("<!--") for line in lines) == 1


def test_goals_of_the_site_are_met_or_missed():
    waits = [Wait(1000, 300, 50, 100, 80, 50)] * 18 + [Wait(1000, 300, 50, 100, 80, 51)] * 2
    found = goals({"home": Load(95, 1, 1, 0, 0), "tool": Load(94, 1, 1, 0, 0)}, {"tool": waits[:18], "person": waits})
    late_tool, late_person = (
        "keystroke to preview, tool, 95th percentile",
        "keystroke to preview, person, 95th percentile",
    )
    assert list(found) == [
        ["Lighthouse, home", "95", "≥ 95", "yes"],
        ["Lighthouse, tool", "94", "≥ 95", "no"],
        [late_tool, "1.50 s", "≤ 1.5 s", "yes"],
        [late_person, "1.50 s", "≤ 1.5 s", "no"],
    ]


def test_parts_of_a_wait_are_all_of_it():
    waits = [Wait(1000, 300, 50, 100, 80, 50), Wait(1200, 320, 60, 110, 70, 70)]
    assert [each.total for each in waits] == [1500, 1760]
    assert late(waits) == pytest.approx(1747)
    row = keystrokes_table({"tool": waits}).splitlines()[2]
    assert [cell.strip() for cell in row.split("|")[2:-1]] == (
        ["1,630", "1,747", "1,760", "1,100", "310", "55", "105", "75", "60"]
    )


def test_api_is_told_apart_in_the_log(tmp_path):
    log = tmp_path / "cms.log"
    before = '{"path": "/graphql", "ms": 9000}\n'
    others = '{"path": "/admin/pages/3/edit/preview/", "ms": 300}\n{"message": "No request"}\nNo JSON\n'
    log.write_text(f'{before}{{"path": "/graphql", "ms": 12.5}}\n{others}{{"path": "/graphql", "ms": 0.5}}\n')
    assert api_ms(log, len(before)) == 13


def test_pages_that_were_not_there_have_no_figure():
    measured = {}
    for way in pages.Way:
        each = measured["article", way] = pages.Measured(1, {"Node": 1}, [])
        each.ms, each.per_second, each.waited_ms = {"Node": [2.0]}, [9], [1.0, 2.0]
        each.statuses.update({200: 9} if way is not pages.Way.COLD else {200: 8, 503: 1})
    assert rows(f"\n## CPU\n{cpu_table(measured)}", "CPU") == {
        "article, cold": ["–", "–", "–"],
        **{f"article, {way}": ["2.00", "2.00", "1.00 ×"] for way in list(pages.Way)[1:]},
    }
    assert [cell == "–" for cell in rows(f"\n## All\n{waiting_table(measured)}", "All")["article"]] == (
        [True, False, False, False]
    )


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
