"""What an editing form offers to choose from: what is written in the language of what is edited."""

from typing import Any

from content.forms.rows import rows


def only_in_own_language(form: Any, *names: str) -> None:
    """Narrow these fields of a form; one that the form does not have is passed over."""
    locale = form.instance.locale_id
    for name in names:
        if locale and name in form.fields:
            form.fields[name].queryset = form.fields[name].queryset.filter(locale=locale)


def refuse_other_language(form: Any, relation: str, field: str) -> None:
    """Put a message at each row that chose what is written in another language than the page."""
    for row in rows(form, relation):
        chosen = row.cleaned_data.get(field)
        if chosen and form.instance.locale_id and chosen.locale_id != form.instance.locale_id:
            row.add_error(field, "This is written in another language. Choose its translation.")
