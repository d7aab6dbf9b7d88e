"""Images and their alternative text."""

import pytest
from django.urls import reverse
from wagtail.images.tests.utils import get_test_image_file

from content.changes import changes, content_changed
from content.models.images import CustomImage
from tests.factories import CustomImageFactory

pytestmark = pytest.mark.django_db


def test_an_image_without_alternative_text_is_refused_at_the_field(admin_client):
    data = {"title": "Terminal", "alt": "", "credit": "", "tags": "", "file": get_test_image_file()}
    response = admin_client.post(reverse("wagtailimages:add"), data)
    assert response.status_code == 200
    assert response.context["form"].errors == {"alt": ["This field is required."]}
    assert not CustomImage.objects.exists()


def test_an_image_keeps_its_alternative_text_and_credit(admin_client):
    data = {"title": "Terminal", "alt": "All tests green", "credit": "Photo: Ada Lind", "tags": ""}
    response = admin_client.post(reverse("wagtailimages:add"), data | {"file": get_test_image_file()})
    assert response.status_code == 302
    image = CustomImage.objects.get()
    assert (image.alt, image.default_alt_text, image.credit) == ("All tests green", "All tests green", "Photo: Ada Lind")


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
