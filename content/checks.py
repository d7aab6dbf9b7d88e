"""Settings with which private files would be served to everybody, or images published in sizes that cannot be."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from content.images import faults


def register_checks() -> None:
    register(private_files_are_apart, Tags.files)
    register(image_sizes_can_be_made, Tags.files)


def private_files_are_apart(**_: Any) -> list[CheckMessage]:
    private = Path(settings.PRIVATE_MEDIA_ROOT).resolve()
    return [
        Error(
            f"PRIVATE_MEDIA_ROOT is inside {name}, which web servers serve, or the other way round.",
            hint="Name a folder beside it: files of restricted collections are kept there.",
            id="content.E001",
        )
        for name in ("MEDIA_ROOT", "STATIC_ROOT")
        for served in [Path(getattr(settings, name)).resolve()]
        if private.is_relative_to(served) or served.is_relative_to(private)
    ]


def image_sizes_can_be_made(**_: Any) -> list[CheckMessage]:
    return [
        Error(
            f"IMAGE_SIZES is wrong. {fault}",
            hint="cms/settings/base.py has a list that works; docs/images.md explains it.",
            id="content.E002",
        )
        for fault in faults(settings.IMAGE_SIZES)
    ]
