"""A StreamField whose block definitions stay out of migrations, so that changing a block needs none; and what an
address of the web is.
"""

import json
from typing import Any

from django.core.validators import URLValidator
from wagtail.blocks import StreamValue
from wagtail.fields import StreamField as WagtailStreamField

web_address = URLValidator(
    schemes=["http", "https"],
    message="Enter the whole address of a page, with https:// at its beginning.",
    # Under "invalid" a form would say its own words instead.
    code="web_address",
)
"""For what readers follow or search engines read: no mail address, no path, no other scheme."""


class StreamField(WagtailStreamField):
    """As Wagtail's, but migrations see no blocks.

    In a migration the field therefore knows no block at all. It then hands out the stored rows (`RawStream`) instead of
    dropping what it does not know, so that a data migration which loads and saves a page loses nothing.
    """

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _, kwargs = super().deconstruct()
        del kwargs["block_lookup"]
        return name, path, [[]], kwargs

    def to_python(self, value: Any) -> Any:
        knows_blocks = bool(self.stream_block.child_blocks)
        if knows_blocks or isinstance(value, StreamValue | RawStream):
            return super().to_python(value) if knows_blocks else value
        return RawStream(json.loads(value) if isinstance(value, str) and value else value or [])


class RawStream(list[Any]):
    """The stored rows of a stream as a migration sees them, each `{"type", "value", "id"}`; change them in place and
    save.
    """

    @property
    def raw_data(self) -> list[Any]:
        """The rows themselves, under the name that `StreamValue` has for them."""
        return self
