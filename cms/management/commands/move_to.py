"""From the SQLite of a trial to PostgreSQL: every row as it is, so that the API answers as before."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from wagtail.models import Page

from api.documents.models import Document
from cms.env import BASE_DIR
from cms.health import migration_trouble
from cms.settings.base import database
from content.changes import turn

TARGET = "target"
MADE_ANEW = "wagtailsearch"
"""The application whose tables are another kind of index on each database."""


class Command(BaseCommand):
    help = (
        "Copy everything from the present SQLite database into an empty PostgreSQL database. The present one stays as "
        "it is; nobody can change it meanwhile. Uploaded files stay where they are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", metavar="DATABASE_URL", help="postgres://user:password@host:5432/name")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        if connections[DEFAULT_DB_ALIAS].vendor != "sqlite":
            raise CommandError("The present database is not SQLite: PostgreSQL has pg_dump and pg_restore.")
        if trouble := migration_trouble():
            raise CommandError(f"Here {trouble}. Run `manage.py migrate` first.")
        self.connect(address)
        if self.is_in_use():
            raise CommandError("There are users or content in that database already: name an empty one.")
        self.manage("migrate", address)
        with turn(), transaction.atomic(using=TARGET):
            rows = copy_all()
        connections[TARGET].close()
        self.manage("update_index", address)
        self.stdout.write(f"{rows} rows are there now. Set DATABASE_URL to that address and start Toolshelf again.")

    def connect(self, address: str) -> None:
        config = database(address)
        if not config["ENGINE"].endswith("postgresql"):
            raise CommandError("Name the address of a PostgreSQL database: postgres://user:password@host:5432/name")
        # One connection is enough.
        config["OPTIONS"] = {}
        connections.settings[TARGET] = connections.configure_settings({DEFAULT_DB_ALIAS: {}, TARGET: config})[TARGET]

    def is_in_use(self) -> bool:
        tables = connections[TARGET].introspection.table_names()
        # A database that was only migrated has Wagtail's welcome page.
        holding = (get_user_model()._default_manager, Document.objects, Page.objects.filter(depth__gt=2))
        return any(rows.model._meta.db_table in tables and rows.using(TARGET).exists() for rows in holding)

    def manage(self, command: str, address: str) -> None:
        """On the new database, in a process whose only database it is."""
        done = subprocess.run(
            [sys.executable, "manage.py", command, "--verbosity", "0"],
            cwd=BASE_DIR,
            env={**os.environ, "DATABASE_URL": address},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise CommandError(f"`manage.py {command}` failed on the new database:\n{done.stderr}")


def copy_all() -> int:
    """How many rows that were. What migrations have made in the target is replaced."""
    tables = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.app_label != MADE_ANEW
    ]
    quote = connections[TARGET].ops.quote_name
    with connections[TARGET].cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(quote(model._meta.db_table) for model in tables)} CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        count = sum(copy(model, cursor) for model in tables)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in connections[TARGET].ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
    return count


def copy(model: type[models.Model], cursor: Any) -> int:
    quote = connections[TARGET].ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in stored_fields(model))
    count = 0
    with cursor.copy(f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN") as target:
        for row in rows_of(model):
            target.write_row(row)
            count += 1
    return count


def stored_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Without what the database computes from them."""
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def rows_of(model: type[models.Model]) -> Iterator[list[Any]]:
    """Values as the database means them: dates and booleans, but JSON as it is written."""
    source = connections[DEFAULT_DB_ALIAS]
    fields = stored_fields(model)
    expressions = [field.get_col(model._meta.db_table) for field in fields]
    converters = [source.ops.get_db_converters(expression) for expression in expressions]
    columns = ", ".join(source.ops.quote_name(str(field.column)) for field in fields)
    with source.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {source.ops.quote_name(model._meta.db_table)}")
        while batch := cursor.fetchmany(1000):
            for row in batch:
                values = list(row)
                for index, expression in enumerate(expressions):
                    for convert in converters[index]:
                        values[index] = convert(values[index], expression, source)
                yield values
