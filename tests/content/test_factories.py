"""Every page type and snippet can be made by a test."""

import pytest
from django.apps import apps
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.snippets.models import get_snippet_models

from tests import factories

PAGES = [model for model in apps.get_app_config("content").get_models() if issubclass(model, Page)]
SNIPPETS = get_snippet_models()


@pytest.mark.django_db
@pytest.mark.parametrize("model", [*PAGES, *SNIPPETS, get_image_model()], ids=lambda model: model.__name__)
def test_every_model_has_a_factory_that_makes_a_valid_object(model):
    made = getattr(factories, f"{model.__name__}Factory")()
    made.full_clean()
    assert type(made) is model


@pytest.mark.django_db
def test_a_page_is_published_by_a_revision():
    article = factories.ArticlePageFactory()
    assert (article.live, article.has_unpublished_changes) == (True, False)
    assert article.live_revision == article.latest_revision


@pytest.mark.django_db
def test_a_draft_was_never_published():
    article = factories.ArticlePageFactory(live=False)
    assert (article.live, article.first_published_at) == (False, None)


@pytest.mark.django_db
def test_a_second_site_has_a_tree_of_its_own():
    other = factories.tree("other.example")
    article = factories.ArticlePageFactory(parent=other.articles, slug="one")
    assert article.full_url == "https://other.example/articles/one/"
    assert factories.tree().home != other.home


@pytest.mark.django_db(transaction=True)
def test_the_tree_grows_in_an_empty_database():
    Page.objects.all().delete()
    assert factories.ArticlePageFactory().get_parent() == Page.objects.get(slug="articles")
