"""Fills the database with made-up content, to measure and to try things at size."""

from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from content.generate import Amounts, generate
from content.management.progress import Progress
from content.table_statistics import count_tables


class Command(BaseCommand):
    help = (
        "Create made-up articles, tools with facts, and comparisons, published and ready for editing. The same numbers "
        "and seed give the same content; what is there already is left alone. Wagtail's own usage counts know of it "
        "after `manage.py rebuild_references_index`."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--articles", type=int, default=0, metavar="N")
        parser.add_argument("--tools", type=int, default=0, metavar="N")
        parser.add_argument("--comparisons", type=int, default=0, metavar="N")
        parser.add_argument("--facts", type=int, default=40, metavar="N", help="about each tool (default: 40)")
        parser.add_argument(
            "--seed", type=int, default=1, metavar="N", help="another one gives other words (default: 1)"
        )

    def handle(self, *args: Any, seed: int, **options: Any) -> None:
        amounts = Amounts(**{name: max(0, options[name]) for name in ("articles", "tools", "comparisons", "facts")})
        made = generate(amounts, seed=seed, bars=partial(Progress, self.stdout))
        count_tables()
        self.stdout.write(f"Generated: {made} pages." if made else "Generated: nothing, all of it is there.")
