"""Metadata of pictures: where and by whom they were taken is not published with them."""

import io

import pytest
from django.core.files.images import ImageFile
from django.urls import reverse
from PIL import ExifTags, Image, ImageCms, ImageOps, PngImagePlugin

from content.metadata import without_metadata
from content.models.images import CustomImage
from tests.factories import CustomImageFactory

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>59,19.8N</exif:GPSLatitude></x:xmpmeta>'
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")


def exif(held=1):
    """As a telephone writes it."""
    written = Image.Exif()
    written[ExifTags.Base.Orientation] = held
    written[ExifTags.Base.Model] = "Telephone of Ada"
    place = written.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (59.0, 19.0, 48.0)
    return written.tobytes()


def photograph(kind="JPEG", held=1, **more):
    """Dark on the left, light on the right, so that it can be seen how it is held."""
    output = io.BytesIO()
    picture = Image.linear_gradient("L").rotate(90).convert("RGB").resize((120, 80))
    picture.save(output, kind, exif=exif(held), icc_profile=PROFILE, **more)
    return output.getvalue()


def opened(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def pixels(data):
    return ImageOps.exif_transpose(opened(data)).convert("RGB").tobytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_place_and_camera_are_taken_out_and_colours_stay(kind):
    taken = photograph(kind, **({} if kind == "PNG" else {"xmp": XMP}))
    assert opened(taken).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert b"Telephone" in taken
    clean = without_metadata(taken)
    picture = opened(clean)
    assert (picture.format, picture.size) == (kind, (120, 80))
    assert dict(picture.getexif()) == {}
    assert picture.info["icc_profile"] == PROFILE
    assert not {"exif", "xmp"} & picture.info.keys()
    assert b"Telephone" not in clean
    assert b"GPSLatitude" not in clean
    assert without_metadata(clean) == clean


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("held", [1, 3, 6, 8])
def test_pixels_and_the_way_the_camera_was_held_stay(kind, held):
    taken = photograph(kind, held)
    clean = without_metadata(taken)
    assert pixels(clean) == pixels(taken)
    assert opened(clean).getexif().get(ExifTags.Base.Orientation, 1) == held
    assert set(opened(clean).getexif()) <= {ExifTags.Base.Orientation}
    assert b"Telephone" not in clean


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_a_picture_that_is_written_anew_is_held_as_before(kind):
    taken = photograph(kind, 6)
    clean = without_metadata(taken)
    sizes = [ImageOps.exif_transpose(opened(each)).size for each in (taken, clean)]
    assert sizes == [(80, 120), (80, 120)]
    assert b"Telephone" not in clean


def test_progressive_jpeg_with_everything_around_it_keeps_its_pixels_alone():
    taken = photograph(progressive=True, xmp=XMP, comment=b"Ada was here")
    # What Photoshop writes, and a second picture behind the end of the first one.
    taken = taken[:2] + b"\xff\xed\0\x0dAda at home" + taken[2:] + photograph()
    clean = without_metadata(taken)
    assert pixels(clean) == pixels(taken)
    assert b"Ada" not in clean
    assert clean.endswith(b"\xff\xd9")
    assert clean.count(b"\xff\xd8") == 1


def test_texts_inside_a_png_go():
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Ada")
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    clean = without_metadata(photograph("PNG", pnginfo=texts))
    assert opened(clean).text == {}
    assert b"Ada" not in clean


def test_what_has_no_metadata_or_is_no_picture_stays_as_it_is():
    plain = io.BytesIO()
    Image.new("RGB", (10, 10)).save(plain, "WEBP")
    for data in (plain.getvalue(), b"", b"no picture", b"\xff\xd8\xff\xe1", photograph("GIF")):
        assert without_metadata(data) == data


@pytest.mark.django_db
def test_an_upload_is_kept_without_its_metadata_and_known_by_what_is_kept(admin_client):
    file = ImageFile(io.BytesIO(photograph(held=6)), name="at-home.jpg")
    form = {"title": "At home", "alt": "A desk", "credit": "", "tags": "", "file": file}
    assert admin_client.post(reverse("wagtailimages:add"), form).status_code == 302
    image = CustomImage.objects.get()
    stored = image.file.read()
    assert stored == without_metadata(photograph(held=6))
    assert (image.width, image.height, image.file_size) == (80, 120, len(stored))
    known = image.file_hash
    image._set_file_hash()
    assert image.file_hash == known


@pytest.mark.django_db
def test_what_a_program_saves_is_cleaned_too():
    image = CustomImageFactory(file=ImageFile(io.BytesIO(photograph()), name="at-home.jpg"))
    assert image.file.read() == without_metadata(photograph())
