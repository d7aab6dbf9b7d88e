"""Images in public: sizes made after upload, never while somebody reads."""

import re
from io import BytesIO

import pytest
from django.core.files.images import ImageFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from PIL import ExifTags
from PIL import Image as Pillow

from content.changes import changes
from content.images import prepare_missing
from content.models.images import CustomImage, Rendition
from tests import factories

pytestmark = pytest.mark.django_db

SIZES = """query ($id: ID!) { node(id: $id) { ... on Image {
  url width height alt placeholder webp: srcset avif: srcset(format: AVIF) original: srcset(format: ORIGINAL) } } }"""


CROPS = """query ($id: ID!) { node(id: $id) { ... on Image { url webp: srcset avif: srcset(format: AVIF)
  wide: crop(to: WIDE) { ...shape } square: crop(to: SQUARE) { ...shape } social: crop(to: SOCIAL) { ...shape } } } }
fragment shape on CroppedImage { width height url webp: srcset avif: srcset(format: AVIF) }"""


SHAPES = {"wide": (1200, 675), "square": (640, 640), "social": (1200, 630)}


def asked(graphql, image, query=SIZES):
    return graphql(query, {"id": f"image:{image.pk}"})["data"]["node"]


def picture(size, color):
    data = BytesIO()
    Pillow.new("RGB", size, color).save(data, "PNG")
    data.seek(0)
    return ImageFile(data, name=f"{color}.png")


def halves(name="halves.png"):
    """Red on the left, blue on the right."""
    data = BytesIO()
    image = Pillow.new("RGB", (1600, 800), "red")
    image.paste("blue", (800, 0, 1600, 800))
    image.save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue(), "image/png")


def where_blue_begins(url):
    picture = opened(url).convert("RGB")
    return next(x for x in range(picture.width) if picture.getpixel((x, 10))[2] > 128)


def widths(srcset):
    return re.findall(r" (\d+)w(?:,|$)", srcset)


def addresses(found):
    """Every address in an answer."""
    return set(re.findall(r"https?://[^ ,\"']+", repr(found)))


def opened(url):
    """The file behind a public address, as a picture."""
    return Pillow.open(default_storage.open(url.partition("/media/")[2]))


def is_there(url):
    return default_storage.exists(url.partition("/media/")[2])


@pytest.fixture
def edit(admin_client, django_capture_on_commit_callbacks):
    """Save the form of an image, with what follows its commit."""

    def save(image, **changed):
        form = {"title": image.title, "alt": image.alt, "collection": image.collection_id, "tags": "", **changed}
        with django_capture_on_commit_callbacks(execute=True):
            response = admin_client.post(reverse("wagtailimages:edit", args=[image.pk]), form)
        assert response.status_code == 302, response.context["form"].errors

    return save


@pytest.fixture
def prepared(django_capture_on_commit_callbacks):
    """Make what is missing, with what follows the commits."""

    def make():
        with django_capture_on_commit_callbacks(execute=True):
            return prepare_missing()

    return make


def around(x, y):
    """A focal point of 100 by 100 pixels, as the form sends it."""
    return {"focal_point_x": x, "focal_point_y": y, "focal_point_width": 100, "focal_point_height": 100}


def test_the_original_stands_in_until_the_sizes_are_made(graphql, settings):
    settings.CMS_URL = "https://cms.example"
    image = factories.CustomImageFactory(file=picture((1000, 500), "red"))
    shown = asked(graphql, image)
    assert shown["url"].startswith("https://cms.example/media/original_images/")
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


def test_a_replaced_file_gets_sizes_of_its_own(edit, graphql):
    image = factories.CustomImageFactory(file=picture((1000, 500), "red"))
    prepare_missing()
    before = asked(graphql, image)
    edit(image, file=SimpleUploadedFile("blue.png", picture((900, 300), "blue").read(), "image/png"))
    shown = asked(graphql, image)
    assert (shown["width"], widths(shown["webp"]), shown["placeholder"]) == (900, ["900"], None)
    assert prepare_missing() == 1
    after = asked(graphql, image)
    assert widths(after["webp"]) == ["400", "800"]
    assert not set(before["webp"].split(", ")) & set(after["webp"].split(", ")), (
        "addresses that a cache may keep for ever"
    )


