"""The project itself as an application: its system checks and its commands."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"

    def ready(self) -> None:
        from cms import checks, inline_scripts, reporting, tracing  # noqa: F401  the checks register themselves

        inline_scripts.replace()
        reporting.start()
        tracing.start()
