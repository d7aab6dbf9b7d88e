"""Where a page lives: in the front end, never here."""

import pytest
from django.http import HttpResponse
from django.urls import reverse
from wagtail.models import Page

from content.models.article import ArticlePage
from content.remembered import remembering
from tests.factories import ArticlePageFactory, tree

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frontend(settings):
    settings.FRONTEND_URL = "https://www.example.com"


def test_a_page_of_the_default_site_has_the_front_ends_address():
    article = ArticlePageFactory(slug="python")
    expected = "https://www.example.com/articles/python/"
    assert (article.url, article.full_url, article.get_url(), article.get_full_url()) == (expected,) * 4
    assert tree().home.full_url == "https://www.example.com/"


def test_a_page_of_another_site_has_that_sites_address():
    article = ArticlePageFactory(parent=tree("other.example").articles, slug="python")
    assert article.url == article.full_url == "https://other.example/articles/python/"


def test_a_page_outside_every_site_has_none():
    assert ArticlePage(title="Lost", slug="lost", url_path="/lost/").full_url is None


def test_a_reading_request_asks_for_the_sites_once(rf, django_assert_num_queries):
    first, second = ArticlePageFactory(), ArticlePageFactory()

    @remembering
    def read(request):
        first.get_full_url(request)
        with django_assert_num_queries(0):
            second.get_full_url(request)
        return HttpResponse()

    read(rf.get("/"))


def test_view_live_leads_to_the_front_end(admin_client):
    article = ArticlePageFactory(slug="python")
    for screen in ("wagtailadmin_pages:edit", "wagtailadmin_explore"):
        address = reverse(screen, args=[article.pk if "edit" in screen else article.get_parent().pk])
        assert 'href="https://www.example.com/articles/python/"' in admin_client.get(address).content.decode()


def test_no_page_is_served_here(client):
    ArticlePageFactory(slug="python")
    assert client.get("/articles/python/").status_code == 404
    assert Page.objects.filter(slug="python").exists()
