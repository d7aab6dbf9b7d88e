"""Files of restricted collections: out of reach for everybody who may not see them, whatever way they became private."""

import gc
import json
import os
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pillow
from wagtail.documents.models import Document
from wagtail.models import Collection, CollectionViewRestriction, GroupCollectionPermission, UploadedFile
from wagtail.tasks import delete_file_from_storage_task

from content import files
from content.changes import changes, content_changed
from content.files import remove_orphans, sweep_files
from content.images import prepare_missing
from content.models.discarded import DiscardedFile
from content.models.images import CustomImage, Rendition
from tests import factories, processes
from tests.content.interchange import put, take_in
from tests.media import is_unguessable, read, status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

THUMBNAIL = "max-165x165"


@pytest.fixture
def post(admin_client, django_capture_on_commit_callbacks):
    """Send a form of the admin and let what follows its commit happen."""

    def send(name, /, *args, query="", **data):
        with django_capture_on_commit_callbacks(execute=True):
            response = admin_client.post(f"{reverse(name, args=args)}{query}", data)
        assert response.status_code in (200, 302), response.content
        return response

    return send


@pytest.fixture
def drafts():
    return collection("Drafts")


def collection(name, parent=None):
    parent = parent or Collection.get_first_root_node() or Collection.add_root(name="Root")
    return parent.add_child(name=name)


def restrict(post, which, kind="login"):
    post("wagtailadmin_collections:set_privacy", which.pk, restriction_type=kind, password="")


def picture(name="secret.png"):
    data = BytesIO()
    Pillow.new("RGB", (500, 300), "red").save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue(), "image/png")


def prepared(within):
    """An image with the sizes that are published and the admin's thumbnail."""
    image = factories.CustomImageFactory(collection=within, file=picture())
    prepare_missing()
    image.get_rendition(THUMBNAIL)
    return image


def paper(within, name="plan.pdf"):
    with changes():
        return Document.objects.create(title="Plan", file=ContentFile(b"%PDF-1.4 plan", name=name), collection=within)


def addresses(*owners):
    """Of each file, fresh from the database."""
    found = set()
    for owner in owners:
        owner = type(owner).objects.get(pk=owner.pk)
        found.add(owner.file.url)
        if isinstance(owner, CustomImage):
            found |= {each.file.url for each in owner.renditions.all()}
    return found


def statuses(client, urls):
    return {status(client, url) for url in urls}


def person(*rights, within=None):
    """Somebody who may open the admin and has these rights over images and documents of a collection."""
    user = User.objects.create_user(f"u{User.objects.count()}")
    group = Group.objects.create(name=user.username)
    user.groups.add(group)
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for right in rights:
        GroupCollectionPermission.objects.create(
            group=group,
            collection=within,
            permission=Permission.objects.get(codename=right, content_type__app_label__startswith="wagtail"),
        )
    client = Client()
    client.force_login(user)
    return client


def assert_private(admin_client, before, *owners, count=1):
    """What was at the addresses of before is nowhere, and the new ones are for those who may see them."""
    after = addresses(*owners)
    assert len(after) == len(before) >= count
    assert not before & after
    for client in (Client(), admin_client):
        assert statuses(client, before) == {404}
    assert all(url.startswith("/admin/files/") and is_unguessable(f"restricted/{url[13:]}") for url in after), after
    assert statuses(Client(), after) == statuses(person(), after) == {404}
    assert statuses(admin_client, after) == {200}


def assert_public(admin_client, before, *owners):
    after = addresses(*owners)
    assert len(after) == len(before)
    assert not before & after
    assert all(url.startswith("/media/released/") and is_unguessable(url[7:]) for url in after), after
    assert statuses(Client(), after) == {200}
    for client in (Client(), admin_client):
        assert statuses(client, before) == {404}


# Into privacy and out of it -------------------------------------------------------------------------------------------


