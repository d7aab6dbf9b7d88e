"""The editing form of articles."""

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm

from content.forms.language import only_in_own_language
from content.forms.rows import refuse_repeated


class ArticlePageForm(WagtailAdminPageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tools"].queryset = self.fields["tools"].queryset.order_by("title", "pk")
        only_in_own_language(self, "topics", "tools")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        refuse_repeated(self, "article_authors", "person", message="This person is listed above already.")
        return cleaned
