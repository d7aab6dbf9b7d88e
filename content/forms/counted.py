"""A text field that says while it is typed how much room is left."""

from typing import Any

from django.forms import Media
from wagtail.admin.widgets import AdminAutoHeightTextInput


class CountedTextarea(AdminAutoHeightTextInput):
    """Counts and warns, but never cuts: a browser's own limit would drop the end of a pasted text without a word."""

    template_name = "content/widgets/counted_textarea.html"

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["attrs"].pop("maxlength", None)
        context["limit"] = self.limit
        return context

    @property
    def media(self) -> Media:
        return Media(js=["content/counted_textarea.js"])
