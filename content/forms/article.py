"""The editing form of articles."""

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm

from content.forms.language import refuse_other_language
from content.forms.review import refuse_past_review
from content.forms.rows import refuse_repeated, rows


class ArticlePageForm(WagtailAdminPageForm):
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        refuse_past_review(self)
        refuse_repeated(self, "article_authors", "person", "role", message="This person has this role above already.")
        refuse_repeated(self, "article_topics", "topic", message="This topic is listed above already.")
        refuse_repeated(self, "article_use_cases", "use_case", message="This use case is listed above already.")
        refuse_repeated(self, "article_tools", "tool", message="This tool is listed above already.")
        refuse_repeated(self, "article_sources", "source", message="This source is listed above already.")
        refuse_repeated(self, "takeaways", "text", message="This is said above already.")
        refuse_other_language(self, "article_topics", "topic")
        self._refuse_own_reviewer()
        return cleaned

    def _refuse_own_reviewer(self) -> None:
        reviewer = self.cleaned_data.get("reviewer")
        if reviewer and any(row.cleaned_data.get("person") == reviewer for row in rows(self, "article_authors")):
            self.add_error("reviewer", "Choose somebody who is not in the byline.")
