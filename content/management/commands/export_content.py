"""Writes what is published as Markdown with front matter, or as one JSON document."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from content.interchange.exporting import Export
from content.interchange.kinds import kind_named, kinds
from content.management.progress import Progress


class Command(BaseCommand):
    help = "Write what is published, with its images, as Markdown files below a folder, or as one .json file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="a folder, or a file that ends in .json")
        parser.add_argument("--drafts", action="store_true", help="the newest versions, what is not published included")
        names = ", ".join(kind.name for kind in kinds() if not kind.is_image)
        parser.add_argument("--type", action="append", default=[], metavar="TYPE", help=f"only these: {names}")
        parser.add_argument(
            "--replace", action="store_true", help="write over an earlier export, and remove what is gone since"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if path.suffix != ".json" and path.exists() and not path.is_dir():
            raise CommandError(f"{path} is neither a folder nor a .json file.")
        is_used = path.exists() and (path.suffix == ".json" or any(path.iterdir()))
        if is_used and not options["replace"]:
            raise CommandError(f"{path} is not empty. Name another, or write over it with --replace.")
        only = []
        for name in options["type"]:
            kind = kind_named(name)
            if kind is None or kind.is_image:
                raise CommandError(f"No type is called “{name}”. See --help.")
            only.append(kind)
        export = Export(path, only=only, drafts=options["drafts"])
        progress = Progress(self.stderr, "Exported", export.count())
        count = export.run(progress.advance)
        progress.finish()
        self.stdout.write(f"{count} objects written to {path}.")
