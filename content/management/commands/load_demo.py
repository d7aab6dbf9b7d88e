"""Loads the demo content; what an editor has changed or deleted since stays as it is."""

from typing import Any

from django.core.management.base import BaseCommand

from content.demo.load import load_demo


class Command(BaseCommand):
    help = "Creates what is missing of the demo content. Never changes or brings back what was edited or deleted."

    def handle(self, *args: Any, **options: Any) -> None:
        created = load_demo(self.show)
        self.stdout.write(f"Demo: {created} objects created." if created else "Demo: complete, nothing to do.")

    def show(self, what: str, done: int, total: int) -> None:
        """One line per kind of object, counting on a terminal and written once elsewhere."""
        if not total:
            return
        is_last = done == total
        if self.stdout.isatty():
            self.stdout.write(f"\r  {what} {done}/{total}", ending="\n" if is_last else "")
            self.stdout.flush()
        elif is_last:
            self.stdout.write(f"  {what} {total}")
