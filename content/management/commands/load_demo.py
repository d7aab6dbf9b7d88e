"""Loads the demo content; what an editor has changed or deleted since stays as it is."""

from functools import partial
from typing import Any

from django.core.management.base import BaseCommand

from content.demo.load import load_demo
from content.management.progress import Progress


class Command(BaseCommand):
    help = "Creates what is missing of the demo content. Never changes or brings back what was edited or deleted."

    def handle(self, *args: Any, **options: Any) -> None:
        created = load_demo(partial(Progress, self.stdout))
        self.stdout.write(f"Demo: {created} objects created." if created else "Demo: complete, nothing to do.")
