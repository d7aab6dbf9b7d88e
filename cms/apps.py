"""The project itself as an application: its system checks and its commands."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"

    def ready(self) -> None:
        from cms import checks  # noqa: F401  registers them
