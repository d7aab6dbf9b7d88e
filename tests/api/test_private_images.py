"""An image that becomes private is gone from everything that shows it, and comes back under other addresses."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Collection, CollectionViewRestriction

from content.changes import changes
from content.images import prepare_missing
from content.models.article import ArticlePage
from content.models.site_settings import PublicationSettings
from tests import factories
from tests.media import status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

SHOWING = """query ($article: String!, $image: ID!) {
  article: resolve(path: $article) { ... on Article {
    hero { url srcset } seo { image { url } }
    body { ... on ImageBlock { image { url } } ... on GalleryBlock { images { image { url } } } } } }
  plain: resolve(path: "/plain/") { ... on StandardPage { seo { image { url } } } }
  person(slug: "ada") { photo { url } }
  site { socialImage { url } }
  node(id: $image) { __typename }
}"""


@pytest.fixture
def shown(graphql, settings, admin_client):
    """Ask for everything that shows one image; restrict its collection and lift it with `shown.restrict(kind)`."""
    settings.CMS_URL = "http://testserver"
    tree = factories.tree()
    folder = Collection.get_first_root_node().add_child(name="Drafts")
    image, other = factories.CustomImageFactory(collection=folder), factories.CustomImageFactory()
    prepare_missing()
    pictures = [{"image": each, "alt": "", "decorative": False, "caption": "", "credit": ""} for each in (image, other)]
    article = factories.ArticlePageFactory(
        hero=image, body=[("image", pictures[0]), ("gallery", {"caption": "", "images": pictures})]
    )
    factories.PersonFactory(name="Ada", slug="ada", photo=image)
    factories.StandardPageFactory(slug="plain")
    with changes():
        PublicationSettings.objects.create(site=tree.site, social_image=image)
    path = ArticlePage.objects.get(pk=article.pk).url_path.removeprefix(tree.home.url_path.rstrip("/"))

    class Shown:
        def __init__(self):
            self.image = image

        def __call__(self):
            return graphql(SHOWING, {"article": path, "image": f"image:{image.pk}"})["data"]

        def restrict(self, kind):
            address = reverse("wagtailadmin_collections:set_privacy", args=[folder.pk])
            assert admin_client.post(address, {"restriction_type": kind, "password": ""}).status_code == 200

    return Shown()


def urls(found):
    """Every address in an answer."""
    if isinstance(found, dict):
        return {each for key, value in found.items() for each in ({value} if key == "url" else urls(value))}
    if isinstance(found, list):
        return {each for value in found for each in urls(value)}
    return set()


def test_what_shows_a_private_image_shows_none_and_shows_it_again_when_it_is_back(
    shown, client, django_capture_on_commit_callbacks
):
    before = shown()
    with django_capture_on_commit_callbacks(execute=True):
        shown.restrict("login")
    hidden = shown()
    (other,) = urls(hidden)
    (old,) = urls(before) - {other}
    assert hidden == {
        "article": {
            "hero": None,
            "seo": {"image": None},
            "body": [{"image": None}, {"images": [{"image": {"url": other}}]}],
        },
        "plain": {"seo": {"image": None}},
        "person": {"photo": None},
        "site": {"socialImage": None},
        "node": None,
    }
    sizes = {each.split()[0] for each in before["article"]["hero"]["srcset"].split(", ")}
    assert sizes
    assert {client.get(url).status_code for url in {old} | sizes} == {404}

    with django_capture_on_commit_callbacks(execute=True):
        shown.restrict("none")
    back = shown()
    (new,) = urls(back) - {other}
    assert new.startswith("http://testserver/media/released/")
    assert repr(back).replace(new, old) != repr(before), "the sizes have other addresses too"
    assert urls(back["article"]["body"]) == {new, other}
    for place in (back["article"]["hero"], back["article"]["seo"]["image"], back["person"]["photo"]):
        assert place["url"] == new
    assert back["site"]["socialImage"] == back["plain"]["seo"]["image"] == {"url": new}
    again = {each.split()[0] for each in back["article"]["hero"]["srcset"].split(", ")}
    assert not again & sizes
    assert {status(client, url) for url in {new} | again} == {200}
    assert {status(client, url) for url in {old} | sizes} == {404}


def test_the_bulk_action_hides_images_from_the_public_as_the_form_does(
    shown, admin_client, django_capture_on_commit_callbacks
):
    private = Collection.get_first_root_node().add_child(name="Private")
    CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
    action = reverse("wagtail_bulk_action", args=["content", "customimage", "add_to_collection"])
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(f"{action}?id={shown.image.pk}&next=/admin/", {"collection": private.pk})
    assert shown()["node"] is None
    assert shown()["article"]["hero"] is None


def test_hiding_and_opening_many_images_takes_as_many_statements_as_for_few(
    admin_client, django_capture_on_commit_callbacks
):
    def statements(count):
        folder = Collection.get_first_root_node().add_child(name=f"{count} images")
        for _ in range(count):
            factories.CustomImageFactory(collection=folder)
        prepare_missing()
        address = reverse("wagtailadmin_collections:set_privacy", args=[folder.pk])
        counts = []
        for kind in ("login", "none"):
            with django_capture_on_commit_callbacks(execute=True), CaptureQueriesContext(connection) as captured:
                assert admin_client.post(address, {"restriction_type": kind, "password": ""}).status_code == 200
            counts.append(len(captured))
        return counts

    assert statements(2) == statements(7)
