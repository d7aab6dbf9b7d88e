"""Makes the sizes of images that lack some: after an upgrade, a change of IMAGE_SIZES, or a restore."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from content.images import UnreadableImage, prepare_one, unprepared
from content.management.progress import Progress
from content.models.images import CustomImage

BATCH = 500


class Command(BaseCommand):
    help = (
        "Make the sizes of IMAGE_SIZES that images lack, and remove those that are no longer in it. Each image is a "
        "change of its own, so it can be stopped at any time and run again, while editors and workers do theirs."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        waiting = unprepared(with_unreadable=True).order_by("pk")
        progress = Progress(self.stderr, "Images prepared", waiting.count())
        broken = []
        last = 0
        while pks := list(waiting.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
            for pk in pks:
                try:
                    prepare_one(pk, with_unreadable=True)
                except UnreadableImage as error:
                    broken.append(f"Image {pk}, “{_title(pk)}”, cannot be read: {error}.")
                progress.advance(1)
            last = pks[-1]
        progress.finish()
        for line in broken:
            self.stdout.write(line)
        if broken:
            raise CommandError(
                f"{len(broken)} images have no sizes and are published as they are. Replace their files in the admin."
            )


def _title(pk: int) -> str:
    return CustomImage.objects.filter(pk=pk).values_list("title", flat=True).first() or ""
