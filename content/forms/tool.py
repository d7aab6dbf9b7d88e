"""The editing form of tools."""

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm

from content.forms.category import show_tree
from content.forms.rows import refuse_repeated, rows


class ToolPageForm(WagtailAdminPageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        show_tree(self, "categories")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        for row in rows(self, "alternatives"):
            tool = row.cleaned_data.get("tool")
            if tool and tool.pk == self.instance.pk:
                row.add_error("tool", "A tool is no alternative to itself. Choose another one.")
        refuse_repeated(self, "tool_use_cases", "use_case", message="This use case is listed above already.")
        refuse_repeated(self, "alternatives", "tool", message="This tool is listed above already.")
        return cleaned