def test_a_file_that_cannot_be_read_does_not_keep_the_others_waiting(graphql, caplog):
    broken = factories.CustomImageFactory(file=picture((1000, 500), "red"))
    with changes():
        broken.file.storage.remove([broken.file.name])
    broken.file.storage.save(broken.file.name, BytesIO(b"not a picture"))
    good = factories.CustomImageFactory(file=picture((500, 500), "blue"))
    assert prepare_missing() == 1
    assert f"Image {broken.pk} cannot be read" in caplog.text
    assert widths(asked(graphql, good)["webp"]) == ["400"]
    caplog.clear()
    assert prepare_missing() == 0
    assert caplog.text == "", "it is not tried over and over"
    assert CustomImage.objects.get(pk=broken.pk).placeholder == ""


def test_a_picture_is_cut_to_the_shapes_of_the_list(graphql):
    image = factories.CustomImageFactory(file=picture((1600, 1600), "red"))
    before = asked(graphql, image, CROPS)
    whole = f"{before['url']} 1600w"
    for name, (width, height) in SHAPES.items():
        # The whole picture stands in, but the shape is told already.
        expected = {"width": width, "height": height, "url": before["url"], "webp": whole, "avif": whole}
        assert before[name] == expected
    assert not Rendition.objects.exists(), "reading cuts nothing"
    prepare_missing()
    after = asked(graphql, image, CROPS)
    found = {name: (after[name]["width"], after[name]["height"]) for name in SHAPES}
    assert found == SHAPES == {name: opened(after[name]["url"]).size for name in SHAPES}
    assert widths(after["wide"]["webp"]) == widths(after["wide"]["avif"]) == ["400", "800", "1200"]
    assert widths(after["square"]["webp"]) == ["160", "320", "640"]
    assert opened(after["social"]["url"]).format == "JPEG"
    assert after["social"]["webp"] == f"{after['social']['url']} 1200w"
    assert opened(after["square"]["url"]).format == "WEBP"


def test_a_crop_is_never_larger_than_what_there_is_to_cut(graphql):
    image = factories.CustomImageFactory(file=picture((500, 100), "red"))
    before = asked(graphql, image, CROPS)
    prepare_missing()
    after = asked(graphql, image, CROPS)
    for name, width in {"wide": 178, "square": 100, "social": 190}.items():
        assert (before[name]["width"], before[name]["height"]) == (width, 100)
        assert opened(after[name]["url"]).size == (after[name]["width"], after[name]["height"])
        assert after[name]["height"] == 100
        assert after[name]["width"] == pytest.approx(width, abs=2), "cut at whole pixels"


def test_a_crop_keeps_what_the_editor_marked(edit, graphql, prepared):
    query = "query ($id: ID!) { node(id: $id) { ... on Image { focalPoint { x y } webp: srcset square: crop(to: SQUARE) { url } } } }"
    image = factories.CustomImageFactory(file=halves())
    assert prepared() == 1
    centre = asked(graphql, image, query)
    assert centre["focalPoint"] is None
    cuts = [where_blue_begins(centre["square"]["url"])]
    edit(image, **around(1200, 400))
    shown = asked(graphql, image, query)
    assert shown == centre | {"focalPoint": {"x": 0.75, "y": 0.5}}, "the old crop stands in until there is a new one"
    assert prepared() == 1
    right = asked(graphql, image, query)
    cuts.append(where_blue_begins(right["square"]["url"]))
    edit(image, **around(200, 400))
    assert prepared() == 1
    left = asked(graphql, image, query)
    cuts.append(where_blue_begins(left["square"]["url"]))
    assert left["focalPoint"] == {"x": 0.125, "y": 0.5}

    assert right["webp"] == left["webp"] == centre["webp"], "what is not cut keeps its addresses"
    urls = [each["square"]["url"] for each in (centre, right, left)]
    assert len(set(urls)) == 3
    assert [is_there(url) for url in urls] == [False, False, True]
    assert cuts == pytest.approx([320, 160, 560], abs=2), "as `object-position` shows it"


def test_a_new_title_makes_no_new_sizes(edit, graphql, prepared):
    image = factories.CustomImageFactory(file=halves())
    edit(image, **around(1200, 400))
    prepared()
    before = asked(graphql, image, CROPS)
    edit(image, **around(1200, 400), title="Another")
    assert prepared() == 0
    assert asked(graphql, image, CROPS) == before