def test_restricting_a_collection_takes_its_files_away_and_lifting_it_brings_them_back(
    post, admin_client, drafts, media
):
    owners = prepared(drafts), paper(drafts)
    original, count = addresses(*owners), len(media.names())
    assert statuses(Client(), original) == {200}
    restrict(post, drafts)
    assert_private(admin_client, original, *owners, count=5)
    private = addresses(*owners)
    restrict(post, drafts, "groups")
    assert addresses(*owners) == private, "it was private already"
    restrict(post, drafts, "none")
    assert_public(admin_client, private, *owners)
    assert statuses(Client(), original) == {404}, "never an address that was public before"
    assert len(media.names()) == count
    assert not DiscardedFile.objects.exists()
    remove_orphans()
    assert [each.name for each in media.private.rglob("*")] == ["restricted"], "nor is an empty folder left for long"


def test_collections_below_a_restricted_one_follow_it(post, admin_client, drafts):
    owners = prepared(collection("Inner", collection("Middle", drafts))), paper(drafts)
    before = addresses(*owners)
    restrict(post, drafts)
    assert_private(admin_client, before, *owners)
    private = addresses(*owners)
    restrict(post, drafts, "none")
    assert_public(admin_client, private, *owners)


def test_a_collection_that_is_moved_below_a_restricted_one_and_out_again_takes_its_files_along(
    post, admin_client, drafts
):
    other = collection("Other")
    owners = prepared(collection("Inner", other)), paper(other)
    before = addresses(*owners)
    restrict(post, drafts)
    assert addresses(*owners) == before
    post("wagtailadmin_collections:edit", other.pk, name="Other", parent=drafts.pk)
    assert_private(admin_client, before, *owners)
    private = addresses(*owners)
    post("wagtailadmin_collections:edit", other.pk, name="Other", parent=Collection.get_first_root_node().pk)
    assert_public(admin_client, private, *owners)


def test_an_image_and_a_document_follow_the_collection_chosen_in_their_forms(post, admin_client, drafts):
    root = Collection.get_first_root_node()
    restrict(post, drafts)
    image, document = owners = prepared(root), paper(root)
    before = addresses(*owners)

    def choose(chosen):
        form = {"title": "Moved", "collection": chosen.pk, "tags": ""}
        post("wagtailimages:edit", image.pk, **form, alt=image.alt)
        post("wagtaildocs:edit", document.pk, **form)

    choose(drafts)
    assert_private(admin_client, before, *owners)
    private = addresses(*owners)
    choose(root)
    assert_public(admin_client, private, *owners)


def test_images_and_documents_follow_the_collection_chosen_for_many(post, admin_client, drafts):
    root = Collection.get_first_root_node()
    restrict(post, drafts)
    image, document = owners = prepared(root), paper(root)
    before = addresses(*owners)

    def choose(chosen):
        for app, model, pk in (("wagtailimages", "customimage", image.pk), ("wagtaildocs", "document", document.pk)):
            label = "content" if app == "wagtailimages" else app
            action = (label, model, "add_to_collection")
            post("wagtail_bulk_action", *action, query=f"?id={pk}&next=/admin/", collection=chosen.pk)

    choose(drafts)
    assert_private(admin_client, before, *owners)
    private = addresses(*owners)
    choose(root)
    assert_public(admin_client, private, *owners)


