"""The editing form of home pages."""

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm

from content.forms.rows import refuse_repeated


class HomePageForm(WagtailAdminPageForm):
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        refuse_repeated(self, "featured", "page", message="This page is featured above already.")
        return cleaned
