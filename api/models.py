"""Where Django looks for the models of the delivery layer."""

from api.copies import Copy
from api.documents.models import Content, Document, Event, Generation, Purged, Reference
from api.preview.models import PreviewGrant
from api.search.models import SearchText, UnfoundSearch
from api.trusted.models import FrontendRelease, TrustedDocument

__all__ = [
    "Content",
    "Copy",
    "Document",
    "Event",
    "FrontendRelease",
    "Generation",
    "PreviewGrant",
    "Purged",
    "Reference",
    "SearchText",
    "TrustedDocument",
    "UnfoundSearch",
]
