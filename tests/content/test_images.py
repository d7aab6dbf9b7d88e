"""Images and their alternative text."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from content.changes import changes, content_changed
from content.images import prepare_missing
from content.models.images import CustomImage
from tests.factories import CustomImageFactory

pytestmark = pytest.mark.django_db


def picture():
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(file, "PNG")
    return SimpleUploadedFile("terminal.png", file.getvalue())


def test_an_image_without_alternative_text_is_refused_at_the_field(admin_client):
    data = {"title": "Terminal", "alt": "", "credit": "", "tags": "", "file": picture()}
    response = admin_client.post(reverse("wagtailimages:add"), data)
    assert response.status_code == 200
    assert response.context["form"].errors == {"alt": ["This field is required."]}
    assert not CustomImage.objects.exists()


def test_an_image_keeps_its_alternative_text_and_credit(admin_client):
    data = {"title": "Terminal", "alt": "All tests green", "credit": "Photo: Ada Lind", "tags": ""}
    response = admin_client.post(reverse("wagtailimages:add"), data | {"file": picture()})
    assert response.status_code == 302
    image = CustomImage.objects.get()
    assert (image.alt, image.default_alt_text, image.credit) == (
        "All tests green",
        "All tests green",
        "Photo: Ada Lind",
    )


def test_an_image_touches_itself_and_its_renditions_nothing():
    image = CustomImageFactory()
    heard = []

    def listen(keys, **_):
        heard.append(keys)

    content_changed.connect(listen)
    with changes():
        image.save()
    with changes():
        image.get_rendition("width-100")
    content_changed.disconnect(listen)
    assert heard == [{f"image:{image.pk}"}]


def test_a_fresh_rendition_can_be_read():
    image = CustomImageFactory()
    renditions = [image.get_rendition("width-100|format-webp"), *image.get_renditions("width-20", "width-30").values()]
    for rendition, begins in zip(renditions, (b"RIFF", b"\xff\xd8", b"\xff\xd8"), strict=True):
        with rendition.file.open() as file:
            assert file.read(4).startswith(begins)


def test_no_image_is_begun_when_the_time_is_up():
    first, second = CustomImageFactory(), CustomImageFactory()
    assert prepare_missing(seconds=-1) == 0
    assert prepare_missing() == 2
    assert set(CustomImage.objects.exclude(placeholder="")) == {first, second}
