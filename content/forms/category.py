"""The editing form of categories, and how a form shows their tree."""

from typing import Any

from wagtail.admin.forms import WagtailAdminModelForm

from content.forms.language import only_in_own_language


class CategoryForm(WagtailAdminModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        show_tree(self, "parent")


def show_tree(form: Any, name: str) -> None:
    """Let a field that chooses categories show them as a tree, in the language of what is edited."""
    only_in_own_language(form, name)
    field = form.fields.get(name)
    if field is not None:
        field.label_from_instance = indented
        field.queryset = field.queryset.order_by("position", "pk")


def indented(category: Any) -> str:
    """The name, moved in as far as the category stands below others."""
    return "\u2003" * 2 * category.depth + str(category)
