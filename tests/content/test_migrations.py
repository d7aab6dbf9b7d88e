"""Migrations know the database and no blocks."""

import io

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from content.fields import RawStream, StreamField
from content.models.article import ArticlePage
from tests.factories import ArticlePageFactory, every_block

HISTORIC = MigrationLoader(None)


def stored(article):
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM content_articlepage WHERE page_ptr_id = %s", [article.pk])
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_the_models_have_their_migrations():
    call_command("makemigrations", "content", check=True, dry_run=True, stdout=io.StringIO())


def test_a_stream_field_tells_migrations_no_blocks():
    name, path, args, kwargs = ArticlePage._meta.get_field("body").deconstruct()
    assert (name, path, args, kwargs) == ("body", "content.fields.StreamField", [[]], {})


@pytest.mark.django_db
def test_a_data_migration_that_loads_and_saves_a_page_loses_nothing():
    article = ArticlePageFactory(body=every_block())
    before = stored(article)
    past = HISTORIC.project_state().apps.get_model("content", "ArticlePage")

    page = past.objects.get(pk=article.pk)
    assert isinstance(page.body, RawStream)
    page.save()

    assert stored(article) == before
    assert len(ArticlePage.objects.get(pk=article.pk).body) == 7


@pytest.mark.django_db
def test_a_data_migration_changes_the_stored_rows():
    article = ArticlePageFactory(body=[("heading", {"text": "Old", "level": "2"})])
    past = HISTORIC.project_state().apps.get_model("content", "ArticlePage")
    page = past.objects.get(pk=article.pk)
    page.body.raw_data[0]["value"]["text"] = "New"
    page.save()
    assert ArticlePage.objects.get(pk=article.pk).body[0].value["text"] == "New"


def test_an_empty_stream_stays_one():
    field = StreamField([])
    assert [field.to_python(value) for value in (None, "", "[]", [])] == [RawStream()] * 4