def test_an_upload_into_a_restricted_collection_is_never_where_it_is_served(post, admin_client, drafts, media):
    restrict(post, drafts)
    form = {"title": "Secret", "collection": drafts.pk, "tags": ""}
    post("wagtailimages:add", **form, alt="A secret", file=picture())
    post("wagtaildocs:add", **form, file=SimpleUploadedFile("plan.pdf", b"%PDF-1.4 plan"))
    owners = CustomImage.objects.get(), Document.objects.get()
    assert all(is_unguessable(each.file.name) for each in owners)
    owners[0].get_rendition(THUMBNAIL)
    prepare_missing()
    assert {each.split()[0] for each in media.names()} == {"private"}
    assert statuses(admin_client, addresses(*owners)) == {200}
    assert statuses(Client(), addresses(*owners)) == {404}


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # Wagtail leaves the upload open
def test_an_upload_that_waits_for_its_title_is_served_by_nobody(post, admin_client, drafts, media):
    restrict(post, drafts)
    answer = post("wagtailimages:add_multiple", **{"files[]": picture(), "title": "", "collection": drafts.pk})
    upload = UploadedFile.objects.get()
    assert media.names() == {f"private {upload.file.name}"}
    with pytest.raises(ValueError, match="no address"):
        upload.file.url  # noqa: B018
    form = {"title": "Secret", "alt": "A secret", "collection": drafts.pk, "tags": ""}
    prefix = f"uploaded-image-{answer.json()['uploaded_file_id']}-"
    done = post(
        "wagtailimages:create_multiple_from_uploaded_image",
        upload.pk,
        **{f"{prefix}{name}": value for name, value in form.items()},
    )
    assert done.json()["success"], done.json()
    image = CustomImage.objects.get()
    assert media.names() == {f"private {image.file.name}"}
    assert is_unguessable(image.file.name)
    gc.collect()


def test_a_file_replaced_while_private_stays_private(post, admin_client, drafts, media):
    restrict(post, drafts)
    image, document = prepared(drafts), paper(drafts)
    before = addresses(image, document)
    form = {"title": "Replaced", "collection": drafts.pk, "tags": ""}
    post("wagtailimages:edit", image.pk, **form, alt=image.alt, file=picture("better.png"))
    post("wagtaildocs:edit", document.pk, **form, file=SimpleUploadedFile("better.pdf", b"%PDF-1.4 better"))
    after = addresses(image, document)
    assert statuses(admin_client, before) == {404}
    assert statuses(admin_client, after) == {200}
    assert all(is_unguessable(each.file.name) for each in (CustomImage.objects.get(), Document.objects.get()))
    assert len(media.names()) == 2, "the old files and sizes are gone"


def test_a_file_replaced_while_its_image_becomes_private_leaves_nothing_in_public(post, drafts, media):
    image = prepared(Collection.get_first_root_node())
    restrict(post, drafts)
    form = {"title": "Replaced", "collection": drafts.pk, "tags": "", "alt": image.alt}
    post("wagtailimages:edit", image.pk, **form, file=picture("better.png"))
    assert media.names() == {f"private {CustomImage.objects.get().file.name}"}


def test_a_copy_keeps_the_file_that_it_shares(post, drafts):
    image = prepared(drafts)
    copy = CustomImage.objects.get(pk=image.pk)
    copy.pk, copy.collection = None, Collection.get_first_root_node()
    copy._state.adding = True
    with changes():
        copy.save()
    shared = copy.file.url
    restrict(post, drafts)
    assert is_unguessable(CustomImage.objects.get(pk=image.pk).file.name)
    assert CustomImage.objects.get(pk=copy.pk).file.url == shared
    assert statuses(Client(), [shared]) == {200}, "it is the file of a public image"


def test_a_deleted_image_takes_its_private_files_along(post, drafts, media):
    restrict(post, drafts)
    image = prepared(drafts)
    assert len(media.names()) > 2
    post("wagtailimages:delete", image.pk)
    assert media.names() == set()


def test_wagtails_job_that_deletes_a_file_later_spares_the_next_one_of_that_name(
    drafts, enqueued, django_capture_on_commit_callbacks
):
    image = prepared(drafts)
    name = image.file.name
    with django_capture_on_commit_callbacks(execute=True):
        image.delete()
    assert not default_storage.exists(name)
    job = delete_file_from_storage_task
    assert name in [path for _, path in enqueued(job)]
    assert default_storage.save(name, ContentFile(b"another")) == name
    for arguments in enqueued(job):
        job.call(*arguments)
    assert default_storage.exists(name)


