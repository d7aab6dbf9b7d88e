"""Images and their alternative text."""

import io
import struct
import zlib
from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction

from content import images
from content.changes import changes, content_changed
from content.images import CLAIMED, UNREADABLE, prepare, prepare_missing, prepare_one, version
from content.models.images import CustomImage, Rendition
from content.storage import MediaStorage
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


# When sizes are made -------------------------------------------------------------------------------------------------


@pytest.fixture
def edit(admin_client, django_capture_on_commit_callbacks):
    """Save the form of an image, or of a new one, with what follows its commit."""

    def save(image=None, **changed):
        form = {"title": "Terminal", "alt": "All tests green", "tags": "", **changed}
        form["collection"] = image.collection_id if image else Collection.get_first_root_node().pk
        address = reverse("wagtailimages:edit", args=[image.pk]) if image else reverse("wagtailimages:add")
        with django_capture_on_commit_callbacks(execute=True):
            response = admin_client.post(address, form)
        assert response.status_code == 302, response.context["form"].errors
        return CustomImage.objects.order_by("pk").last()

    return save


MARKED = {"focal_point_x": 20, "focal_point_y": 20, "focal_point_width": 10, "focal_point_height": 10}


def test_a_task_makes_the_sizes_of_what_was_uploaded_replaced_or_marked(edit, enqueued):
    def is_due_once():
        (arguments,) = enqueued(images.prepare_image)[count:]
        assert list(arguments) == [image.pk]
        assert not CustomImage.objects.get().is_prepared
        images.prepare_image.call(*arguments)
        return CustomImage.objects.get().is_prepared

    count = 0
    image = edit(file=picture())
    assert is_due_once()
    count = len(enqueued(images.prepare_image))
    edit(image, title="Another title")
    assert len(enqueued(images.prepare_image)) == count
    edit(image, file=picture())
    assert is_due_once()
    count = len(enqueued(images.prepare_image))
    edit(image, **MARKED)
    assert is_due_once()
    count = len(enqueued(images.prepare_image))
    edit(image, **MARKED, title="Yet another")
    assert len(enqueued(images.prepare_image)) == count


def test_the_job_is_enqueued_with_the_change_and_never_for_what_is_rolled_back(enqueued):
    image = CustomImageFactory()
    assert enqueued(images.prepare_image) == [[image.pk]]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        image.focal_point_x = image.focal_point_y = image.focal_point_width = image.focal_point_height = 5
        image.save()
        assert len(enqueued(images.prepare_image)) == 2
        raise ZeroDivisionError
    assert len(enqueued(images.prepare_image)) == 1


def test_the_job_of_an_image_that_a_killed_process_began_is_tried_again():
    image = CustomImageFactory()
    CustomImage.objects.update(claimed_at=timezone.now())
    with pytest.raises(images.BeingPrepared):
        images.prepare_image.call(image.pk)
    CustomImage.objects.update(claimed_at=timezone.now() - CLAIMED - timedelta(seconds=1))
    images.prepare_image.call(image.pk)
    assert CustomImage.objects.get().is_prepared
    images.prepare_image.call(image.pk)


def test_images_without_a_job_are_prepared_by_and_by(enqueued):
    image = CustomImageFactory()
    DBTaskResult.objects.all().delete()
    images.prepare_rest.call()
    assert CustomImage.objects.get(pk=image.pk).is_prepared
    assert enqueued(images.prepare_rest) == [[]], "as long as it finds one, it looks once more"
    images.prepare_rest.call()
    assert enqueued(images.prepare_rest) == [[]]


def test_nobody_waits_for_sizes_where_tasks_are_done_at_once(edit):
    edit(file=picture())
    assert not Rendition.objects.filter(filter_spec__contains="format-").exists()
    assert prepare_missing() == 1


def test_saving_only_a_focal_point_makes_the_crops_anew():
    image = CustomImageFactory()
    prepare_missing()
    image = CustomImage.objects.get()
    image.focal_point_x = image.focal_point_y = image.focal_point_width = image.focal_point_height = 5
    with changes():
        image.save(update_fields=images.FOCAL_POINT)
    assert prepare_missing() == 1
    image.title = "Another"
    image.save(update_fields=["title"])
    assert prepare_missing() == 0


def test_an_image_that_somebody_is_preparing_is_left_to_them_for_a_while():
    image = CustomImageFactory()
    CustomImage.objects.update(claimed_at=timezone.now())
    assert prepare_one(image.pk) is False
    assert prepare_missing() == 0
    CustomImage.objects.update(claimed_at=timezone.now() - CLAIMED - timedelta(seconds=1))
    assert prepare_missing() == 1


