"""Where Django looks for the models of the delivery layer."""

from api.copies import Copy
from api.documents.models import Content, Document, Event, Generation, Purged, Reference
from api.preview.models import PreviewGrant
from api.search.models import SearchText, UnfoundSearch
from api.trusted.models import FrontendRelease, TrustedDocument
from api.webhooks.models import Delivery, Secret, Webhook

__all__ = [
    "Content",
    "Copy",
    "Delivery",
    "Document",
    "Event",
    "FrontendRelease",
    "Generation",
    "PreviewGrant",
    "Purged",
    "Reference",
    "Secret",
    "SearchText",
    "TrustedDocument",
    "UnfoundSearch",
    "Webhook",
]
