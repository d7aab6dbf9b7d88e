"""Whether this database is a copy of another site's, such as staging's: then nothing leaves it."""

from functools import cache

from django.db import models


class Copy(models.Model):
    """One row, in a database that `manage.py restore --as-copy` has made."""

    taken_at = models.DateTimeField(help_text="When the backup was taken.")

    def __str__(self) -> str:
        return f"copy of {self.taken_at:%Y-%m-%d %H:%M}"


@cache
def is_copy() -> bool:
    """Everything that sends something out asks this first. One query in the life of a process: a database becomes a
    copy only while nothing else runs.
    """
    return Copy.objects.exists()
