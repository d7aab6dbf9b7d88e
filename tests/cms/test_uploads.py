"""How much may be uploaded, and by whom."""

import io

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.documents import get_document_model

from content.models.images import CustomImage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
MB = 2**20


@pytest.fixture
def editor(client):
    client.force_login(User.objects.create_superuser("ada", "ada@example.com", "seven-brown-owls"))
    return client


@pytest.fixture
def never_read(monkeypatch):
    """What is refused by its length is not written to disk first."""
    monkeypatch.setattr("django.http.multipartparser.MultiPartParser.parse", lambda self: pytest.fail("was read"))


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/documents/add/", "/admin/password_reset/", "/nowhere/"])
def test_nobody_uploads_before_signing_in(client, never_read, path):
    answer = client.post(path, {"file": SimpleUploadedFile("large.pdf", b"x" * (MB + 1))})
    assert (answer.status_code, answer.content) == (413, b"This is too large.")


def test_a_request_larger_than_any_upload_is_not_read(editor, settings, never_read):
    settings.MAX_UPLOAD_BYTES = MB
    answer = editor.post("/admin/documents/add/", {"file": SimpleUploadedFile("large.pdf", b"x" * (2 * MB))})
    assert answer.status_code == 413


def test_a_document_that_is_too_large_is_told_in_words(editor, settings):
    settings.MAX_UPLOAD_BYTES = MB
    for size, saved in ((MB + 1, 0), (MB, 1)):
        file = SimpleUploadedFile("large.pdf", b"x" * size)
        answer = editor.post("/admin/documents/add/", {"title": "Large", "file": file})
        assert get_document_model().objects.count() == saved
        assert ("This file is too large: 1.0\xa0MB is the most." in answer.content.decode()) == (not saved)


def test_an_image_may_be_as_large(editor, settings):
    assert settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE == settings.MAX_UPLOAD_BYTES == 20 * MB
    picture = io.BytesIO()
    Image.new("RGB", (800, 600)).save(picture, "PNG")
    padded = SimpleUploadedFile("padded.png", picture.getvalue() + b"\0" * 20 * MB)
    answer = editor.post("/admin/images/add/", {"title": "Large", "file": padded})
    assert "too big" in answer.content.decode()
    assert CustomImage.objects.count() == 0


def test_a_large_form_without_files_is_no_upload(editor):
    answer = editor.post("/admin/documents/add/", {"title": "x" * (MB + 1)})
    assert answer.status_code == 200


@pytest.mark.parametrize("form", [{"title": "x" * 3 * MB}, {f"f{number}": "" for number in range(10_001)}])
def test_a_form_that_no_editor_fills_in_is_refused(editor, form):
    assert editor.post("/admin/documents/add/", form).status_code == 400


def test_what_came_by_way_of_the_disk_is_readable_for_the_web_server_too(editor, settings, media):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    for content in (b"small", b"x" * 11):
        file = SimpleUploadedFile("paper.pdf", content)
        assert editor.post("/admin/documents/add/", {"title": "Paper", "file": file}).status_code == 302
    modes = [each.stat().st_mode & 0o777 for each in media.public.rglob("*.pdf")]
    assert modes == [0o644] * 2
