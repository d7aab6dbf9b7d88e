"""What editors work on: pages, snippets, facts and images, and the signal that tells what changed."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ContentConfig(AppConfig):
    name = "content"

    def ready(self) -> None:
        from content import changes, checks, files, images, roles, translating, usage

        changes.connect()
        files.connect()
        images.limit_pixels()
        checks.register_checks()
        translating.connect()
        usage.use()
        post_migrate.connect(roles.set_up, sender=self, dispatch_uid="content.roles")
