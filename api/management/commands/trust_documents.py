"""Trusts the documents of a front end's release; docs/trusted-documents.md tells how a front end makes its manifest."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from api.trusted import releases
from api.trusted.models import FrontendRelease


class Command(BaseCommand):
    help = (
        "Trust the GraphQL documents of a front end's release, and retire all releases but the newest two. The "
        "manifest is a JSON file, {id: text of the document}; an id is the SHA-256 of the text, with or without "
        "`sha256:`. All of it is trusted or nothing. A manifest that is known already becomes the newest release again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("manifest", nargs="?", help="the JSON file; /dev/stdin reads it from standard input")
        what.add_argument("--list", action="store_true", help="show the releases, the newest first")
        what.add_argument("--retire", type=int, metavar="NUMBER", help="stop trusting this release")
        parser.add_argument("--label", default="", help="a name for the release, such as a version or a commit")
        parser.add_argument(
            "--keep", type=int, default=2, help="how many releases stay trusted, at least 2 (default: 2)"
        )
        parser.add_argument("--dry-run", action="store_true", help="check everything and say what would change")

    def handle(self, *args: Any, manifest: str | None, retire: int | None, dry_run: bool, **options: Any) -> None:
        if options["list"]:
            self.show()
            return
        with transaction.atomic():
            if retire is not None:
                self.retire(retire)
            else:
                self.trust(Path(manifest or ""), options["label"], options["keep"])
            if dry_run:
                transaction.set_rollback(True)
                self.stdout.write("This was a dry run: nothing has changed.")

    def show(self) -> None:
        for release in FrontendRelease.objects.prefetch_related("documents"):
            documents = [(str(each), each.text) for each in release.documents.all()]
            names = sorted(
                ", ".join(releases.operation_names(text)) or releases.name(id, text) for id, text in documents
            )
            self.stdout.write(
                f"{release}, {release.trusted_at:%Y-%m-%d %H:%M} UTC, {counted(len(documents))}: {', '.join(names)}"
            )

    def retire(self, number: int) -> None:
        release = FrontendRelease.objects.filter(pk=number).first()
        if release is None:
            raise CommandError(f"There is no release {number}; `--list` shows those there are.")
        removed = releases.retire([release])
        self.stdout.write(f"Retired {release}; {counted(removed)} not trusted any more.")

    def trust(self, file: Path, label: str, keep: int) -> None:
        if keep < 2:
            raise CommandError("At least 2 releases stay trusted, so that the front end can go back to the one before.")
        if len(label) > 100 or not label.isprintable():
            raise CommandError("A label is one line of at most 100 characters.")
        try:
            documents = releases.read_manifest(file.read_text("utf-8"))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file} is not UTF-8.") from None
        except releases.ManifestError as error:
            raise CommandError(f"{error}\nNothing has been trusted.") from None
        outcome = releases.trust(documents, label=label, keep=keep)
        known = " was known and is the newest again" if outcome.is_known else f", {outcome.added} of them new"
        self.stdout.write(f"Trusted {outcome.release}: {counted(len(documents))}{known}.")
        for release in outcome.retired:
            self.stdout.write(f"Retired {release}.")
        if outcome.removed:
            self.stdout.write(f"{counted(outcome.removed)} not trusted any more.")


def counted(number: int) -> str:
    return "1 document" if number == 1 else f"{number} documents"
