"""Files that nobody needs any more, kept here until they are deleted: a process may be killed in between."""

from django.db import models


class DiscardedFile(models.Model):
    name = models.CharField(max_length=255)

    def __str__(self) -> str:
        return self.name

    def touched_keys(self) -> set[str]:
        """None: it is bookkeeping, and nothing of it is public."""
        return set()
