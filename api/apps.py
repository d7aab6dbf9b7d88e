"""What the public can read: documents built from content, and the GraphQL schema over them."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_out
        from django.core.signals import request_finished
        from django.db.models.signals import post_save
        from wagtail.models import Revision

        import content.preview
        from api import checks  # noqa: F401  registers every public type and the checks of them
        from api.documents.publishing import on_content_changed
        from api.preview import sharing
        from api.preview.responding import on_user_logged_out, respond
        from api.search import unfound
        from content.changes import content_changed

        content_changed.connect(on_content_changed, dispatch_uid="api.documents")
        content.preview.respond = respond
        user_logged_out.connect(on_user_logged_out, dispatch_uid="api.preview")
        post_save.connect(sharing.on_revision_saved, sender=Revision, dispatch_uid="api.preview.sharing")
        request_finished.connect(sharing.on_request_finished, dispatch_uid="api.preview.sharing")
        request_finished.connect(unfound.on_request_finished, dispatch_uid="api.search.unfound")
