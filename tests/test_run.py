"""How `make test` ends."""

import pytest
from coverage import CoverageData

from tests import run

LINES = "one = 1\ntwo = 2\nthree = 3\n"
ALL = [(-1, 1), (1, 2), (2, 3), (3, -1)]
GOOD = run.Result("SQLite", passed=2)


@pytest.fixture
def ended(monkeypatch, tmp_path, capsys):
    """The exit code and the last lines of a run whose part on SQLite went like this and reached these lines."""
    file = tmp_path / "three_lines.py"
    file.write_text(LINES)

    def run_it(sqlite, reached):
        def on_sqlite(data):
            if reached:
                measured = CoverageData(f"{data}.of-a-process")
                measured.add_arcs({str(file): reached})
                measured.write()
            return sqlite

        monkeypatch.setattr(run, "on_sqlite", on_sqlite)
        for part in ("on_postgresql", "front_end", "browser"):
            monkeypatch.setattr(run, part, lambda: run.Result("Another", passed=1))
        code = run.everything()
        table = capsys.readouterr().out.partition(" seconds\n")[2]
        return code, table.replace(str(file), "three_lines.py").splitlines()

    return run_it


def test_enough_is_reached(ended):
    code, (*_, told, _, _, last) = ended(GOOD, ALL)
    assert code == 0
    assert told.startswith("Coverage 100.00 %, at least ")
    assert last == "5 passed, 0 failed"


def test_too_little_reached_fails_the_run_and_says_where(ended):
    code, (*_, told, where, _, _, last) = ended(GOOD, ALL[:1])
    assert code == 1
    assert told.startswith("Coverage 33.33 %, LESS THAN the ")
    assert where.split() == ["2", "lines", "never", "reached", "in", "three_lines.py"]
    assert last == "5 passed, 1 failed"


def test_nothing_measured_fails_the_run(ended):
    code, lines = ended(GOOD, [])
    assert code == 1
    assert any(line.startswith("No coverage: ") for line in lines)
    assert lines[-1] == "5 passed, 1 failed"


def test_a_part_that_failed_is_told_before_what_was_reached(ended):
    code, (first, *others) = ended(run.Result("SQLite", error="ran no test"), ALL[:1])
    assert code == 1
    assert first.endswith("ran no test")
    assert any(line.startswith("Coverage ") for line in others)
    assert others[-1] == "3 passed, 2 failed"
