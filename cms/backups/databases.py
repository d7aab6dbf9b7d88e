"""Saving and loading a whole database: SQLite by its own backup, PostgreSQL by pg_dump, pg_restore and psql.

Both are saved as they are at one moment, while editors write, and loaded in one transaction: whoever kills that finds
the database as it was before.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from django.db import connection, transaction
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

CONNECTION = {each.keyword.decode() for each in Conninfo.get_defaults()} - {"password"}
"""What of the settings means something to PostgreSQL's own programs."""


class Refused(Exception):
    """This cannot be done here; its text says why, and what to do."""


class Cursor(Protocol):
    def execute(self, sql: str, parameters: Any = ..., /) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Database(Protocol):
    member: str
    """Its name in an archive."""

    def version(self) -> int: ...
    def save(self, to: Path) -> AbstractContextManager[Cursor]:
        """Write the whole database into this file; the cursor reads what was written."""

    def load(self, source: Path) -> None:
        """Put what was saved in the place of everything that is there, in one transaction."""


class Sqlite:
    member = "database.sqlite3"

    def version(self) -> int:
        return sqlite3.sqlite_version_info[0]

    @contextmanager
    def save(self, to: Path) -> Iterator[Cursor]:
        connection.ensure_connection()
        with closing(sqlite3.connect(to)) as copy:
            connection.connection.backup(copy)
            yield copy.cursor()

    def load(self, source: Path) -> None:
        connection.ensure_connection()
        try:
            with closing(sqlite3.connect(source)) as saved:
                found = saved.execute("PRAGMA quick_check(1)").fetchone()[0]
                if found == "ok":
                    saved.backup(connection.connection)
        except sqlite3.Error as error:
            found = error
        if found != "ok":
            raise Refused(f"SQLite cannot take this database: {found}.")


class Postgresql:
    member = "database.pgdump"

    def version(self) -> int:
        connection.ensure_connection()
        return int(connection.connection.info.server_version) // 10_000

    @contextmanager
    def save(self, to: Path) -> Iterator[Cursor]:
        program = self._program("pg_dump")
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot(), current_schema()")
            snapshot, schema = cursor.fetchone()
            options = ["--format=custom", "--no-owner", "--no-privileges", f"--schema={schema}", f"--file={to}"]
            done = subprocess.run(
                [program, *options, f"--snapshot={snapshot}", f"--dbname={self._address()}"],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise Refused(f"pg_dump failed: {done.stderr.strip()}")
            yield cursor

    def load(self, source: Path) -> None:
        """The COMMIT comes from here, and only after pg_restore has ended well: whatever is killed, nothing of it is
        committed.
        """
        restore, psql = self._program("pg_restore"), self._program("psql")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            (schema,) = cursor.fetchone()
            cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = %s", [schema])
            tables = [name for (name,) in cursor.fetchall()]
        # It must not hold a lock that psql waits for.
        connection.close()
        begin = "BEGIN; SET LOCAL client_min_messages = warning;\n"
        if tables:
            begin += f"DROP TABLE {', '.join(tables)} CASCADE;\n"
        options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file=-"]
        with tempfile.TemporaryFile("w+") as said:
            loading = subprocess.Popen(
                [psql, *options, f"--dbname={self._address()}"],
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
            assert loading.stdin
            # What a psql that has given up is not told, it has said itself.
            with loading, suppress(BrokenPipeError), loading.stdin as script:
                script.write(begin.encode())
                script.flush()
                reading = subprocess.run(
                    [restore, "--no-owner", "--no-privileges", f"--schema={schema}", "--file=-", source],
                    stdin=subprocess.DEVNULL,
                    stdout=script,
                    stderr=said,
                    check=False,
                )
                if not reading.returncode:
                    script.write(b"\nCOMMIT;\n")
            if reading.returncode or loading.returncode:
                said.seek(0)
                raise Refused(f"PostgreSQL refused the backup, and nothing has changed: {said.read().strip()}")

    def _program(self, name: str) -> str:
        """Where it is. Raises Refused unless it can talk to this server."""
        found, version = shutil.which(name), self.version()
        if found is None:
            raise Refused(f"{name} is not installed (Debian and Ubuntu: apt install postgresql-client-{version}).")
        said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
        own = int(re.findall(r"\d+", said)[0])
        if own < version:
            raise Refused(
                f"{found} is of PostgreSQL {own}, the server of {version}: install that version or a newer one "
                f"(Debian and Ubuntu: apt install postgresql-client-{version})."
            )
        return found

    def _address(self) -> str:
        """Without the password: other users of the machine see the arguments of a program."""
        parameters = connection.get_connection_params()
        return make_conninfo(**{name: parameters[name] for name in parameters if name in CONNECTION})

    def _environment(self) -> dict[str, str]:
        password = connection.get_connection_params().get("password")
        return {**os.environ, "PGPASSWORD": password} if password else dict(os.environ)


def database() -> Database:
    return Postgresql() if connection.vendor == "postgresql" else Sqlite()
