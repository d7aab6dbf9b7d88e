"""The editing form of facts."""

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Media
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput, AdminPageChooser

from content.forms.rows import refuse_repeated, rows
from content.forms.value import TypedValueForm

NO_SOURCE = "Add a source, or choose the state “Unknown”."


class FactForm(TypedValueForm, WagtailAdminModelForm):
    @property
    def media(self) -> Media:
        # The attribute may be chosen later, and with it any of the widgets (`content/static/content/fact.js`).
        return super().media + AdminDateInput().media + AdminPageChooser().media + Media(js=["content/fact.js"])

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
                ValidationError(NO_SOURCE, code="source_required").error_list
            )
