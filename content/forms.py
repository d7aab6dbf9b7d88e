"""What the editing forms check across rows. A draft may be unfinished: most checks wait until it is published."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseModelForm
from wagtail.admin.forms import WagtailAdminModelForm, WagtailAdminPageForm


def rows(form: Any, relation: str) -> Iterator["BaseModelForm[Any]"]:
    """The filled-in rows of one inline panel, without those that the editor removed."""
    formset = form.formsets.get(relation)
    if formset is None:
        return
    formset.is_valid()
    for row in formset.forms:
        if hasattr(row, "cleaned_data") and row.cleaned_data and not row.cleaned_data.get("DELETE"):
            yield row


def refuse_repeated(form: Any, relation: str, *fields: str, message: str) -> None:
    """Put the message at each row that says the same as one above it."""
    seen = set()
    for row in rows(form, relation):
        values = tuple(row.cleaned_data.get(field) for field in fields)
        if None not in values and values in seen:
            row.add_error(fields[0], message)
        seen.add(values)


class ArticlePageForm(WagtailAdminPageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tools"].queryset = self.fields["tools"].queryset.order_by("title", "pk")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        refuse_repeated(self, "article_authors", "person", message="This person is listed above already.")
        return cleaned


class ToolPageForm(WagtailAdminPageForm):
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        for row in rows(self, "alternatives"):
            tool = row.cleaned_data.get("tool")
            if tool and tool.pk == self.instance.pk:
                row.add_error("tool", "A tool is no alternative to itself. Choose another one.")
        refuse_repeated(self, "alternatives", "tool", message="This tool is listed above already.")
        return cleaned


class ComparisonPageForm(WagtailAdminPageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.formsets["comparison_tools"].error_messages |= {
            "too_few_forms": "Add a tool: there is nothing to compare with fewer than two.",
            "too_many_forms": "Take a tool away: nobody can read a matrix with more than six columns.",
        }

    def defer_required_fields(self) -> None:
        """Drafts and previews do without the rows that a matrix needs: those still empty are passed over."""
        super().defer_required_fields()
        for row in self.formsets["comparison_tools"].forms:
            if not row.data.get(row.add_prefix("tool")):
                row.empty_permitted = True
                row.has_changed = lambda: False

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        refuse_repeated(self, "comparison_tools", "tool", message="This tool has a column already.")
        refuse_repeated(self, "comparison_attributes", "attribute", message="This attribute has a row already.")
        refuse_repeated(self, "overrides", "tool", "attribute", message="This cell is overridden above already.")
        if not self.is_deferred_validation:
            self._check_against_the_matrix()
        return cleaned

    def _check_against_the_matrix(self) -> None:
        tools = {row.cleaned_data.get("tool") for row in rows(self, "comparison_tools")}
        attributes = {row.cleaned_data.get("attribute") for row in rows(self, "comparison_attributes")}
        for row in rows(self, "verdicts"):
            _refuse_stranger(row, "winner", tools, "Choose one of the tools that are compared.")
            _refuse_stranger(row, "runner_up", tools, "Choose one of the tools that are compared.")
            winner = row.cleaned_data.get("winner")
            if winner and winner == row.cleaned_data.get("runner_up"):
                row.add_error("runner_up", "The winner cannot be its own runner-up.")
        for row in rows(self, "overrides"):
            _refuse_stranger(row, "tool", tools, "Choose one of the tools that are compared.")
            _refuse_stranger(row, "attribute", attributes, "Choose one of the attributes that are compared.")


def _refuse_stranger(row: "BaseModelForm[Any]", field: str, allowed: set[Any], message: str) -> None:
    chosen = row.cleaned_data.get(field)
    if chosen and chosen not in allowed:
        row.add_error(field, message)


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
