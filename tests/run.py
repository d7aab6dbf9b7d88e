"""Everything that `make test` runs: Python on SQLite and on PostgreSQL, the front end's checks and tests, the journeys
in a browser. The part on SQLite also measures which lines of cms, api and content it reaches.

Each part has its own databases and free ports, so `make up` may run meanwhile. Nothing is skipped: what this machine
lacks, the packages bring, or the run fails and says what to install.

    python tests/run.py                          everything
    python tests/run.py --postgresql [args …]    only pytest, on PostgreSQL, with these arguments
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from coverage import Coverage
from coverage.exceptions import CoverageException

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cms.bootstrap import FRONTEND, ROOT, Failed, npm, settle_environment
from tests.chromium import chromium
from tests.postgres import postgres

PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
MEASURED = [sys.executable, "-m", "coverage", "run"]
MOST = 10  # files shown of those that have lines never reached


@dataclass
class Result:
    """How one part went. `error` is trouble beside failed tests: a part that crashed or ran nothing."""

    name: str
    output: str = ""
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0
    error: str = ""

    @property
    def is_good(self) -> bool:
        return bool(self.passed) and not (self.failed or self.skipped or self.error)

    def judge(self, code: int) -> None:
        if not (self.passed or self.failed):
            self.error = "ran no test"
        elif code and not self.failed:
            self.error = f"exit code {code}"
        elif self.skipped:
            self.error = "skips are failures"


def run(command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout


def pytest(name: str, *arguments: str, env: Mapping[str, str], program: Sequence[str] = PYTEST) -> Result:
    began = time.monotonic()
    result = Result(name)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        code, result.output = run([*program, f"--junit-xml={report}", *arguments], env={"VAR_DIR": folder, **env})
        if report.exists():
            suite = next(ET.parse(report).getroot().iter("testsuite"))
            count = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
            result.failed = count["failures"] + count["errors"]
            result.skipped = count["skipped"]
            result.passed = count["tests"] - result.failed - result.skipped
    result.judge(code)
    result.seconds = time.monotonic() - began
    return result


def front_end() -> Result:
    """Types and queries first: where they are wrong, no test says anything."""
    began = time.monotonic()
    result = Result("Front end")
    code, result.output = run([*npm(), "run", "check"], cwd=FRONTEND)
    if code:
        result.error = "its check failed"
    else:
        code, output = run([*npm(), "test"], cwd=FRONTEND)
        result.output += output
        # The last lines of Node's test runner: "ℹ pass 12", or "# pass 12" without a terminal.
        counts = {word: int(number) for word, number in re.findall(r"^(?:ℹ|#) (\w+) (\d+)$", output, re.MULTILINE)}
        result.passed = counts.get("pass", 0)
        result.failed = counts.get("fail", 0) + counts.get("cancelled", 0)
        result.skipped = counts.get("skipped", 0) + counts.get("todo", 0)
        result.judge(code)
    result.seconds = time.monotonic() - began
    return result


def browser() -> Result:
    try:
        chromium()
    except Failed as failure:
        return Result("Browser", error=str(failure))
    return pytest("Browser", "tests/e2e", env={})


def on_postgresql(*arguments: str) -> Result:
    try:
        with postgres() as address:
            return pytest("PostgreSQL", *arguments, env={"DATABASE_URL": f"{address}/toolshelf"})
    except Failed as failure:
        return Result("PostgreSQL", error=str(failure))


def on_sqlite(data: Path) -> Result:
    """Measured, with what it reaches left in files whose names begin with that of `data`."""
    program = [*MEASURED, *PYTEST[1:]]
    env = {"DATABASE_URL": "sqlite://:memory:", "COVERAGE_FILE": str(data)}
    return pytest("SQLite", "tests", env=env, program=program)


def tell_reached(data: Path) -> bool:
    """Print how much of the code was reached, and which files have most that was not. False when pyproject.toml asks
    for more.
    """
    measured = Coverage(data_file=str(data), config_file=str(ROOT / "pyproject.toml"))
    report = data.with_name("report.json")
    try:
        measured.combine([str(data.parent)])
        total = round(measured.json_report(outfile=str(report)), 2)
    except CoverageException as error:
        print(f"\nNo coverage: {error}")
        return False
    least = measured.get_option("report:fail_under")
    is_enough = total >= least
    print(f"\nCoverage {total:.2f} %, {'at least' if is_enough else 'LESS THAN the'} {least:g} % asked for")
    files = json.loads(report.read_text())["files"]
    missed = {file: each["summary"]["missing_lines"] for file, each in files.items()}
    for file in sorted(missed, key=missed.__getitem__, reverse=True)[:MOST]:
        if missed[file]:
            print(f"{missed[file]:>6} lines never reached in {file}")
    return is_enough


def tell(result: Result) -> Result:
    print(f"\n{'═' * 20} {result.name} {'═' * 20}\n{result.output.rstrip()}", flush=True)
    return result


def tell_table(results: Sequence[Result]) -> None:
    print(f"\n{'':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for result in results:
        line = f"{result.name:<12}{result.passed:>8}{result.failed:>8}{result.skipped:>9}{result.seconds:>9.0f}"
        print(f"{line}   {result.error or ('' if result.is_good else 'failed')}".rstrip())


def everything() -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "coverage")
        with ThreadPoolExecutor(2) as pool:
            # In this order two at a time: the two long ones first, the browser alone, because its tests wait for real
            # time.
            parts = [pool.submit(part) for part in (partial(on_sqlite, data), on_postgresql, front_end)]
            results = [tell(part.result()) for part in parts]
        results.append(tell(browser()))
        tell_table(results)
        is_covered = tell_reached(data)
    passed = sum(result.passed for result in results)
    failed = sum(result.failed for result in results)
    broken = [result for result in results if result.error and not result.failed]
    print(f"{time.monotonic() - began:.0f} s in all")
    # What went wrong without a failed test counts as one, so that the last line cannot look green.
    print(f"\n{passed} passed, {failed + len(broken) + (not is_covered)} failed", flush=True)
    return 0 if is_covered and all(result.is_good for result in results) else 1


def main(arguments: list[str]) -> int:
    settle_environment()
    for name in (
        "DATABASE_URL",
        "DJANGO_SETTINGS_MODULE",
        "CACHE_URL",
        "CMS_URL",
        "FRONTEND_URL",
        "ADMIN_ORIGINS",
        "MEDIA_ROOT",
        "PRIVATE_MEDIA_ROOT",
        "PORT",
        "FRONTEND_PORT",
    ):
        os.environ.pop(name, None)
    if arguments[:1] == ["--postgresql"]:
        with postgres() as address:
            return subprocess.run(
                [*PYTEST, *arguments[1:]], cwd=ROOT, env={**os.environ, "DATABASE_URL": f"{address}/toolshelf"}
            ).returncode
    return everything()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failed as failure:
        sys.exit(str(failure))
