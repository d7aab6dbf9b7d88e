"""A fact as one row: of a grid, of an uploaded file, of anything else that is typed."""

from typing import Any

from django import forms

from content.changes import changes
from content.forms.fact import NO_SOURCE
from content.forms.value import TypedValueForm
from content.models.fact import Fact, FactSource, Source


class AnswerForm(TypedValueForm, forms.ModelForm):  # type: ignore[type-arg]
    """Turns what was typed into a fact, or tells by field what is wrong with it.

        form = AnswerForm({"state": "yes", "value": "EUR 9", "sources": [3]}, instance=Fact(tool=…, attribute=…))
        form.is_valid() and form.publish(user=…)     else form.errors: {"value": […]}

    `value` takes what the attribute's own field sends as well as the plain text of every type: "EUR 12.50",
    "2026-01-31", the slug of a tool. `sources` are numbers of sources, the best first. The instance brings its tool and
    its attribute along. With `is_draft` a missing source is no error.
    """

    sources = forms.ModelMultipleChoiceField(Source.objects.all(), required=False)

    class Meta:
        model = Fact
        fields = ["state", "value", "qualifier", "since", "until", "note"]

    def __init__(self, *args: Any, is_draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_draft = is_draft
        if self.instance.pk:
            self.initial["sources"] = [row.source_id for row in self.instance.fact_sources.all()]

    def _get_validation_exclusions(self) -> set[str]:
        # Not typed here, but another fact of the same tool, attribute and qualifier is refused.
        return set(super()._get_validation_exclusions()) - {"tool", "attribute"}  # type: ignore[misc]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        is_missing = self.instance.needs_source() and not self.cleaned_data.get("sources")
        if not self.is_draft and is_missing and not self.errors:
            self.add_error("sources", forms.ValidationError(NO_SOURCE, code="source_required"))

    def publish(self, *, user: Any = None) -> Fact:
        """Save and publish this fact alone; whether the user may is the caller's to ask."""
        with changes():
            fact = self.save()
            fact.save_revision(user=user).publish(user=user)
        return fact

    def save(self, commit: bool = True) -> Fact:
        """Give the instance its values and sources. Not yet in the database it becomes a draft; a published one is
        changed by its next revision only.
        """
        if self.errors:
            raise ValueError("This is no fact yet: look at `errors`.")
        fact: Fact = self.instance
        chosen = [source.pk for source in self.cleaned_data["sources"]]
        typed = [str(pk) for pk in self.data_of("sources")]
        chosen.sort(key=lambda pk: typed.index(str(pk)))
        fact.fact_sources = [  # type: ignore[misc]
            FactSource(source_id=pk, sort_order=order) for order, pk in enumerate(chosen)
        ]
        if commit and fact.pk is None:
            fact.live = False
            fact.save()
        return fact

    def data_of(self, name: str) -> list[Any]:
        """What was sent for a field with several values, in its order."""
        return list(self.fields[name].widget.value_from_datadict(self.data, self.files, self.add_prefix(name)) or [])
