"""Takes in Markdown with front matter, YAML and JSON: all of it or nothing."""

from argparse import ArgumentParser
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from content.interchange.applying import CHANGED, NEW, PUBLISHED, UNCHANGED, WAITING, Applied, Options
from content.interchange.folder import Folder
from content.interchange.importing import Import, Outcome
from content.management.progress import Progress


class Command(BaseCommand):
    help = (
        "Take in content from a folder of Markdown, YAML and JSON files, or from one file. "
        "Everything becomes a draft unless --publish is given. Either all of it is taken in, or nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="a folder laid out as export_content writes it, or one file")
        parser.add_argument("--publish", action="store_true", help="publish what is not marked “draft: true”")
        parser.add_argument("--dry-run", action="store_true", help="change nothing; show what would change")
        parser.add_argument(
            "--at", default="", metavar="FOLDER", help="which folder of an export PATH stands for: pages/articles"
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="also write over people's drafts; they stay in the history",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if not path.exists():
            raise CommandError(f"There is no {path}.")
        self.is_dry: bool = options["dry_run"]
        settings = Options(publish=options["publish"], force=options["force"], is_dry=self.is_dry)
        outcome = Import(Folder(path, options["at"]), settings, self.tell).run(self.start)
        if hasattr(self, "progress"):
            self.progress.finish()
        for problem in sorted(outcome.problems, key=lambda each: (each.file, each.line)):
            self.stderr.write(str(problem), self.style.ERROR)
        if outcome.problems:
            errors = "1 error" if len(outcome.problems) == 1 else f"{len(outcome.problems)} errors"
            raise CommandError(f"{errors}; nothing was imported.")
        self.summarise(outcome)

    def start(self, total: int) -> Callable[[int], None]:
        self.progress = Progress(self.stderr, "Imported" if not self.is_dry else "Compared", total)
        return self.progress.advance

    def tell(self, file: str, applied: Applied) -> None:
        """In a dry run, what would be different."""
        if not self.is_dry or applied.fate == UNCHANGED:
            return
        if applied.before == applied.after:
            self.stdout.write(f"{file}: {WORDS[applied.fate]}")
            return
        before, after = (text.splitlines() for text in (applied.before, applied.after))
        old = f"a/{file}" if applied.before else "/dev/null"
        for line in unified_diff(before, after, old, f"b/{file}", lineterm=""):
            self.stdout.write(line)

    def summarise(self, outcome: Outcome) -> None:
        for note in outcome.notes:
            self.stdout.write(note)
        fates = [NEW, CHANGED, PUBLISHED, WAITING, UNCHANGED]
        for folder in sorted({folder for folder, _ in outcome.counts}):
            counts = [(outcome.counts[folder, fate], WORDS[fate]) for fate in fates]
            self.stdout.write(f"{folder}: " + ", ".join(f"{count} {word}" for count, word in counts if count))
        if self.is_dry:
            self.stdout.write("This was a dry run: nothing was changed.")
        elif any(fate == WAITING for _, fate in outcome.counts):
            self.stdout.write("What waits has no drafts and would be public at once: import it with --publish.")


WORDS = {
    NEW: "new",
    CHANGED: "changed",
    PUBLISHED: "published as it is",
    WAITING: "waiting for --publish",
    UNCHANGED: "unchanged",
}
