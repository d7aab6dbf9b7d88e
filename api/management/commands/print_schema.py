"""Writes the schema's printed form, which front ends are checked against."""

from difflib import unified_diff
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from strawberry.printer import print_schema

from api import compatibility
from api.schema import schema

FILE = compatibility.FOLDER / "schema.graphql"


class Command(BaseCommand):
    help = "Write api/schema.graphql."

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_mutually_exclusive_group()
        group.add_argument(
            "--check",
            action="store_true",
            help="write nothing, and fail when the file differs from the code, or when the schema breaks front ends of "
            "the last release and api/breaking_changes.txt does not say so",
        )
        group.add_argument(
            "--release",
            action="store_true",
            help="write it as api/released.graphql too, which later schemas are compared with, and empty the list of "
            "breaking changes",
        )

    def handle(self, *args: Any, check: bool, release: bool, **options: Any) -> None:
        printed = print_schema(schema) + "\n"
        if check:
            self._check(printed)
            return
        FILE.write_text(printed)
        self.stdout.write(f"Wrote {FILE.name}, {len(printed.splitlines())} lines.")
        if release:
            compatibility.RELEASED.write_text(printed)
            lines = compatibility.DECLARED.read_text().splitlines(keepends=True)
            compatibility.DECLARED.write_text("".join(line for line in lines if line.startswith("#")))
            self.stdout.write("Front ends are promised this schema from now on.")

    def _check(self, printed: str) -> None:
        stored = FILE.read_text() if FILE.exists() else ""
        if printed != stored:
            difference = "\n".join(
                unified_diff(stored.splitlines(), printed.splitlines(), "the file", "the code", lineterm="", n=1)
            )
            raise CommandError(
                f"api/schema.graphql is out of date; run `make schema` and read the change.\n{difference}"
            )
        try:
            faults = compatibility.faults(
                printed, compatibility.RELEASED.read_text(), compatibility.DECLARED.read_text()
            )
        except ValueError as error:
            raise CommandError(f"api/breaking_changes.txt: {error}") from None
        if faults:
            raise CommandError("\n".join(faults))
