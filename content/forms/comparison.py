"""The editing form of comparisons."""

from typing import Any

from django.forms import BaseModelForm
from wagtail.admin.forms import WagtailAdminPageForm

from content.forms.language import refuse_other_language
from content.forms.review import refuse_past_review
from content.forms.rows import refuse_repeated, rows


class ComparisonPageForm(WagtailAdminPageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.formsets["comparison_tools"].error_messages |= {
            "too_few_forms": "Add a tool: there is nothing to compare with fewer than two.",
            "too_many_forms": "Take a tool away: nobody can read a matrix with more than six columns.",
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        refuse_past_review(self)
        refuse_repeated(self, "comparison_topics", "topic", message="This topic is listed above already.")
        refuse_other_language(self, "comparison_topics", "topic")
        refuse_repeated(self, "comparison_tools", "tool", message="This tool has a column already.")
        refuse_repeated(self, "comparison_attributes", "attribute", message="This attribute has a row already.")
        refuse_repeated(self, "comparison_attributes", "group", message="This group is listed above already.")
        refuse_repeated(self, "overrides", "tool", "attribute", message="This cell is overridden above already.")
        if not self.is_deferred_validation:
            self._check_against_the_matrix()
        self._refuse_second_verdicts()
        return cleaned

    def _refuse_second_verdicts(self) -> None:
        seen: set[str] = set()
        for row in rows(self, "verdicts"):
            said = row.instance.use_case.casefold()
            if said and said in seen:
                row.add_error("use_case", "There is a verdict for this use case above already.")
            seen.add(said)

    def _check_against_the_matrix(self) -> None:
        tools = {row.cleaned_data.get("tool") for row in rows(self, "comparison_tools")}
        attributes = self._compared_attributes()
        for row in rows(self, "verdicts"):
            if not row.instance.use_case:
                row.add_error("use_case", "Say the situation in words, or choose a use case.")
            _refuse_stranger(row, "winner", tools, "Choose one of the tools that are compared.")
            _refuse_stranger(row, "runner_up", tools, "Choose one of the tools that are compared.")
            winner = row.cleaned_data.get("winner")
            if winner and winner == row.cleaned_data.get("runner_up"):
                row.add_error("runner_up", "The winner cannot be its own runner-up.")
        for row in rows(self, "overrides"):
            _refuse_stranger(row, "tool", tools, "Choose one of the tools that are compared.")
            _refuse_stranger(row, "attribute", attributes, "Choose one of the attributes that are compared.")

    def _compared_attributes(self) -> set[Any]:
        """Those chosen one by one, and those of the chosen groups; one query for each group."""
        chosen = [row.cleaned_data for row in rows(self, "comparison_attributes")]
        members = [group.attributes.all() for row in chosen if (group := row.get("group"))]
        return {row.get("attribute") for row in chosen} | {each for group in members for each in group}


def _refuse_stranger(row: "BaseModelForm[Any]", field: str, allowed: set[Any], message: str) -> None:
    chosen = row.cleaned_data.get(field)
    if chosen and chosen not in allowed:
        row.add_error(field, message)
