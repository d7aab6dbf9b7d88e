"""Lighthouse's score for performance by its usual settings: a phone on a slow network, simulated from a quick load."""

import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.site_servers import Site
from cms.bootstrap import FRONTEND, Failed, node
from cms.supervisor import Supervisor, answers
from tests.chromium import FLAGS, chromium
from tests.ports import free_port

PROGRAM = FRONTEND / "node_modules" / "lighthouse" / "cli" / "index.js"


@dataclass
class Load:
    """What was found of a page: the score is of 100, times are milliseconds."""

    score: float
    first_paint: float
    largest_paint: float
    blocking: float
    shift: float


def loads(supervisor: Supervisor, site: Site, pages: Mapping[str, str], *, times: int) -> dict[str, Load]:
    """Medians of each page, which are given by name and path."""
    with tempfile.TemporaryDirectory() as profile:
        port = start_chromium(supervisor, Path(profile))
        found = {}
        for name, path in pages.items():
            found[name] = median(load(f"{site.address}{path}", port) for _ in range(times))
            print(f"Lighthouse gives the {name} page {found[name].score:.0f}", flush=True)
        return found


def start_chromium(supervisor: Supervisor, profile: Path) -> int:
    """Gives the port at which it is told what to do. Each load begins with an empty cache all the same."""
    program, variables = chromium()
    port = free_port()
    command: list[str | Path] = [
        program,
        "--headless",
        *FLAGS,
        f"--user-data-dir={profile}",
        f"--remote-debugging-port={port}",
    ]
    child = supervisor.start("Chromium", command, log="chromium.log", env=variables)
    child.wait_until(lambda: answers(f"http://127.0.0.1:{port}/json/version"), seconds=60)
    return port


def load(address: str, port: int) -> Load:
    options = ["--port", str(port), "--output=json", "--only-categories=performance", "--no-enable-error-reporting"]
    done = subprocess.run(
        [node(), PROGRAM, address, "--quiet", *options], capture_output=True, text=True, check=False, env=os.environ
    )
    if done.returncode:
        raise Failed(f"Lighthouse could not load {address}: {done.stderr.strip()[-500:]}")
    report = json.loads(done.stdout)
    ids = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"]
    values = [report["audits"][each]["numericValue"] for each in ids]
    return Load(report["categories"]["performance"]["score"] * 100, *values)


def median(all_: Iterable[Load]) -> Load:
    columns = zip(*(vars(each).values() for each in all_), strict=True)
    return Load(*map(statistics.median, columns))
