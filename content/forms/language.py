"""What an editing form offers to choose from: what is written in the language of what is edited."""

from typing import Any


def only_in_own_language(form: Any, *names: str) -> None:
    """Narrow these fields of a form; one that the form does not have is passed over."""
    locale = form.instance.locale_id
    for name in names:
        if locale and name in form.fields:
            form.fields[name].queryset = form.fields[name].queryset.filter(locale=locale)
