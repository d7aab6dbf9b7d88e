"""Databases with content to measure on."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.processes import parent
from bench.questions import Question, questions
from cms.bootstrap import FRONTEND, ROOT, Failed, npm
from tests.postgres import postgres

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "bench.settings",
    "SECRET_KEY": "only-for-measurements" * 3,
    "ALLOWED_HOSTS": "cms.example.com",
    "CMS_URL": "https://cms.example.com",
    "FRONTEND_URL": "https://www.example.com",
    "PROXY_COUNT": "1",
}


class Content:
    """A database to measure on, and what belongs to it."""

    def __init__(self, address: str, folder: Path, *, amounts: Mapping[str, int]) -> None:
        self.folder, self.answers, self.amounts = folder, folder / "answers", amounts
        for each in (self.answers, folder / "static"):
            each.mkdir(parents=True, exist_ok=True)
        self.environment = ENVIRONMENT | {
            "DATABASE_URL": address,
            "VAR_DIR": str(folder),
            "STATIC_ROOT": str(folder / "static"),
            "BENCH_ANSWERS": str(self.answers),
        }

    def fill(self, front_end: dict[str, str]) -> tuple[list[Question], list[tuple[int, int]]]:
        """Make what is missing of the content; give what can be asked of it, and the SQL that each question takes
        when it is computed and when it is known. `front_end`: {id: text} of its documents.
        """
        plan = self.folder / "plan.json"
        plan.write_text(json.dumps({"amounts": dict(self.amounts), "front_end": front_end}))
        done = subprocess.run(
            [sys.executable, "-m", "bench.content", plan],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            check=False,
        )
        if done.returncode:
            raise Failed("The content to measure could not be made.")
        outcome = json.loads(plan.read_text())
        return questions(front_end, self.amounts, names=outcome["names"]), outcome["statements"]


@contextmanager
def cluster(folder: Path, names: Iterable[str]) -> Iterator[dict[str, str]]:
    """The address of a database of each name, on a PostgreSQL with its own usual amount of memory."""
    with postgres(folder, shared_buffers="128MB") as address:
        found = {}
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            there = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
            for name in names:
                if f"bench_{name}" not in there:
                    connection.execute(f"CREATE DATABASE bench_{name}")
                found[name] = f"{address}/bench_{name}"
        yield found


def postmaster(address: str) -> int:
    """The process from which all others of this PostgreSQL descend; it has to run on this machine."""
    with psycopg.connect(address) as connection:
        return parent(connection.info.backend_pid)


def front_end() -> dict[str, str]:
    """The documents that it asks: {id: text}."""
    done = subprocess.run(
        [*npm(), "run", "--silent", "manifest"], cwd=FRONTEND, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(f"The front end's documents cannot be read: {done.stderr.strip()}")
    documents: dict[str, str] = json.loads(done.stdout)
    return documents
