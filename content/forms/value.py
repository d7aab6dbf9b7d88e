"""The field in which a fact's value is typed: one that fits the attribute's type."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.widgets import AdminDateInput, AdminPageChooser

from content.models.attribute import Attribute
from content.models.tool import ToolPage
from content.money import CURRENCIES
from content.values import DataType

LENGTH = 255


def value_field(attribute: Attribute | None, *, current: str = "") -> forms.Field:
    """The form field for an answer to this attribute; for none, one that takes any text.

    It gives the typed text, or for the type "another tool" that tool's page; whether the text fits the type is the
    fact's to say. A `current` value that is allowed no more stays in its list, so that looking at it loses nothing.
    """
    data_type = attribute.data_type if attribute else DataType.TEXT
    if data_type == DataType.TOOL:
        return ToolField()
    return forms.CharField(required=False, max_length=LENGTH, widget=_widget(attribute, data_type, current))


def _widget(attribute: Attribute | None, data_type: str, current: str) -> forms.Widget:
    unit = attribute.unit if attribute else ""
    match data_type:
        case DataType.BOOLEAN:
            return NoValue()
        case DataType.CHOICE:
            allowed = attribute.choice_list if attribute else []
            extra = [(current, f"{current} (not allowed any more)")] if current and current not in allowed else []
            return forms.Select(choices=[("", "—"), *((each, each) for each in allowed), *extra])
        case DataType.NUMBER:
            return MeasuredInput(unit, attrs={"inputmode": "decimal"})
        case DataType.MONEY:
            return MoneyInput(unit)
        case DataType.DATE:
            return AdminDateInput(attrs={"placeholder": "2026-01-31"})
        case DataType.VERSION:
            return forms.TextInput(attrs={"placeholder": "5.2"})
        case DataType.URL:
            return forms.URLInput(attrs={"placeholder": "https://"})
        case _:
            return forms.TextInput()


class NoValue(forms.TextInput):
    """For yes or no, which the state answers. A value from before is shown, to be removed."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["type"] = "text" if value else "hidden"
        return context

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        hint = "" if value else "The state says it all."
        return format_html('{}<span class="help">{}</span>', super().render(name, value, attrs, renderer), hint)


class MeasuredInput(forms.TextInput):
    """A number with its unit behind it."""

    def __init__(self, unit: str = "", attrs: Any = None) -> None:
        super().__init__(attrs)
        self.unit = unit

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return measured(super().render(name, value, attrs, renderer), self.unit)


class MoneyInput(forms.MultiWidget):
    """Currency and amount side by side. Also takes both as one text, "EUR 12.50", from a file or a paste."""

    def __init__(self, unit: str = "", attrs: Any = None) -> None:
        self.unit = unit
        currencies = [("", "—"), *((code, code) for code in sorted(CURRENCIES))]
        amount = {"inputmode": "decimal", "placeholder": "12.50", "aria-label": "Amount"}
        super().__init__(
            {"currency": forms.Select({"aria-label": "Currency"}, choices=currencies), "": forms.TextInput(amount)},
            attrs,
        )

    def decompress(self, value: str | None) -> list[str]:
        found = re.fullmatch(r"([A-Z]{3}) (.*)", value or "")
        # What is no amount of money stays in sight.
        return [found[1], found[2]] if found and found[1] in CURRENCIES else ["", value or ""]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        currency, amount = (text or "" for text in super().value_from_datadict(data, files, name))
        return f"{currency} {amount}".strip() if amount.strip() else ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return measured(super().render(name, value, attrs, renderer), self.unit)


def measured(field: SafeString, unit: str) -> SafeString:
    return format_html('<span class="toolshelf-measured">{}<span>{}</span></span>', field, unit)


class ToolField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A tool's page, by its number as the chooser sends it, or by its slug or name as a file has it."""

    def __init__(self) -> None:
        widget = AdminPageChooser(target_models=[ToolPage])
        super().__init__(ToolPage.objects.all(), required=False, widget=widget)

    def to_python(self, value: Any) -> Any:
        text = str(value.pk if isinstance(value, ToolPage) else value or "").strip()
        if not text:
            return None
        tools = ToolPage.objects.all()
        found = tools.filter(pk=text) if re.fullmatch("[0-9]{1,18}", text) else None
        if not found:
            found = tools.filter(slug__iexact=text) or tools.filter(title__iexact=text)
        if len(found) == 1:
            return found[0]
        raise ValidationError(
            f"There are several tools called “{text}”." if found else f"There is no tool called “{text}”.", code="tool"
        )


class TypedValueForm(forms.BaseModelForm):  # type: ignore[type-arg]
    """Base of the forms in which a fact is edited: `value` becomes the field that fits the chosen attribute."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "value" not in self.fields:
            return
        before = self.fields["value"]
        field = value_field(self._attribute(), current=self.instance.value)
        field.label, field.help_text = before.label, before.help_text
        self.fields["value"] = field
        if isinstance(field, ToolField):
            self.initial["value"] = self.instance.value_tool_id

    def _attribute(self) -> Attribute | None:
        if "attribute" not in self.fields:
            return self.instance.attribute
        chosen: Any = self.data.get(self.add_prefix("attribute")) if self.is_bound else None
        chosen = chosen or self.initial.get("attribute") or self.instance.attribute_id
        if isinstance(chosen, Attribute):
            return chosen
        is_number = re.fullmatch("[0-9]{1,18}", str(chosen or "")) is not None
        return Attribute.objects.filter(pk=chosen).first() if is_number else None

    def _update_errors(self, errors: ValidationError) -> None:
        # What could not be read is told once; that it is missing then says nothing new.
        if "value" in self.errors and hasattr(errors, "error_dict"):
            errors.error_dict.pop("value", None)
        super()._update_errors(errors)  # type: ignore[misc]

    def clean_value(self) -> str:
        value = self.cleaned_data["value"]
        self.instance.value_tool = value if isinstance(value, ToolPage) else None
        return value.title if isinstance(value, ToolPage) else value or ""
