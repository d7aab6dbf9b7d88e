"""The upload form of documents, which Wagtail takes in any size."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from wagtail.documents.forms import BaseDocumentForm


class DocumentForm(BaseDocumentForm):
    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if "file" in self.changed_data and file.size > settings.MAX_UPLOAD_BYTES:
            raise ValidationError(f"This file is too large: {filesizeformat(settings.MAX_UPLOAD_BYTES)} is the most.")
        return file
