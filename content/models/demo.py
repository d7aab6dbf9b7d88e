"""What `load_demo` has created once, so that it never overwrites or brings back what an editor changed or deleted."""

from django.contrib.contenttypes.models import ContentType
from django.db import models


class DemoRecord(models.Model):
    """One object of the demo content. It outlives the object: a record whose object is gone means "leave it gone"."""

    key = models.CharField(max_length=255, unique=True)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.key

    def touched_keys(self) -> set[str]:
        """None: it is not public."""
        return set()
