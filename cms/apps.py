"""The project itself as an application: its system checks and its commands."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"
