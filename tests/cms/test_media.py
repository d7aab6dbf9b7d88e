"""Public files as `make up` sends them."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.documents import get_document_model

from content.changes import changes
from content.images import prepare_missing
from content.models.images import CustomImage
from tests.factories import CustomImageFactory
from tests.media import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

FOR_EVER = "public, max-age=31536000, immutable"
INERT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def fetched(client, url):
    response = client.get(url)
    content = read(response)
    headers = {name: response.get(name) for name in INERT}
    assert headers == INERT, "whatever is in it, nothing of it runs"
    return response, content


def polyglot():
    """A picture, and a page for whoever takes it for one."""
    data = io.BytesIO()
    Image.new("RGB", (500, 400), "red").save(data, "PNG")
    return data.getvalue() + b"<!doctype html><script>alert(1)</script>"


def test_pictures_may_be_kept_for_ever_and_are_never_anything_else(client):
    CustomImageFactory(file=SimpleUploadedFile("both.png", polyglot()))
    prepare_missing()
    image = CustomImage.objects.get()
    kinds = {".png": "image/png", ".webp": "image/webp", ".avif": "image/avif", ".jpg": "image/jpeg"}
    files = [image.file, *(each.file for each in image.renditions.all())]
    assert {f".{each.name.rpartition('.')[2]}" for each in files} == set(kinds)
    for each in files:
        response, content = fetched(client, each.url)
        assert response["Content-Type"] == kinds[f".{each.name.rpartition('.')[2]}"]
        assert response["Cache-Control"] == FOR_EVER
        assert response["Content-Disposition"].startswith("inline; ")
        assert (b"<script>" in content) == (each is image.file)


def test_a_name_that_may_come_back_is_asked_for_again(client):
    with changes():
        default_storage.save("original_images/old.png", ContentFile(polyglot()))
    response, _ = fetched(client, "/media/original_images/old.png")
    assert response["Cache-Control"] == "public, no-cache"
    again = client.get("/media/original_images/old.png", headers={"if-modified-since": response["Last-Modified"]})
    assert (again.status_code, again["Cache-Control"]) == (304, "public, no-cache")


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "page.pdf", "no-name"])
def test_documents_are_saved_and_do_not_run(client, name):
    with changes():
        document = get_document_model().objects.create(title="Page", file=ContentFile(b"<script>", name=name))
    response, content = fetched(client, document.file.url)
    assert content == b"<script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_what_is_not_there_is_not_found_and_nothing_can_be_sent(client):
    assert client.get("/media/original_images/none.png").status_code == 404
    assert client.get("/media/").status_code == 404
    assert client.get("/media/../manage.py").status_code == 400
    assert client.post("/media/original_images/none.png").status_code == 405
