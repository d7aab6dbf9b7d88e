"""Other processes on the test's own database: for what only a second process, or a killed one, can show."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def shared_database(folder: Path) -> Iterator[str]:
    """The address of the test's database, as it is now, for other processes.

    SQLite's is in memory, so they get a copy in a file; on PostgreSQL they get the test database itself.
    """
    if connection.vendor == "sqlite":
        file = folder / "copy.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(file)])
        yield f"sqlite:///{file}"
    else:
        each = connection.settings_dict
        host = str(each["HOST"]).replace("/", "%2F")
        password = f":{each['PASSWORD']}" if each["PASSWORD"] else ""
        yield f"postgres://{each['USER']}{password}@{host}:{each['PORT']}/{each['NAME']}"


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """The address of a database without a table, of the kind that these tests run on."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'empty.sqlite3'}"
        return
    each = connection.settings_dict
    server = f"postgres://{each['USER']}@{each['HOST']}:{each['PORT']}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute("CREATE DATABASE empty")
        try:
            yield f"{server}/empty"
        finally:
            admin.execute("DROP DATABASE empty WITH (FORCE)")


def variables(database: str) -> dict[str, str]:
    """The environment of a process with the development settings on this database."""
    return {**os.environ, "DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "cms.settings.development"}


def start(database: str, *command: str) -> subprocess.Popen[str]:
    """Start Python with the development settings on this database."""
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=variables(database),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(database: str, *command: str) -> tuple[int, str]:
    """Run it to its end; the exit code and what it printed."""
    process = start(database, *command)
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


def manage(database: str, *command: str) -> tuple[int, str]:
    """Run one of Django's commands."""
    return run(database, "manage.py", *command)
