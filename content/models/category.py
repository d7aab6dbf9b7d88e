"""What kind of tool something is."""

from content.models.named import NAME_PANELS, Named


class Category(Named):
    """What kind of tool something is."""

    panels = NAME_PANELS

    class Meta(Named.Meta):
        verbose_name_plural = "categories"
