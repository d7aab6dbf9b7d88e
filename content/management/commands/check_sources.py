"""Asks whether the pages behind our sources are still there."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from content.models.fact import Source
from content.source_checks import check_source, sources_to_check


class Command(BaseCommand):
    help = "Asks every source that is due whether its page is still there; the report “Broken sources” tells."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="ask every source now, due or not")

    def handle(self, *args: Any, **options: Any) -> None:
        sources = Source.objects.order_by("pk") if options["all"] else sources_to_check()
        total, failed = sources.count(), 0
        for done, source in enumerate(sources.iterator(), start=1):
            if not check_source(source):
                failed += 1
                self.stdout.write(f"{source.url}")
            if self.stdout.isatty():
                self.stdout.write(f"\r  {done}/{total}", ending="")
                self.stdout.flush()
        self.stdout.write(f"{total} sources asked, {failed} without a good answer.")