@pytest.mark.parametrize("changed", ["file", "focal point", "deleted"])
def test_nothing_is_kept_of_what_was_made_of_an_image_that_changed_meanwhile(changed, edit, monkeypatch):
    image = CustomImageFactory()
    look_at = images._look_at

    def changing(data):
        monkeypatch.setattr(images, "_look_at", look_at)
        if changed == "deleted":
            with changes():
                CustomImage.objects.get().delete()
        else:
            edit(image, **({"file": picture()} if changed == "file" else MARKED))
        return look_at(data)

    monkeypatch.setattr(images, "_look_at", changing)
    assert prepare_one(image.pk) is False
    assert not Rendition.objects.filter(filter_spec__contains="format-").exists()
    assert prepare_missing() == (changed != "deleted")


def test_sizes_that_another_process_made_meanwhile_are_kept_and_not_made_twice():
    image = CustomImageFactory()
    stale = CustomImage.objects.prefetch_related("renditions").get()
    list(stale.renditions.all())
    assert prepare(image)
    before = set(Rendition.objects.values_list("pk", "file"))
    assert prepare(stale)
    assert set(Rendition.objects.values_list("pk", "file")) == before


def test_preparing_is_told_once():
    image, heard = CustomImageFactory(), []

    def listen(keys, **_):
        heard.append(keys)

    content_changed.connect(listen)
    prepare_missing()
    content_changed.disconnect(listen)
    assert heard == [{f"image:{image.pk}"}]


def test_a_storage_that_is_away_makes_no_image_unreadable(monkeypatch, caplog):
    image = CustomImageFactory()

    def away(*_):
        raise PermissionError("the storage is away")

    with monkeypatch.context() as patch:
        patch.setattr(MediaStorage, "open", away)
        assert prepare_missing() == 0
    assert f"Image {image.pk} could not be prepared; it is tried again in 0:02:00" in caplog.text
    CustomImage.objects.update(claimed_at=timezone.now() - CLAIMED - timedelta(seconds=1))
    assert prepare_missing() == 1


# The command ---------------------------------------------------------------------------------------------------------


def broken(content=b"not a picture"):
    image = CustomImageFactory(title="Broken")
    with changes():
        image.file.storage.remove([image.file.name])
    if content:
        image.file.storage.save(image.file.name, io.BytesIO(content))
    return image


def test_the_command_prepares_everything_and_says_what_cannot_be_read(capsys):
    good, bad, gone = CustomImageFactory(), broken(), broken(content=None)
    with pytest.raises(CommandError, match="2 images have no sizes and are published as they are. Replace their files"):
        call_command("prepare_images")
    output = capsys.readouterr()
    assert output.err.strip() == "Images prepared: 3"
    first, second = output.out.strip().splitlines()
    assert first.startswith(f"Image {bad.pk}, “Broken”, cannot be read: it is no picture, or a broken one (")
    assert second == f"Image {gone.pk}, “Broken”, cannot be read: the file is not there."
    states = dict(CustomImage.objects.values_list("pk", "prepared"))
    assert states == {good.pk: version(), bad.pk: UNREADABLE, gone.pk: UNREADABLE}


def test_the_command_goes_on_where_it_was_stopped(capsys, monkeypatch):
    for _ in range(3):
        CustomImageFactory()
    usual, done = images.prepare, []

    def stopping(image):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(image.pk)
        return usual(image)

    monkeypatch.setattr(images, "prepare", stopping)
    with pytest.raises(KeyboardInterrupt):
        call_command("prepare_images")
    # The process that was stopped had begun with it.
    CustomImage.objects.update(claimed_at=None)
    monkeypatch.setattr(images, "prepare", usual)
    capsys.readouterr()
    call_command("prepare_images")
    assert capsys.readouterr().err.strip() == "Images prepared: 1"
    assert all(image.is_prepared for image in CustomImage.objects.all())


def test_a_file_that_comes_back_is_prepared_by_the_command():
    image = broken(content=None)
    assert prepare_missing() == 0
    image.file.storage.save(image.file.name, picture())
    assert prepare_missing() == 0
    call_command("prepare_images")
    assert CustomImage.objects.get().is_prepared


