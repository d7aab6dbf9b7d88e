"""Real files in folders, the public one served as a web server serves it."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import storages
from django.urls import include, path, re_path

from cms.media import public_file
from cms.settings import base

urlpatterns = [re_path(r"^media/(?P<name>.*)$", public_file), path("", include("cms.urls"))]


def disk(public, private):
    """STORAGES on these two folders."""
    place = "django.core.files.storage.FileSystemStorage"
    return django_settings.STORAGES | {
        "public": {"BACKEND": place, "OPTIONS": {"location": str(public), "base_url": "/media/"}},
        "private": {"BACKEND": place, "OPTIONS": base.STORAGES["private"]["OPTIONS"] | {"location": str(private)}},
    }


@pytest.fixture
def media(tmp_path, settings):
    """The two folders, as `media.public` and `media.private`; the addresses of `cms/urls.py` and those of the first."""
    folders = Folders(tmp_path / "media", tmp_path / "private")
    folders.public.mkdir()
    folders.private.mkdir()
    settings.MEDIA_ROOT, settings.PRIVATE_MEDIA_ROOT = str(folders.public), str(folders.private)
    settings.STORAGES = disk(folders.public, folders.private)
    settings.ROOT_URLCONF = "tests.media"
    assert storages["public"].location == str(folders.public)
    return folders


class Folders:
    def __init__(self, public: Path, private: Path) -> None:
        self.public, self.private = public, private

    def names(self):
        """Every file, as "public …" or "private …"."""
        return {
            f"{label} {each.relative_to(folder).as_posix()}"
            for label, folder in (("public", self.public), ("private", self.private))
            for each in folder.rglob("*")
            if each.is_file()
        }


def read(response):
    """Its content. Read to the end it is closed as a server does it, without the test's database."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def status(client, url):
    response = client.get(url)
    read(response)
    return response.status_code


def is_unguessable(name):
    """Whether a name has the 128 random bits of a private file's folder, or of one that came back."""
    return re.fullmatch(r"(restricted|released)/[\w-]{22}/[^/]+", name) is not None
