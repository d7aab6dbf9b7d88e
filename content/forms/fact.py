"""The editing form of facts."""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail.admin.forms import WagtailAdminModelForm

from content.forms.rows import refuse_repeated, rows


class FactForm(WagtailAdminModelForm):
    def clean(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] | None = super().clean()
        refuse_repeated(self, "fact_sources", "source", message="This source is listed above already.")
        return cleaned

    def _post_clean(self) -> None:
        # The instance has the values of the form only from here on.
        super()._post_clean()
        if self.is_deferred_validation or self.instance.attribute_id is None or self.errors:
            return
        if self.instance.needs_source() and not any(rows(self, "fact_sources")):
            self.formsets["fact_sources"].non_form_errors().extend(
                ValidationError("Add a source, or choose the state “Unknown”.", code="source_required").error_list
            )