def test_no_address_ever_leads_to_another_picture(edit, admin_client, graphql, prepared):
    """A cache may keep for ever what it has once fetched."""
    seen = {}

    def look(image):
        for url in addresses([asked(graphql, image), asked(graphql, image, CROPS)]):
            content = default_storage.open(url.partition("/media/")[2]).read()
            assert seen.setdefault(url, content) == content, url

    for color in ("red", "blue"):
        for file in (picture((900, 600), color), picture((700, 700), color)):
            image = CustomImage.objects.first() or factories.CustomImageFactory(file=file)
            edit(image, file=SimpleUploadedFile("same.png", file.read(), "image/png"))
            look(image)
            prepared()
            look(image)
        edit(image, **around(10, 10))
        prepared()
        look(image)
        with changes():
            image.delete()
    assert len(seen) == 70


def test_width_and_height_are_those_of_the_picture_the_right_way_up(graphql, edit, prepared):
    exif = Pillow.Exif()
    exif[ExifTags.Base.Orientation] = 6
    data = BytesIO()
    Pillow.new("RGB", (1000, 500), "red").save(data, "JPEG", exif=exif)
    image = factories.CustomImageFactory(file=ImageFile(data, name="held-upright.jpg"))
    edit(image, **around(125, 750))
    prepared()
    query = "query ($id: ID!) { node(id: $id) { ... on Image { width height focalPoint { x y } wide: crop(to: WIDE) { width height url } } } }"
    shown = asked(graphql, image, query)
    assert (shown["width"], shown["height"]) == (500, 1000)
    assert shown["focalPoint"] == {"x": 0.25, "y": 0.75}
    assert (shown["wide"]["width"], shown["wide"]["height"]) == opened(shown["wide"]["url"]).size == (400, 225)


def test_a_size_that_was_stored_lying_is_mended(graphql):
    exif = Pillow.Exif()
    exif[ExifTags.Base.Orientation] = 8
    data = BytesIO()
    Pillow.new("RGB", (1000, 500), "red").save(data, "JPEG", exif=exif)
    image = factories.CustomImageFactory(file=ImageFile(data, name="held-upright.jpg"))
    CustomImage.objects.update(width=1000, height=500)
    prepare_missing()
    shown = asked(graphql, image)
    assert (shown["width"], shown["height"], widths(shown["webp"])) == (500, 1000, ["400"])


def test_shared_pages_show_the_social_crop_once_there_is_one(graphql, settings):
    query = '{ article(slug: "one") { seo { openGraph { property content } } } }'
    image = factories.CustomImageFactory(file=picture((1400, 900), "red"))
    factories.ArticlePageFactory(slug="one", hero=image)

    def shared():
        rows = graphql(query)["data"]["article"]["seo"]["openGraph"]
        found = {each["property"]: each["content"] for each in rows}
        return found["og:image"], found["og:image:width"], found["og:image:height"]

    assert shared() == (f"{settings.CMS_URL}{image.file.url}", "1400", "900")
    prepare_missing()
    url = asked(graphql, image, CROPS)["social"]["url"]
    assert shared() == (url, "1200", "630")
    assert url.endswith(".jpg")


def test_a_changed_list_is_followed_and_what_is_no_longer_in_it_is_removed(
    graphql, settings, django_capture_on_commit_callbacks
):
    image = factories.CustomImageFactory(file=picture((1000, 500), "red"))
    prepare_missing()
    image.get_rendition("max-165x165")
    before = asked(graphql, image)
    wide = {"ratio": (2, 1), "widths": [300], "formats": ["webp"]}
    settings.IMAGE_SIZES = {"widths": [400, 500], "formats": ["webp"], "crops": dict.fromkeys(SHAPES, wide)}
    assert asked(graphql, image) == before, "until then srcset holds what there is"
    with django_capture_on_commit_callbacks(execute=True):
        call_command("prepare_images")
    after = asked(graphql, image)
    assert widths(after["webp"]) == ["400", "500"]
    assert widths(after["avif"]) == ["1000"]
    assert asked(graphql, image, CROPS)["wide"]["width"] == 300
    gone = addresses(before) - addresses(after)
    assert len(gone) == 3
    assert not any(map(is_there, gone))
    specs = {"width-400|format-webp", "width-500|format-webp", "fill-300x150|format-webp", "max-165x165"}
    assert set(image.renditions.values_list("filter_spec", flat=True)) == specs
