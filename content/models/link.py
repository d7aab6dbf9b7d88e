"""Where a menu entry or an announcement leads: to a page, or to an address."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models


def validate_address(value: str) -> None:
    """A path of the front end, or a web or mail address; nothing that a browser would run or read as another host."""
    if re.fullmatch(r"/(?![/\\])[^\s\\]*", value) or re.fullmatch(r"mailto:[^\s@]+@[^\s@]+", value):
        return
    try:
        URLValidator(schemes=["http", "https"])(value)
    except ValidationError:
        raise ValidationError(
            "Enter a path such as /topics/data/, or a whole address such as https://example.org/.", code="invalid"
        ) from None


class Link(models.Model):
    """A page, which is followed when it moves, or an address. A page that readers cannot see leads nowhere."""

    page = models.ForeignKey("wagtailcore.Page", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    address = models.CharField(
        max_length=500,
        blank=True,
        validators=[validate_address],
        help_text="In place of a page: a path such as /topics/data/, or a whole address such as https://example.org/.",
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.page_id and self.address:
            raise ValidationError({"address": "Choose a page or enter an address, not both."})
