"""The editing form of people."""

from typing import Any

from wagtail.admin.forms import WagtailAdminModelForm

from content.forms.rows import refuse_repeated


class PersonForm(WagtailAdminModelForm):
    def clean(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] | None = super().clean()
        refuse_repeated(self, "links", "url", message="This address is listed above already.")
        return cleaned
