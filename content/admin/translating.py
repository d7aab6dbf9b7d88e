"""The button "Translate" in listings of snippets, without a question to the database for every row."""

from collections.abc import Iterator
from typing import Any

from wagtail import hooks
from wagtail.contrib.simple_translation import wagtail_hooks as simple_translation

# Wagtail's own button asks for each row which languages are left. There is no public way to replace it.
hooks._hooks["register_snippet_listing_buttons"].remove((simple_translation.register_snippet_listing_buttons, 0))


@hooks.register("register_snippet_listing_buttons")
def translate_button(snippet: Any, user: Any, next_url: str | None = None) -> Iterator[Any]:
    """Where the listing has said it with the row (`with_status`), nothing is asked."""
    if getattr(snippet, "has_untranslated_locale", True):
        yield from simple_translation.register_snippet_listing_buttons(snippet, user, next_url)
