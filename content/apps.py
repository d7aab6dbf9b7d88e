"""What editors work on: pages, snippets, facts and images, and the signal that tells what changed."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "content"

    def ready(self) -> None:
        from content import changes, translating

        changes.connect()
        translating.connect()
