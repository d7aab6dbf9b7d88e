"""Changes made outside `content.changes.changes()`, kept until they have been told to whoever listens."""

from django.db import models


class PendingChange(models.Model):
    """A key whose public form may be out of date; written before the change itself, so that a kill between the two
    loses nothing.
    """

    key = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return self.key

    def touched_keys(self) -> set[str]:
        """None: it tells of a change and is none itself."""
        return set()