def test_a_collection_deleted_with_all_that_is_in_it_leaves_no_file(drafts, media, django_capture_on_commit_callbacks):
    prepared(collection("Inner", drafts))
    with django_capture_on_commit_callbacks(execute=True), changes():
        CollectionViewRestriction.objects.create(collection=drafts, restriction_type="login")
    assert {each.split()[0] for each in media.names()} == {"private"}
    with django_capture_on_commit_callbacks(execute=True), changes():
        CustomImage.objects.all().delete()
        Collection.objects.get(pk=drafts.pk).delete()
    assert media.names() == set()


def test_an_import_into_a_restricted_collection_puts_its_pictures_there(tmp_path, media):
    CollectionViewRestriction.objects.create(collection=Collection.get_first_root_node(), restriction_type="login")
    put(tmp_path / "in", "images/queue.png", picture().read())
    put(tmp_path / "in", "images/queue.png.md", "---\ntitle: Queue\nalt: A queue\n---\n")
    take_in(tmp_path / "in", "--dry-run")
    assert media.names() == set()
    take_in(tmp_path / "in")
    name = CustomImage.objects.get().file.name
    assert is_unguessable(name)
    assert name.endswith("/queue.png"), "by this it is known the next time"
    assert media.names() == {f"private {name}"}


def test_other_users_of_the_machine_read_no_private_file(post, drafts, media):
    paper(drafts)
    assert {each.parent.stat().st_mode & 0o055 for each in media.public.rglob("*.pdf")} == {0o055}
    restrict(post, drafts)
    post("wagtaildocs:add", title="Plan", collection=drafts.pk, tags="", file=SimpleUploadedFile("plan.pdf", b"%PDF"))
    folders = [each.parent.stat().st_mode & 0o777 for each in media.private.rglob("*.pdf")]
    assert folders == [0o700] * 2, "one was moved there, the other uploaded"


def test_two_images_never_have_the_same_last_part_of_their_names(post, drafts):
    restrict(post, drafts)
    names = {
        factories.CustomImageFactory(collection=each, file=picture()).file.name.rpartition("/")[2]
        for each in (drafts, Collection.get_first_root_node(), drafts)
    }
    assert len(names) == 3, names


# Who may see them -----------------------------------------------------------------------------------------------------


def test_a_private_file_is_for_those_who_find_it_in_the_admin(post, drafts):
    restrict(post, drafts)
    image, document = prepared(drafts), paper(drafts)
    for rights, sees_image, sees_document in (
        ([], 404, 404),
        (["choose_image"], 200, 404),
        (["choose_document"], 404, 200),
        (["change_image", "change_document"], 200, 200),
    ):
        client = person(*rights, within=drafts)
        assert statuses(client, addresses(image)) == {sees_image}, rights
        assert statuses(client, addresses(document)) == {sees_document}, rights
    elsewhere = person("choose_image", "change_image", within=collection("Other"))
    assert statuses(elsewhere, addresses(image)) == {404}
    outsider = Client()
    outsider.force_login(User.objects.create_user("reader"))
    assert statuses(outsider, addresses(image)) == {404}, "who may not open the admin"


def test_somebody_who_loses_the_right_or_is_deactivated_loses_the_file(post, drafts):
    restrict(post, drafts)
    urls = addresses(prepared(drafts))
    client = person("choose_image", within=drafts)
    assert statuses(client, urls) == {200}
    GroupCollectionPermission.objects.filter(collection=drafts).delete()
    assert statuses(client, urls) == {404}
    client = person("choose_image", within=drafts)
    User.objects.update(is_active=False)
    assert statuses(client, urls) == {404}


