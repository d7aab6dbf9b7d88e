"""Writes the schema's printed form, which front ends are checked against."""

from difflib import unified_diff
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from strawberry.printer import print_schema

import api
from api.schema import schema

FILE = Path(api.__file__).parent / "schema.graphql"


class Command(BaseCommand):
    help = "Write api/schema.graphql; with --check only say whether it is up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing, and fail when the file differs from the code"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        printed = print_schema(schema) + "\n"
        stored = FILE.read_text() if FILE.exists() else ""
        if not check:
            FILE.write_text(printed)
            self.stdout.write(f"Wrote {FILE.name}, {len(printed.splitlines())} lines.")
        elif printed != stored:
            difference = "\n".join(
                unified_diff(stored.splitlines(), printed.splitlines(), "the file", "the code", lineterm="", n=1)
            )
            raise CommandError(
                f"api/schema.graphql is out of date; run `make schema` and read the change.\n{difference}"
            )
