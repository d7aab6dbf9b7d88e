"""Uploaded files in the buckets of an object storage: public ones for everybody, private ones through the CMS alone."""

import json
import threading
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image as Pillow
from wagtail.documents.models import Document
from wagtail.models import Collection

from content import buckets as module
from content import files
from content.changes import changes
from content.files import remove_orphans, sweep_files
from content.images import prepare_missing
from content.models.discarded import DiscardedFile
from content.models.images import CustomImage
from tests import factories, processes
from tests.buckets import fetched
from tests.media import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("buckets")]

FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture
def post(admin_client, django_capture_on_commit_callbacks):
    """Send a form of the admin and let what follows its commit happen."""

    def send(name, *args, **data):
        with django_capture_on_commit_callbacks(execute=True):
            response = admin_client.post(reverse(name, args=args), data)
        assert response.status_code in (200, 302), response.content

    return send


@pytest.fixture
def drafts():
    return (Collection.get_first_root_node() or Collection.add_root(name="Root")).add_child(name="Drafts")


def picture(name="secret.png"):
    data = BytesIO()
    Pillow.new("RGB", (500, 300), "red").save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue(), "image/png")


def addresses():
    image = CustomImage.objects.get()
    return {each.file.url for each in (image, *image.renditions.all(), Document.objects.get())}


def statuses(client, urls):
    found = set()
    for url in urls:
        response = client.get(url)
        read(response)
        found.add(response.status_code)
    return found


def test_a_file_is_public_then_private_then_public_and_then_gone(post, admin_client, drafts, buckets):
    form = {"title": "Plan", "collection": drafts.pk, "tags": ""}
    post("wagtailimages:add", **form, alt="A plan", file=picture())
    post("wagtaildocs:add", **form, file=SimpleUploadedFile("plan.pdf", b"%PDF-1.4 plan", "text/html"))
    prepare_missing()
    first = addresses()
    assert len(first) == len(buckets.names()) > 3
    assert all(url.startswith(f"{buckets.media_url}") for url in first)
    assert {fetched(url)[0] for url in first} == {200}
    before = sorted(buckets.content().values())

    post("wagtailadmin_collections:set_privacy", drafts.pk, restriction_type="login", password="")
    hidden = addresses()
    assert {name.split("/")[0] for name in buckets.names()} == {"private restricted"}
    assert {fetched(url)[0] for url in first} == {404}
    assert {fetched(f"{buckets.endpoint}/{buckets.private}/{name[8:]}")[0] for name in buckets.names()} == {403}
    assert statuses(Client(), hidden) == {404}
    assert statuses(admin_client, hidden) == {200}

    post("wagtailadmin_collections:set_privacy", drafts.pk, restriction_type="none", password="")
    again = addresses()
    assert {fetched(url)[0] for url in again} == {200}
    assert statuses(admin_client, hidden) == {404}
    assert {fetched(url)[0] for url in first} == {404}, "never an address that was public before"
    assert sorted(buckets.content().values()) == before, "byte for byte"
    assert not DiscardedFile.objects.exists()

    post("wagtailimages:delete", CustomImage.objects.get().pk)
    post("wagtaildocs:delete", Document.objects.get().pk)
    assert buckets.names() == set()


def test_a_picture_is_shown_and_may_be_kept_for_ever_wherever_it_came_from(drafts, buckets):
    image = factories.CustomImageFactory(collection=drafts, file=picture())
    document = default_storage.save("documents/page.html", ContentFile(b"<script>alert(1)</script>"))
    with changes():
        moved = default_storage.place(
            [(document, "released/0123456789012345678901/"), (image.file.name, "restricted/x/")]
        )
    status, headers, _ = fetched(image.file.url)
    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, "image/png", FOR_EVER)
    assert "Content-Disposition" not in headers
    for name, keeping in ((document, "public, no-cache"), (moved[0], FOR_EVER)):
        status, headers, content = fetched(default_storage.url(name))
        assert content == b"<script>alert(1)</script>"
        assert headers["Content-Type"] == "application/octet-stream", "never what it says that it is"
        assert headers["Content-Disposition"] == 'attachment; filename="page.html"'
        assert headers["Cache-Control"] == keeping
    kept = buckets.client.head_object(Bucket=buckets.private, Key=moved[1])
    assert kept["CacheControl"] == "private, no-store"


