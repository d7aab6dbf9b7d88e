"""Rows of the queue as people see them: content/jobs.py does them."""

from django_tasks_db.models import DBTaskResult


class Job(DBTaskResult):  # type: ignore[type-arg]
    """The library's rows, with a name and permissions that an administrator understands."""

    class Meta:
        proxy = True
        verbose_name = "job"
        default_permissions = ("view", "change")

    def touched_keys(self) -> set[str]:
        """None: nothing of it is public."""
        return set()
