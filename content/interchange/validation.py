"""Checks an object as its editing form in the admin does: the form's own rules, those of its rows, and the model's.

The form is filled in from the object, as a browser would send it. As in the admin, a draft may be unfinished.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.widgets import DateTimeBaseInput
from django.http import QueryDict
from taggit.managers import TaggableManager
from wagtail.admin.panels import get_edit_handler
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

Fault = tuple[str, int | None, str, str]
"""The name of a field, and of its rows the number of the row and the field in it; and what is wrong."""


def faults_of(instance: Any, *, is_draft: bool) -> list[Fault]:
    """Also puts the values into the spelling that the form would give them, as the admin does when it saves."""
    model: Any = type(instance)
    form_class = _form_class(model)
    data = QueryDict(mutable=True)
    _fill(data, form_class(instance=instance))
    relations = list(form_class.formsets) if hasattr(form_class, "formsets") else []
    for relation in relations:
        _fill_rows(data, form_class, relation, instance)
    arguments = {"parent_page": instance.get_parent()} if isinstance(instance, Page) else {}
    form = form_class(data, instance=instance, **arguments)
    _leave_out_texts(form)
    for relation in relations:
        for row in form.formsets[relation].forms if relation in form.formsets else []:
            _leave_out_texts(row)
    if is_draft:
        form.defer_required_fields()
    return [] if form.is_valid() else list(_faults(form))


@cache
def _form_class(model: Any) -> Any:
    handler = model.get_edit_handler() if hasattr(model, "get_edit_handler") else get_edit_handler(model)
    return handler.get_form_class()


def _fill(data: QueryDict, form: Any) -> None:
    for name in form.fields:
        bound = form[name]
        data.setlist(bound.html_name, _sent(bound.field.widget, bound.value()))


def _fill_rows(data: QueryDict, form_class: Any, relation: str, instance: Any) -> None:
    if relation == "comments":
        return
    formset = form_class(instance=instance).formsets[relation]
    rows = list(getattr(instance, relation).all())
    for name, count in (("TOTAL", len(rows)), ("INITIAL", 0), ("MIN_NUM", 0), ("MAX_NUM", 1000)):
        data[f"{formset.prefix}-{name}_FORMS"] = str(count)
    for number, row in enumerate(rows):
        prefix = formset.add_prefix(number)
        _fill(data, formset.form(instance=row, prefix=prefix))
        # Every row comes as a new one: what it says is checked, not which row it is.
        data[f"{prefix}-id"] = ""
        data[f"{prefix}-ORDER"] = str(number + 1)


def _sent(widget: Any, value: Any) -> list[str]:
    """What a browser sends for a widget that shows this value."""
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    if value is None:
        return []
    if isinstance(value, list | tuple) or hasattr(value, "values_list"):
        return [str(getattr(each, "pk", each)) for each in value]
    if isinstance(widget, DateTimeBaseInput):
        return [str(widget.format_value(value))]
    return [str(getattr(value, "pk", value))]


def _leave_out_texts(form: Any) -> None:
    """Streams and rich text have been checked where they were read, line by line."""
    model_fields = {field.name: field for field in form._meta.model._meta.get_fields()}
    for name in list(form.fields):
        if isinstance(model_fields.get(name), StreamField | RichTextField | TaggableManager):
            del form.fields[name]


def _faults(form: Any) -> Iterator[Fault]:
    for name, errors in form.errors.items():
        yield from (("" if name == NON_FIELD_ERRORS else name, None, "", error) for error in errors)
    for relation, formset in form.formsets.items():
        yield from ((relation, None, "", error) for error in formset.non_form_errors())
        for number, errors in enumerate(formset.errors):
            for name, messages in errors.items():
                yield from ((relation, number, name, message) for message in messages)