def test_a_private_file_is_sent_so_that_nobody_keeps_or_runs_it(post, admin_client, drafts):
    restrict(post, drafts)
    (url,) = addresses(factories.CustomImageFactory(collection=drafts, file=picture()))
    shown = admin_client.get(url)
    read(shown)
    assert (shown["Content-Type"], shown["Content-Disposition"]) == ("image/png", 'inline; filename="secret.png"')
    (url,) = addresses(paper(drafts, "page.html"))
    saved = admin_client.get(url)
    assert read(saved) == b"%PDF-1.4 plan"
    assert saved["Content-Type"] == "application/octet-stream"
    assert saved["Content-Disposition"] == 'attachment; filename="page.html"'
    for response in (shown, saved):
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_no_file_is_reached_without_a_row_that_names_it(post, admin_client, drafts, media):
    restrict(post, drafts)
    media.private.joinpath("top.txt").write_text("not ours")
    default_storage.save("restricted/left/over.png", ContentFile(b"left"))
    for name in ("left/over.png", "../top.txt", "..%2ftop.txt", "none", "a/../left/over.png"):
        assert admin_client.get(f"/admin/files/{name}").status_code == 404, name
    assert admin_client.post("/admin/files/left/over.png").status_code == 405


def test_a_row_whose_private_file_is_gone_leads_nowhere(post, admin_client, drafts):
    restrict(post, drafts)
    image = factories.CustomImageFactory(collection=drafts, file=picture())
    assert status(admin_client, image.file.url) == 200
    default_storage.delete(image.file.name)
    assert status(admin_client, image.file.url) == 404


def test_lists_and_choosers_show_the_thumbnails_of_private_images(post, drafts):
    restrict(post, drafts)
    image = prepared(drafts)
    document = paper(drafts)
    client = person("choose_image", "change_image", "change_document", within=drafts)
    thumbnail = Rendition.objects.get(image=image, filter_spec=THUMBNAIL).file.url
    assert thumbnail.startswith("/admin/files/")
    for name in ("wagtailimages:index", "wagtailimages_chooser:choose"):
        assert thumbnail in client.get(reverse(name)).content.decode().replace("\\u002D", "-"), name
    assert status(client, thumbnail) == 200
    assert client.get(reverse("wagtailimages:edit", args=[image.pk])).status_code == 200
    assert addresses(document).pop() in client.get(reverse("wagtaildocs:index")).content.decode()


def test_a_thumbnail_shown_before_is_shown_from_its_new_place_at_once(post, admin_client, drafts):
    image = prepared(drafts)
    before = image.get_rendition(THUMBNAIL).url
    restrict(post, drafts)
    after = CustomImage.objects.get(pk=image.pk).get_rendition(THUMBNAIL).url
    assert before != after
    assert status(admin_client, after) == 200


# Undone, failed, killed -----------------------------------------------------------------------------------------------


@pytest.fixture
def breaks():
    """Every change fails as the last thing in its transaction."""

    def fail(**_):
        raise ZeroDivisionError

    content_changed.connect(fail)
    yield
    content_changed.disconnect(fail)


def test_what_is_rolled_back_leaves_everything_as_it_was(
    admin_client, post, drafts, media, django_capture_on_commit_callbacks, request
):
    image, document = prepared(drafts), paper(drafts)
    hidden = collection("Hidden")
    restrict(post, hidden)
    private = paper(hidden)
    before, names = addresses(image, document, private), media.names()
    request.getfixturevalue("breaks")
    form = {"title": "Replaced", "collection": drafts.pk, "tags": ""}
    attempts = {
        "restrict": ("wagtailadmin_collections:set_privacy", drafts.pk, {"restriction_type": "login"}),
        "lift": ("wagtailadmin_collections:set_privacy", hidden.pk, {"restriction_type": "none"}),
        "replace": ("wagtailimages:edit", image.pk, {**form, "alt": image.alt, "file": picture("other.png")}),
        "delete": ("wagtailimages:delete", image.pk, {}),
    }
    for what, (name, pk, data) in attempts.items():
        with pytest.raises(ZeroDivisionError), django_capture_on_commit_callbacks(execute=True):
            admin_client.post(reverse(name, args=[pk]), data)
        assert addresses(image, document, private) == before, what
        assert media.names() == names, what
    assert not DiscardedFile.objects.exists()
    assert statuses(admin_client, before) == {200}


