"""Images in public: sizes made after upload, never while somebody reads."""

import re
from io import BytesIO

import pytest
from django.core.cache import cache
from django.core.files.images import ImageFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Pillow

from content.images import prepare_missing
from content.models.images import CustomImage, Rendition
from tests import factories

pytestmark = pytest.mark.django_db

SIZES = """query ($id: ID!) { node(id: $id) { ... on Image {
  url width height alt placeholder webp: srcset avif: srcset(format: AVIF) original: srcset(format: ORIGINAL) } } }"""


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests(monkeypatch):
    monkeypatch.setattr("content.images.unreadable", set())
    cache.clear()  # Wagtail remembers renditions by the image's number, which a rolled-back test gives back


def asked(graphql, image):
    return graphql(SIZES, {"id": f"image:{image.pk}"})["data"]["node"]


def picture(size, color):
    data = BytesIO()
    Pillow.new("RGB", size, color).save(data, "PNG")
    data.seek(0)
    return ImageFile(data, name=f"{color}.png")


def widths(srcset):
    return re.findall(r" (\d+)w(?:,|$)", srcset)


def test_the_original_stands_in_until_the_sizes_are_made(graphql, settings):
    settings.CMS_URL = "https://cms.example"
    image = factories.CustomImageFactory(file=picture((1000, 500), "red"))
    shown = asked(graphql, image)
    assert shown["url"].startswith("https://cms.example/media/original_images/red")
    assert shown["webp"] == shown["avif"] == shown["original"] == f"{shown['url']} 1000w"
    assert (shown["width"], shown["height"], shown["placeholder"]) == (1000, 500, None)
    assert not Rendition.objects.exists(), "reading makes no sizes"


def test_sizes_are_made_once_in_every_format_and_never_larger_than_the_original(graphql):
    image = factories.CustomImageFactory(file=picture((1000, 500), "red"))
    assert prepare_missing() == 1
    shown = asked(graphql, image)
    assert (widths(shown["webp"]), widths(shown["avif"])) == (["400", "800"], ["400", "800"])
    assert ".webp 400w" in shown["webp"]
    assert ".avif 800w" in shown["avif"]
    assert shown["placeholder"].startswith("data:image/webp;base64,")
    assert prepare_missing() == 0


def test_a_small_picture_has_one_size(graphql):
    image = factories.CustomImageFactory(file=picture((120, 80), "red"))
    prepare_missing()
    assert widths(asked(graphql, image)["webp"]) == ["120"]


def test_a_replaced_file_gets_sizes_of_its_own(admin_client, graphql):
    image = factories.CustomImageFactory(file=picture((1000, 500), "red"))
    prepare_missing()
    before = asked(graphql, image)
    form = {"title": image.title, "alt": image.alt, "collection": image.collection_id, "tags": ""}
    file = SimpleUploadedFile("blue.png", picture((900, 300), "blue").read(), "image/png")
    assert admin_client.post(reverse("wagtailimages:edit", args=[image.pk]), {**form, "file": file}).status_code == 302
    assert (asked(graphql, image)["width"], widths(asked(graphql, image)["webp"])) == (900, ["900"])
    assert prepare_missing() == 1
    after = asked(graphql, image)
    assert widths(after["webp"]) == ["400", "800"]
    assert not set(before["webp"].split(", ")) & set(after["webp"].split(", ")), (
        "addresses that a cache may keep for ever"
    )


def test_a_file_that_cannot_be_read_does_not_keep_the_others_waiting(graphql, caplog):
    broken = factories.CustomImageFactory(file=picture((1000, 500), "red"))
    broken.file.storage.delete(broken.file.name)
    broken.file.storage.save(broken.file.name, BytesIO(b"not a picture"))
    good = factories.CustomImageFactory(file=picture((500, 500), "blue"))
    assert prepare_missing() == 1
    assert f"Image {broken.pk} cannot be read" in caplog.text
    assert widths(asked(graphql, good)["webp"]) == ["400"]
    caplog.clear()
    assert prepare_missing() == 0
    assert caplog.text == "", "it is not tried over and over"
    assert CustomImage.objects.get(pk=broken.pk).placeholder == ""