def test_what_fails_leaves_no_file_and_deletes_none(drafts, buckets):
    image = factories.CustomImageFactory(collection=drafts, file=picture())
    before = buckets.names()
    with pytest.raises(RuntimeError), changes():
        image.delete()
        default_storage.save("documents/new.pdf", ContentFile(b"new"))
        default_storage.place([(image.file.name, "restricted/0123456789012345678901/")])
        assert len(buckets.names()) == 3
        raise RuntimeError
    assert buckets.names() == before


def test_two_uploads_of_one_name_at_once_are_two_files(buckets, monkeypatch):
    both, looked = threading.Barrier(2), []
    exists = module.Bucket.exists

    def looking(bucket, name):
        found = exists(bucket, name)
        looked.append(name)
        if len(looked) <= 2:
            both.wait(30)
        return found

    monkeypatch.setattr(module.Bucket, "exists", looking)
    saved = []
    uploads = [
        threading.Thread(
            target=lambda content=content: saved.append(default_storage.save("documents/same.pdf", content))
        )
        for content in (ContentFile(b"one"), ContentFile(b"two"))
    ]
    for each in uploads:
        each.start()
    for each in uploads:
        each.join()
    assert len(set(saved)) == 2
    assert sorted(buckets.content().values()) == [b"one", b"two"]


def test_files_that_nothing_names_are_found_page_by_page(buckets, monkeypatch):
    monkeypatch.setattr(files, "BATCH", 2)
    for number in range(5):
        for place in ("released", "restricted"):
            default_storage.save(f"{place}/{number}/left.png", ContentFile(b"left"))
    default_storage.save("original_images/somebody-elses.png", ContentFile(b"theirs"))
    assert remove_orphans() == 0, "they may be of a change that is under way"
    monkeypatch.setattr(files, "ORPHANED_AFTER", -timedelta(hours=1))
    sweep_files(everything=True)
    assert buckets.names() == {"public original_images/somebody-elses.png"}


def test_trouble_is_told_as_that_of_a_disk(buckets, settings):
    with pytest.raises(FileNotFoundError):
        default_storage.open("documents/none.pdf")
    with pytest.raises(FileNotFoundError):
        default_storage.size("documents/none.pdf")
    with pytest.raises(FileNotFoundError):
        default_storage.get_modified_time("restricted/none")
    assert default_storage.place([("documents/none.pdf", "restricted/a/")]) == [None]
    with buckets.looking_at_keys(), pytest.raises(PermissionError, match=r"documents/one.pdf: .*\(403\)"):
        default_storage.exists("documents/one.pdf")
    nobody = {"endpoint_url": "http://127.0.0.1:9"}
    settings.STORAGES = settings.STORAGES | {"public": buckets.storage(buckets.public, **nobody)}
    with pytest.raises(OSError, match="Could not connect to the endpoint URL"):
        default_storage.open("documents/one.pdf")


def test_a_large_file_is_read_by_way_of_the_disk(buckets):
    default_storage.save("documents/large.zip", ContentFile(b"0" * (module.IN_MEMORY + 1)))
    with default_storage.open("documents/large.zip") as file:
        assert file.file._rolled
        assert len(file.read()) == module.IN_MEMORY + 1


def test_threads_share_one_client(buckets):
    clients = []
    threads = [threading.Thread(target=lambda: clients.append(storages["public"].client)) for _ in range(3)]
    assert storages["public"].client
    for each in threads:
        each.start()
        each.join()
    assert set(map(id, clients)) == {id(storages["public"].client)}


@pytest.mark.django_db(transaction=True)
def test_a_kill_between_copy_and_deletion_loses_nothing(tmp_path, buckets):
    factories.tree()
    drafts = (Collection.get_first_root_node() or Collection.add_root(name="Root")).add_child(name="Drafts")
    factories.CustomImageFactory(collection=drafts, file=picture()).get_rendition("max-165x165")
    with processes.shared_database(tmp_path) as database:
        code, output = processes.run(
            database, "-m", "tests.content.kill_moving", str(drafts.pk), json.dumps(buckets.storages)
        )
    assert code == 0, output
    rounds = [line.split() for line in output.splitlines() if line.startswith("round ")]
    assert all(found == ["0", "0", "0"] for _, _, _, *found in rounds), output
    assert [where for _, _, where, *_ in rounds] == ["CopyObject", "CopyObject", "DeleteObject", "DeleteObject"] * 2