def test_what_goes_wrong_after_the_commit_costs_no_file(media, drafts, django_capture_on_commit_callbacks):
    from django.db import transaction

    image = factories.CustomImageFactory(collection=drafts, file=picture())
    with pytest.raises(ZeroDivisionError), django_capture_on_commit_callbacks(execute=True), changes():
        image.file = picture("other.png")
        image.save()
        transaction.on_commit(lambda: 1 / 0)
    assert f"public {CustomImage.objects.get(pk=image.pk).file.name}" in media.names()


def test_somebody_who_read_the_image_before_it_moved_does_not_bring_its_old_name_back(post, drafts):
    image, document = factories.CustomImageFactory(collection=drafts, file=picture()), paper(drafts)
    stale = CustomImage.objects.get(pk=image.pk), Document.objects.get(pk=document.pk)
    restrict(post, drafts)
    for each in stale:
        each.title = "Changed meanwhile"
        with changes():
            each.save()
        row = type(each).objects.get(pk=each.pk)
        assert row.title == "Changed meanwhile"
        assert row.file.storage.exists(row.file.name)


def test_the_sweep_deletes_what_a_killed_process_was_to_delete(media, drafts):
    image = factories.CustomImageFactory(collection=drafts, file=picture())
    left = default_storage.save("original_images/left.png", ContentFile(b"left"))
    for name in (left, image.file.name, "original_images/gone-already.png"):
        DiscardedFile.objects.create(name=name)
    sweep_files()
    assert media.names() == {f"public {image.file.name}"}, "what a row names is kept"
    assert not DiscardedFile.objects.exists()


def test_the_sweep_hides_what_was_made_private_behind_our_back(
    admin_client, drafts, django_capture_on_commit_callbacks
):
    owners = image, document = prepared(Collection.get_first_root_node()), paper(Collection.get_first_root_node())
    before = addresses(*owners)
    CollectionViewRestriction.objects.bulk_create(
        [CollectionViewRestriction(collection=drafts, restriction_type="login")]
    )
    CustomImage.objects.filter(pk=image.pk).update(collection=drafts)
    Document.objects.filter(pk=document.pk).update(collection=drafts)
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_files() == 2
    assert_private(admin_client, before, *owners)
    assert sweep_files() == 0
    private = addresses(*owners)
    CollectionViewRestriction.objects.all()._raw_delete("default")
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_files(everything=True) == 2
    assert_public(admin_client, private, *owners)


def test_the_sweep_hides_a_size_that_was_made_while_its_image_moved(
    post, admin_client, drafts, django_capture_on_commit_callbacks
):
    image = factories.CustomImageFactory(collection=drafts, file=picture())
    stale = CustomImage.objects.get(pk=image.pk)
    restrict(post, drafts)
    stale.file.storage.save(stale.file.name, ContentFile(picture().read()))
    stale.get_rendition("width-100")
    before = {Rendition.objects.get(filter_spec="width-100").file.url}
    assert statuses(Client(), before) == {200}
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_files() == 1
    assert statuses(Client(), before) == {404}
    assert is_unguessable(Rendition.objects.get(filter_spec="width-100").file.name)


