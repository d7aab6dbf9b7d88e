"""Which group of users is which role, and what it was given."""

from typing import Any, ClassVar

from django.contrib.auth.models import Group
from django.db import models


class Role(models.Model):
    """One of the roles of `content.roles`. Its group may be renamed, changed and deleted: what was given once is not
    given again.
    """

    key = models.CharField(max_length=30, unique=True)
    group = models.OneToOneField(Group, on_delete=models.SET_NULL, null=True, related_name="+")
    given = models.JSONField(default=list, help_text="The nouns over which the group has been given its rights.")

    wagtail_reference_index_ignore: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.key

    def touched_keys(self) -> set[str]:
        """None: who may change something is not public."""
        return set()

    def give(self, noun: str, grant: Any) -> None:
        """Grant something over this noun, unless that was done before or an administrator has deleted the group."""
        if noun in self.given:
            return
        if self.group is not None:
            grant(self.group)
        self.given.append(noun)
        self.save(update_fields=["given"])
