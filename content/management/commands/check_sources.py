"""Asks whether the pages behind our sources are still there."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from content.management.progress import Progress
from content.models.fact import Source
from content.source_checks import check_source, sources_to_check


class Command(BaseCommand):
    help = "Asks every source that is due whether its page is still there; the report “Broken sources” tells."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="ask every source now, due or not")

    def handle(self, *args: Any, **options: Any) -> None:
        sources = Source.objects.order_by("pk") if options["all"] else sources_to_check()
        failed: list[str] = []
        progress = Progress(self.stderr, "Asked", sources.count())
        for source in sources.iterator():
            if not check_source(source):
                failed.append(source.url)
            progress.advance(1)
        progress.finish()
        for url in failed:
            self.stdout.write(url)
        self.stdout.write(f"{progress.done} sources asked, {len(failed)} without a good answer.")