# What is refused -----------------------------------------------------------------------------------------------------


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def promised(width, height):
    """The first bytes of a PNG of this size. Whoever decoded it would fail."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
NOT_TAKEN = (
    "Pictures of this kind are not taken: save it as one of AVIF, GIF, JPG, JPEG, PNG, WEBP. An SVG drawing may hold "
    "programs; export it as PNG or WebP, at least 800 pixels wide."
)
TOO_LARGE = "This picture has more than 50 million pixels (width times height). Make it smaller."
NO_PICTURE = "This is no picture, or a broken one."


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bomb.png", promised(50_000, 50_000), TOO_LARGE),
        ("large.png", promised(10_000, 5_001), TOO_LARGE),
        ("drawing.svg", SVG, NOT_TAKEN),
        ("drawing.png", SVG, "Not a valid .png image. The extension does not match the file format (svg)"),
        ("page.png", HTML, NO_PICTURE),
        ("page.html", picture().read(), NOT_TAKEN),
        ("photo.jpg", picture().read(), "Not a valid .jpeg image. The extension does not match the file format (png)"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value[-5:] and len(value) < 15 else "",
)
@pytest.mark.parametrize("address", ["wagtailimages:add", "wagtailimages:add_multiple"])
def test_what_is_no_picture_of_a_sensible_size_is_refused(address, name, content, message, admin_client):
    file = SimpleUploadedFile(name, content)
    if address == "wagtailimages:add":
        response = admin_client.post(reverse(address), {"title": "A", "alt": "A", "tags": "", "file": file})
        assert response.context["form"].errors == {"file": [message]}
    else:
        response = admin_client.post(reverse(address), {"title": "A", "files[]": file})
        assert response.json() == {"success": False, "error_message": message}
    assert not CustomImage.objects.exists()


def test_a_file_name_cannot_hold_a_program(edit):
    image = edit(file=SimpleUploadedFile('"><script>alert(1)<.png', picture().read()))
    assert image.file.name.rpartition("/")[2].strip("abcdefghijklmnopqrstuvwxyz0123456789_.-") == ""


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "page.xhtml", "program.js", "data.xml"])
def test_documents_that_a_browser_would_run_are_refused(name, admin_client):
    form = {"title": "A", "collection": Collection.get_first_root_node().pk, "tags": ""}
    response = admin_client.post(reverse("wagtaildocs:add"), form | {"file": SimpleUploadedFile(name, HTML)})
    (message,) = response.context["form"].errors["file"]
    assert message.startswith(
        f"File extension “{name.rpartition('.')[2]}” is not allowed. Allowed extensions are: csv,"
    )
    assert not get_document_model().objects.exists()


# What editors and operators are told ---------------------------------------------------------------------------------


def test_the_form_and_the_list_say_what_readers_get(admin_client, edit):
    image = CustomImageFactory()

    def told():
        form = admin_client.get(reverse("wagtailimages:edit", args=[image.pk])).content.decode()
        lists = [admin_client.get(reverse("wagtailimages:index") + f"?layout={each}") for each in ("grid", "list")]
        marks = ["Private", "Sizes are being made", "Cannot be read"]
        found = [
            [mark for mark in marks if f'<span class="w-status">{mark}<' in each.content.decode()] for each in lists
        ]
        assert found[0] == found[1]
        return form, found[0]

    form, marks = told()
    assert "Public: readers get it where a published page shows it." in form
    assert "<dd>They are being made: look again in a few seconds.</dd>" in form
    assert marks == ["Sizes are being made"]

    prepare_missing()
    form, marks = told()
    assert "<dd>400 pixels wide. Cut: social, square, wide.</dd>" in form
    assert marks == []

    with changes():
        CollectionViewRestriction.objects.create(collection=image.collection, restriction_type="login")
    CustomImage.objects.update(prepared=UNREADABLE)
    form, marks = told()
    assert "Private: the collection is restricted, and readers do not get this image." in form
    assert "<dd>None: the file cannot be read as a picture. Replace it, or delete the image.</dd>" in form
    assert marks == ["Private", "Cannot be read"]


ROW = {"ratio": (16, 9), "widths": [400], "formats": ["webp"]}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"widths": []}, "The `widths` are whole numbers from 1 to 4096, one at least."),
        ({"widths": [400, 9000]}, "The `widths` are whole numbers from 1 to 4096, one at least."),
        ({"widths": [True]}, "The `widths` are whole numbers from 1 to 4096, one at least."),
        ({"formats": ["jpeg"]}, "The `formats` are of avif, webp, one at least."),
        ({"crops": {}}, "`crops` is a dictionary with one crop at least."),
        ({"crops": {"Wide-1": ROW}}, "'Wide-1' is no name for a crop: use small letters, digits and underscores."),
        ({"crops": {"wide": {}}}, "The crop 'wide' is a dictionary with `ratio`, `widths` and `formats`."),
        (
            {"crops": {"wide": ROW | {"ratio": (16, 0)}}},
            "The `ratio` of the crop 'wide' is two whole numbers: (16, 9).",
        ),
        (
            {"crops": {"wide": ROW | {"widths": ["4"]}}},
            "The `widths` of the crop 'wide' are whole numbers from 1 to 4096, one at least.",
        ),
        (
            {"crops": {"wide": ROW | {"formats": ["bmp"]}}},
            "The `formats` of the crop 'wide' are of avif, webp, jpeg, one at least.",
        ),
        ({"widths": list(range(100, 160))}, "These are 133 sizes, and each image gets all; 60 is the most."),
        ({"heights": [1]}, "It is a dictionary with `widths`, `formats` and `crops`."),
    ],
)
def test_a_list_of_sizes_that_cannot_be_made_is_found_by_a_check(settings, changed, fault):
    settings.IMAGE_SIZES = settings.IMAGE_SIZES | changed
    (error,) = run_checks(tags=["files"])
    assert (error.id, error.msg) == ("content.E002", f"IMAGE_SIZES is wrong. {fault}")
    assert error.hint == "cms/settings/base.py has a list that works; docs/images.md explains it."