def test_files_that_no_row_names_are_deleted_once_nobody_can_be_making_them(post, drafts, media):
    restrict(post, drafts)
    prepared(drafts)
    kept = media.names()
    for place in ("restricted", "released"):
        default_storage.save(f"{place}/abc/old.png", ContentFile(b"old"))
        default_storage.save(f"{place}/def/new.png", ContentFile(b"new"))
    default_storage.save("original_images/somebody-elses.png", ContentFile(b"theirs"))
    an_hour_ago = (timezone.now() - timedelta(minutes=61)).timestamp()
    for each in (*media.private.rglob("*.png"), *media.public.rglob("*.png")):
        if each.name != "new.png":
            os.utime(each, (an_hour_ago, an_hour_ago))
    everything = media.names()
    sweep_files()
    assert media.names() == everything, "looking at all files is for the sweep of the hour"
    sweep_files(everything=True)
    assert media.names() - kept == {
        "private restricted/def/new.png",
        "public released/def/new.png",
        "public original_images/somebody-elses.png",
    }
    assert kept <= media.names()


def test_a_moved_file_counts_as_new(post, drafts, media):
    image = factories.CustomImageFactory(collection=drafts, file=picture())
    os.utime(media.public / image.file.name, (0, 0))
    restrict(post, drafts)
    CustomImage.objects.update(file="")
    assert remove_orphans() == 0, "its row may not be committed yet"


def test_an_image_whose_file_is_gone_keeps_nobody_from_making_its_collection_private(
    post, admin_client, drafts, caplog, monkeypatch
):
    monkeypatch.setattr(files, "missing", set())
    lost = factories.CustomImageFactory(collection=drafts, file=picture())
    default_storage.delete(lost.file.name)
    image = factories.CustomImageFactory(collection=drafts, file=picture())
    before = addresses(image)
    restrict(post, drafts)
    assert_private(admin_client, before, image)
    assert CustomImage.objects.get(pk=lost.pk).file.name == lost.file.name
    assert f"image {lost.pk} has no file" in caplog.text
    assert sweep_files() == 0, "nor is it tried over and over"


def test_where_files_cannot_be_linked_they_are_copied(post, admin_client, drafts, monkeypatch):
    def refuse(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    owners = prepared(drafts), paper(drafts)
    before = addresses(*owners)
    restrict(post, drafts)
    assert_private(admin_client, before, *owners)


def test_without_folders_files_move_between_other_storages(post, settings, drafts, django_capture_on_commit_callbacks):
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = settings.STORAGES | {"public": memory, "private": memory}
    image = prepared(drafts)
    old = CustomImage.objects.get(pk=image.pk).file.name
    restrict(post, drafts)
    new = CustomImage.objects.get(pk=image.pk).file.name
    assert is_unguessable(new)
    assert (default_storage.exists(old), default_storage.exists(new)) == (False, True)
    assert remove_orphans() == 0


@pytest.mark.parametrize("inside", ["MEDIA_ROOT", "STATIC_ROOT"])
def test_a_private_folder_that_a_web_server_would_serve_is_refused(settings, tmp_path, inside):
    call_command("check")
    settings.PRIVATE_MEDIA_ROOT = os.path.join(getattr(settings, inside), "private")
    with pytest.raises(BaseException, match=rf"content.E001\) PRIVATE_MEDIA_ROOT is inside {inside}"):
        call_command("check")


@pytest.mark.django_db(transaction=True)
def test_a_kill_at_any_step_leaves_no_row_without_its_file_and_nothing_secret_in_public(tmp_path, media, settings):
    factories.tree()
    drafts = collection("Drafts")
    factories.CustomImageFactory(collection=drafts, file=picture()).get_rendition(THUMBNAIL)
    with processes.shared_database(tmp_path) as database:
        places = json.dumps({place: settings.STORAGES[place] for place in ("public", "private")})
        code, output = processes.run(database, "-m", "tests.content.kill_moving", str(drafts.pk), places)
    assert code == 0, output
    rounds = [line.split() for line in output.splitlines() if line.startswith("round ")]
    assert len(rounds) >= 20, output
    # what was done, where it died, rows without file, public files that a private image left, files too many
    assert all(found == ["0", "0", "0"] for _, _, _, *found in rounds), output
    assert {"link", "remove", "statement"} <= {where.partition(":")[0] for _, _, where, *_ in rounds}, output
